en|"""Greeting client: greets the server, shows its answer and how long it is.
en|
en|Run it:       python3 greeting_client.py [HOST [PORT]]
en|The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|"""Клиент приветствий: приветствует сервер, показывает ответ и его длину.
ru|
ru|Запуск:       python3 greeting_client.py [ХОСТ [ПОРТ]]
ru|Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 8007
GREETING = "Привет, сервер"


def receive(stream):
en|    """What the server sends until it closes the connection."""
ru|    """То, что отправляет сервер, пока не закроет соединение."""
en|    # TODO 5: connect, send GREETING and end your half of the connection. Receive until the server
en|    # ends its half.
en|    # Look up: socket.create_connection, encode, sendall, shutdown, recv.
ru|    # TODO 5: подключитесь, отправьте GREETING и закройте свою половину соединения. Принимайте, пока
ru|    # сервер не закроет свою.
ru|    # Справка: socket.create_connection, encode, sendall, shutdown, recv.
    return b""


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
en|    # TODO 5: print the answer, and its length in bytes: not in characters.
en|    # Look up: len, decode.
ru|    # TODO 5: напечатайте ответ и его длину в байтах, а не в символах.
ru|    # Справка: len, decode.
en|    # TODO 6: one clear line if the server is not there, breaks the connection off or closes it
en|    # without a word.
en|    # Look up: OSError, sys.exit.
ru|    # TODO 6: одна понятная строка, если сервер не запущен, сбросил соединение или закрыл его,
ru|    # ничего не сказав.
ru|    # Справка: OSError, sys.exit.
en|    print(f"TODO 5: would connect to {host}:{port}")
ru|    print(f"TODO 5: здесь будет соединение с {host}:{port}")


if __name__ == "__main__":
    main()
