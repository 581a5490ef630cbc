"""Greeting client: asks for the server's port."""

import socket
import sys

port = int(input("Порт: "))
try:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.sendall("Привет, сервер".encode("utf-8"))
    message = b""
    while True:
        data = connection.recv(1_000_000)
        if not data:
            break
        message += data
except OSError as error:
    sys.exit(f"Нет ответа: {error}")
n_bytes = len(message)
print("Сообщение от сервера:", message.decode("utf-8", "replace"))
print("длиной", n_bytes, "байт")
connection.close()
