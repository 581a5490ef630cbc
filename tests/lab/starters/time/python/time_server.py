en|"""Time server: tells every client the local time.
en|
en|Run it:       python3 time_server.py [PORT]
en|Talk to it:   nc 127.0.0.1 8888
en|The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|"""Сервер времени: сообщает каждому клиенту местное время.
ru|
ru|Запуск:       python3 time_server.py [ПОРТ]
ru|Собеседник:   nc 127.0.0.1 8888
ru|Руководство:  docs/ru/src/time.md; номера TODO — это его шаги
"""

import socket
import sys
import time

PORT = 8888


def listen(port):
en|    """A socket that listens on every IPv4 address."""
ru|    """Сокет, который слушает на всех адресах IPv4."""
en|    # TODO 1: make a socket, bind it to the port on all addresses and let it listen, with a backlog
en|    # of 5.
en|    # Look up: socket.socket, bind, listen, `""`, SO_REUSEADDR.
ru|    # TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание с
ru|    # очередью подключений 5.
ru|    # Справка: socket.socket, bind, listen, `""`, SO_REUSEADDR.
en|    print(f"TODO 1: nothing listens on port {port} yet", flush=True)
ru|    print(f"TODO 1: порт {port} пока никто не слушает", flush=True)


def serve(stream):
en|    """Tells one client the time."""
ru|    """Сообщает одному клиенту время."""
en|    # TODO 1: send the local time as ctime writes it, with a newline, in ASCII.
en|    # Look up: time.ctime, encode, sendall.
ru|    # TODO 1: отправьте местное время в том виде, как его пишет ctime, с переводом строки, в ASCII.
ru|    # Справка: time.ctime, encode, sendall.


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
en|    # TODO 1: wait for a client. How many sockets are there now?
en|    # Look up: accept.
ru|    # TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|    # Справка: accept.
en|    # TODO 2: close the connection: nothing else says that the text is complete. There are two
en|    # sockets: which one?
en|    # Look up: close, with.
ru|    # TODO 2: закройте соединение: больше ничто не говорит, что текст закончен. Сокетов два: какой
ru|    # из них?
ru|    # Справка: close, with.
en|    # TODO 3: print whom the request came from.
en|    # Look up: print(..., flush=True).
ru|    # TODO 3: напечатайте, от кого пришёл запрос.
ru|    # Справка: print(..., flush=True).
en|    # TODO 4: go on with the next client.
en|    # Look up: while.
ru|    # TODO 4: переходите к следующему клиенту.
ru|    # Справка: while.
en|    # TODO 6: a client that breaks the connection off must not end the server: report the error and
en|    # go on.
en|    # Look up: try, OSError.
ru|    # TODO 6: клиент, который сбросил соединение, не должен завершать сервер: сообщите об ошибке и
ru|    # продолжайте.
ru|    # Справка: try, OSError.


if __name__ == "__main__":
    main()
