en|"""Hello client over UDP: sends one datagram and ends.
en|
en|Run it:       python3 udp_client.py [HOST [PORT]]
en|The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|"""Hello-клиент по UDP: отправляет одну датаграмму и завершается.
ru|
ru|Запуск:       python3 udp_client.py [ХОСТ [ПОРТ]]
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
en|    # TODO 4: make a datagram socket and send MESSAGE, without connecting.
en|    # Look up: SOCK_DGRAM, encode, sendto.
ru|    # TODO 4: создайте сокет датаграмм и отправьте MESSAGE, не подключаясь.
ru|    # Справка: SOCK_DGRAM, encode, sendto.
en|    # TODO 4: what do you know once it is sent?
ru|    # TODO 4: что известно после отправки?
en|    print(f"TODO 4: would send to {host}:{port}")
ru|    print(f"TODO 4: здесь будет отправка на {host}:{port}")


if __name__ == "__main__":
    main()
