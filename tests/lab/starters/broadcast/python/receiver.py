en|"""Broadcast receiver: shows every datagram that comes to its port.
en|
en|Run it:       python3 receiver.py [PORT]
en|Talk to it:   echo hello | nc -u -w 1 127.0.0.1 8888
en|The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|"""Получатель рассылки: показывает каждую датаграмму, пришедшую на его порт.
ru|
ru|Запуск:       python3 receiver.py [ПОРТ]
ru|Собеседник:   echo hello | nc -u -w 1 127.0.0.1 8888
ru|Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги
"""

import socket
import sys

PORT = 8888
en|BUFFER = 128  # what a datagram has beyond it is lost
ru|BUFFER = 128  # всё, что в датаграмме сверх этого, теряется


def bind(port):
en|    """A datagram socket on every IPv4 address that shares its port with others."""
ru|    """Сокет датаграмм на всех адресах IPv4, который делит порт с другими."""
en|    # TODO 1: make a datagram socket and bind it to the port on all addresses.
en|    # Look up: SOCK_DGRAM, bind, `""`.
ru|    # TODO 1: создайте сокет датаграмм и привяжите его к порту на всех адресах.
ru|    # Справка: SOCK_DGRAM, bind, `""`.
en|    # TODO 2: two receivers should share the port: set SO_REUSEADDR (and SO_BROADCAST). In which
en|    # line does it belong?
en|    # Look up: setsockopt.
ru|    # TODO 2: два получателя должны делить порт: установите SO_REUSEADDR (и SO_BROADCAST). На какой
ru|    # строке этому место?
ru|    # Справка: setsockopt.
en|    print(f"TODO 1: nothing listens on port {port} yet", flush=True)
ru|    print(f"TODO 1: порт {port} пока никто не слушает", flush=True)


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    receiver = bind(port)
en|    # TODO 1: in a loop, receive a datagram of up to BUFFER bytes, and print the message and its
en|    # sender.
en|    # Look up: recvfrom, decode, print(..., flush=True).
ru|    # TODO 1: в цикле принимайте датаграмму длиной до BUFFER байт и печатайте сообщение и
ru|    # отправителя.
ru|    # Справка: recvfrom, decode, print(..., flush=True).
en|    # TODO 3: bytes that are no text, a datagram that is cut inside a letter and an empty one must
en|    # not end it.
en|    # Look up: decode(errors=...).
ru|    # TODO 3: байты, которые не текст, датаграмма, обрезанная внутри буквы, и пустая датаграмма не
ru|    # должны его завершать.
ru|    # Справка: decode(errors=...).


if __name__ == "__main__":
    main()
