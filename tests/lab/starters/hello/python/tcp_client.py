en|"""Hello client over TCP: sends one message and ends.
en|
en|Run it:       python3 tcp_client.py [HOST [PORT]]
en|The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|"""Hello-клиент по TCP: отправляет одно сообщение и завершается.
ru|
ru|Запуск:       python3 tcp_client.py [ХОСТ [ПОРТ]]
ru|Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 12345
MESSAGE = "Hello, server!"


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
en|    # TODO 1: connect, send MESSAGE, close.
en|    # Look up: socket.create_connection, encode, sendall, with.
ru|    # TODO 1: подключитесь, отправьте MESSAGE, закройте соединение.
ru|    # Справка: socket.create_connection, encode, sendall, with.
en|    # TODO 5: one clear line if the server is not there.
en|    # Look up: try, OSError, sys.exit.
ru|    # TODO 5: одна понятная строка, если сервер не запущен.
ru|    # Справка: try, OSError, sys.exit.
en|    print(f"TODO 1: would connect to {host}:{port}")
ru|    print(f"TODO 1: здесь будет соединение с {host}:{port}")


if __name__ == "__main__":
    main()
