en|"""Hello server over UDP: shows one datagram and ends.
en|
en|Run it:       python3 udp_server.py [PORT]
en|Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
en|The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|"""Hello-сервер по UDP: показывает одну датаграмму и завершается.
ru|
ru|Запуск:       python3 udp_server.py [ПОРТ]
ru|Собеседник:   echo hello | nc -u -w 1 127.0.0.1 12345
ru|Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги
"""

import socket
import sys

en|HOST = "127.0.0.1"  # clients of this machine only
ru|HOST = "127.0.0.1"  # клиенты только с этой машины
PORT = 12345
en|MOST = 65536  # no datagram is longer
ru|MOST = 65536  # длиннее датаграмм не бывает


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
en|    # TODO 3: make a datagram socket, bind it to the port of HOST, receive one datagram, print who
en|    # sent what. Which calls of the TCP server are not needed, and why?
en|    # Look up: SOCK_DGRAM, bind, recvfrom.
ru|    # TODO 3: создайте сокет датаграмм, привяжите его к порту на HOST, примите одну датаграмму и
ru|    # напечатайте, кто и что прислал. Какие вызовы сервера TCP не нужны и почему?
ru|    # Справка: SOCK_DGRAM, bind, recvfrom.
en|    print(f"TODO 3: nothing listens on port {port} yet", flush=True)
ru|    print(f"TODO 3: порт {port} пока никто не слушает", flush=True)


if __name__ == "__main__":
    main()
