en|"""Greeting server: shows the message of every client and answers it.
en|
en|Run it:       python3 greeting_server.py [PORT]
en|Talk to it:   echo hello | nc -N 127.0.0.1 8007
en|The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|"""Сервер приветствий: показывает сообщение каждого клиента и отвечает.
ru|
ru|Запуск:       python3 greeting_server.py [ПОРТ]
ru|Собеседник:   echo hello | nc -N 127.0.0.1 8007
ru|Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги
"""

import socket
import sys

PORT = 8007
en|MOST = 1_000_000  # bytes of a message
en|PAUSE = 0.5  # seconds without more bytes end a message
ru|MOST = 1_000_000  # больше байтов в сообщении не бывает
ru|PAUSE = 0.5  # столько секунд без новых байтов — и сообщение закончено
GREETING = "Привет, клиент"


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


def receive(stream):
en|    """A message, as bytes."""
ru|    """Сообщение, в байтах."""
en|    # TODO 1: receive a message.
en|    # Look up: recv.
ru|    # TODO 1: примите сообщение.
ru|    # Справка: recv.
en|    # TODO 4: one receive is not one message: collect portions, up to MOST bytes, until the end of
en|    # the stream, or until the client pauses for as long as PAUSE says. Before it speaks it may
en|    # think for longer.
en|    # Look up: settimeout, socket.timeout.
ru|    # TODO 4: один приём — не одно сообщение: собирайте порции, не больше MOST байт, до конца потока
ru|    # или пока клиент не сделает паузу длиной PAUSE. Прежде чем заговорить, он может думать и
ru|    # дольше.
ru|    # Справка: settimeout, socket.timeout.
    return b""


def serve(stream, peer):
en|    """Shows the message of one client and answers it."""
ru|    """Показывает сообщение одного клиента и отвечает."""
en|    # TODO 2: print the message as text, and the client's address.
en|    # Look up: decode, print(..., flush=True).
ru|    # TODO 2: напечатайте сообщение как текст и адрес клиента.
ru|    # Справка: decode, print(..., flush=True).
en|    # TODO 1: answer with GREETING in UTF-8 and close the connection.
en|    # Look up: encode, sendall, close.
ru|    # TODO 1: ответьте текстом GREETING в UTF-8 и закройте соединение.
ru|    # Справка: encode, sendall, close.
en|    # TODO 6: bytes that are no UTF-8, a client that says nothing and one that breaks off must not
en|    # end the server.
en|    # Look up: decode(errors=...), try, OSError.
ru|    # TODO 6: байты не в UTF-8, молчащий клиент и сброс соединения не должны завершать сервер.
ru|    # Справка: decode(errors=...), try, OSError.


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
en|    # TODO 1: wait for a client. How many sockets are there now?
en|    # Look up: accept.
ru|    # TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|    # Справка: accept.
en|    # TODO 3: go on with the next client.
en|    # Look up: while.
ru|    # TODO 3: переходите к следующему клиенту.
ru|    # Справка: while.


if __name__ == "__main__":
    main()
