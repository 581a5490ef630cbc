"""Greeting server: asks for its port; a second without more data ends a message."""

import socket

MOST = 1_000_000


def receive(connection):
    message = b""
    while len(message) < MOST:
        try:
            data = connection.recv(MOST - len(message))
        except TimeoutError:
            break
        if not data:
            break
        message += data
        connection.settimeout(1)
    return message


def serve(connection, address):
    message = receive(connection)
    text = message.decode("utf-8", "replace")
    print("Сообщение:", text, "было отправлено клиентом:", address, flush=True)
    connection.sendall("Привет, клиент".encode("utf-8"))


listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("", int(input("Порт: "))))
listener.listen(5)
while True:
    connection, address = listener.accept()
    try:
        serve(connection, address)
    except OSError as error:
        print("Сбой:", error, flush=True)
    connection.close()
