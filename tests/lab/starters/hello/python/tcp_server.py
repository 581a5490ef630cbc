en|"""Hello server over TCP: shows the message of one client and ends.
en|
en|Run it:       python3 tcp_server.py [PORT]
en|Talk to it:   echo hello | nc -N 127.0.0.1 12345
en|The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|"""Hello-сервер по TCP: показывает сообщение одного клиента и завершается.
ru|
ru|Запуск:       python3 tcp_server.py [ПОРТ]
ru|Собеседник:   echo hello | nc -N 127.0.0.1 12345
ru|Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги
"""

import socket
import sys

en|HOST = "127.0.0.1"  # clients of this machine only
ru|HOST = "127.0.0.1"  # клиенты только с этой машины
PORT = 12345


def listen(port):
en|    """A socket that listens on loopback."""
ru|    """Сокет, который слушает на интерфейсе обратной связи."""
en|    # TODO 2: make a socket, bind it to the port of HOST and let it listen.
en|    # Look up: socket.socket, bind, listen, SO_REUSEADDR.
ru|    # TODO 2: создайте сокет, привяжите его к порту на HOST и включите прослушивание.
ru|    # Справка: socket.socket, bind, listen, SO_REUSEADDR.
en|    print(f"TODO 2: nothing listens on port {port} yet", flush=True)
ru|    print(f"TODO 2: порт {port} пока никто не слушает", flush=True)


def receive(stream):
en|    """What the client sends until it ends its half."""
ru|    """То, что отправляет клиент, пока не закроет свою половину."""
en|    # TODO 2: receive until the client ends its half, for a message may come in pieces.
en|    # Look up: recv, `b""`.
ru|    # TODO 2: принимайте, пока клиент не закроет свою половину: сообщение может прийти по частям.
ru|    # Справка: recv, `b""`.
    return b""


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
en|    # TODO 2: wait for one client: no loop, the server ends after it.
en|    # Look up: accept.
ru|    # TODO 2: дождитесь одного клиента: без цикла, после него сервер завершается.
ru|    # Справка: accept.
en|    # TODO 2: print who connected and what came. Answer nothing, close, end.
en|    # Look up: decode, print(..., flush=True), with.
ru|    # TODO 2: напечатайте, кто подключился и что пришло. Ничего не отвечайте, закройте соединение и
ru|    # завершитесь.
ru|    # Справка: decode, print(..., flush=True), with.


if __name__ == "__main__":
    main()
