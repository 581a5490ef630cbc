en|"""Time client: asks a server for the time and shows it.
en|
en|Run it:       python3 time_client.py [HOST [PORT]]
en|The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|"""Клиент времени: спрашивает у сервера время и показывает его.
ru|
ru|Запуск:       python3 time_client.py [ХОСТ [ПОРТ]]
ru|Руководство:  docs/ru/src/time.md; номера TODO — это его шаги
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 8888


def receive(stream):
en|    """What the server sends until it closes the connection."""
ru|    """То, что отправляет сервер, пока не закроет соединение."""
en|    # TODO 5: connect and receive until the server ends the stream: the text may come in pieces.
en|    # Print it.
en|    # Look up: socket.create_connection, recv, `b""`, decode.
ru|    # TODO 5: подключитесь и принимайте, пока сервер не закончит поток: текст может прийти по
ru|    # частям. Напечатайте его.
ru|    # Справка: socket.create_connection, recv, `b""`, decode.
    return b""


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
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
