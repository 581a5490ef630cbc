"""Echo server: one client after another, text returned unchanged. Usage: server.py [LOGFILE]"""

import socket
import sys

log = open(sys.argv[1], "a", encoding="utf-8") if len(sys.argv) > 1 else sys.stdout


def say(text):
    print(text, file=log, flush=True)


def ask_port():
    while True:
        answer = input("Порт [9090]: ").strip()
        if not answer:
            return 9090
        if answer.isdigit() and 0 < int(answer) < 65536:
            return int(answer)
        print("Нужно число от 1 до 65535")


def listen(port):
    while True:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
            listener.listen(5)
            say(f"Слушаю порт {port}")
            return listener
        except OSError:
            listener.close()
            port += 1


def serve(connection, address):
    while True:
        data = connection.recv(1024)
        if not data:
            break
        say(f"Получено {len(data)} байт от {address}")
        connection.sendall(data)
        say(f"Отправлено {len(data)} байт клиенту {address}")


def main():
    port = ask_port()
    say("Сервер запущен")
    listener = listen(port)
    while True:
        connection, address = listener.accept()
        say(f"Клиент подключился: {address}")
        try:
            serve(connection, address)
        except OSError as error:
            say(f"Сбой: {error}")
        connection.close()
        say(f"Клиент отключился: {address}")


try:
    main()
except KeyboardInterrupt:
    say("Сервер остановлен")
