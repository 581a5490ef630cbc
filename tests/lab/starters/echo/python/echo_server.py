en|"""Echo server: returns to every client what it sends, one client after another.
en|
en|Run it:       python3 echo_server.py [PORT [LOGFILE]]
en|Talk to it:   nc 127.0.0.1 9090
en|The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|"""Эхо-сервер: возвращает клиентам то, что они прислали, одному за другим.
ru|
ru|Запуск:       python3 echo_server.py [ПОРТ [ЖУРНАЛ]]
ru|Собеседник:   nc 127.0.0.1 9090
ru|Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги
"""

import socket
import sys

PORT = 9090
en|PORTION = 1024  # the most bytes that one recv takes
ru|PORTION = 1024  # больше байтов один recv не берёт


def say(text):
en|    """Writes a service message."""
ru|    """Выводит служебное сообщение."""
en|    # TODO 8: the second argument is a file: write the messages there instead, each one at once.
en|    # Look up: open(..., "a"), print(file=..., flush=True).
ru|    # TODO 8: второй аргумент — файл: пишите сообщения туда, причём каждое сразу.
ru|    # Справка: open(..., "a"), print(file=..., flush=True).
    print(text, flush=True)


def ask_port():
en|    """The port that the user types; an empty line takes the default."""
ru|    """Порт, который вводит пользователь; пустая строка — значение по умолчанию."""
en|    # TODO 7: ask for the port. Bad input (`abc`, `70000`) is asked for again, an empty line takes
en|    # the default.
en|    # Look up: input, int, ValueError.
ru|    # TODO 7: спросите порт. При неверном вводе (`abc`, `70000`) переспросите, пустая строка —
ru|    # значение по умолчанию.
ru|    # Справка: input, int, ValueError.
    return PORT


def listen(port):
en|    """A socket that listens on every IPv4 address."""
ru|    """Сокет, который слушает на всех адресах IPv4."""
en|    # TODO 1: make a socket, bind it to the port on all addresses and let it listen.
en|    # Look up: socket.socket, bind, listen, `""`.
ru|    # TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание.
ru|    # Справка: socket.socket, bind, listen, `""`.
en|    # TODO 6: after a stop the server must get its port back at once.
en|    # Look up: setsockopt, SO_REUSEADDR.
ru|    # TODO 6: после остановки сервер должен сразу получить свой порт обратно.
ru|    # Справка: setsockopt, SO_REUSEADDR.
en|    # TODO 9: if the port is busy, take the next one and say its number.
en|    # Look up: OSError.errno, errno.EADDRINUSE.
ru|    # TODO 9: если порт занят, займите следующий и сообщите его номер.
ru|    # Справка: OSError.errno, errno.EADDRINUSE.
en|    say(f"TODO 1: nothing listens on port {port} yet")
ru|    say(f"TODO 1: порт {port} пока никто не слушает")


def echo(stream, peer):
en|    """Returns what one client sends."""
ru|    """Возвращает то, что прислал один клиент."""
en|    # TODO 1: receive a portion of up to PORTION bytes and send it back.
en|    # Look up: recv, sendall.
ru|    # TODO 1: примите порцию длиной до PORTION байт и отправьте её обратно.
ru|    # Справка: recv, sendall.
en|    # TODO 2: go on until the client ends its half. Send back all of a portion. Bytes need not be
en|    # text.
en|    # Look up: `b""`.
ru|    # TODO 2: продолжайте, пока клиент не закроет свою половину. Возвращайте порцию целиком. Байты
ru|    # не обязаны быть текстом.
ru|    # Справка: `b""`.


def serve(listener):
en|    """Serves one client after another."""
ru|    """Обслуживает клиентов одного за другим."""
en|    # TODO 1: wait for a client. How many sockets are there now?
en|    # Look up: accept, with.
ru|    # TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|    # Справка: accept, with.
en|    # TODO 6: go on with the next client.
en|    # Look up: while.
ru|    # TODO 6: переходите к следующему клиенту.
ru|    # Справка: while.
en|    # TODO 10: whatever one client does, serve the next one.
en|    # Look up: try, OSError.
ru|    # TODO 10: что бы ни сделал один клиент, обслуживайте следующего.
ru|    # Справка: try, OSError.


def main():
en|    # TODO 3: report every event: start, listening, client connected, data received, data sent,
en|    # client disconnected, stop.
en|    # Look up: say, KeyboardInterrupt.
ru|    # TODO 3: сообщайте о каждом событии: запуск, прослушивание, клиент подключился, данные
ru|    # получены, данные отправлены, клиент отключился, остановка.
ru|    # Справка: say, KeyboardInterrupt.
    port = int(sys.argv[1]) if len(sys.argv) > 1 else ask_port()
    serve(listen(port))


if __name__ == "__main__":
    main()
