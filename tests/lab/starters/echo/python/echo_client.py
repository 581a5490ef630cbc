en|"""Echo client: sends line after line until `exit`, and shows what comes back.
en|
en|Run it:       python3 echo_client.py [HOST PORT]
en|The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|"""Эхо-клиент: отправляет строку за строкой до `exit` и показывает ответы.
ru|
ru|Запуск:       python3 echo_client.py [ХОСТ ПОРТ]
ru|Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 9090


def say(text):
en|    """Prints a service message, apart from the replies on stdout."""
ru|    """Печатает служебное сообщение отдельно от ответов, которые идут в stdout."""
    print(text, file=sys.stderr)


def ask_host():
en|    """The host that the user types; an empty line takes the default."""
ru|    """Хост, который вводит пользователь; пустая строка — значение по умолчанию."""
en|    # TODO 7: ask for the host; an empty line takes the default.
en|    # Look up: input, strip.
ru|    # TODO 7: спросите хост; пустая строка — значение по умолчанию.
ru|    # Справка: input, strip.
    return HOST


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


def talk(stream):
en|    """Sends lines and shows what comes back."""
ru|    """Отправляет строки и показывает ответы."""
en|    # TODO 5: line after line until `exit`. What is sent for an empty line?
en|    # Look up: for line in sys.stdin.
ru|    # TODO 5: строка за строкой до `exit`. Что отправится для пустой строки?
ru|    # Справка: for line in sys.stdin.
en|    # TODO 10: a reply may come late, in pieces, or two at once: receive on a thread of its own.
en|    # Look up: threading.Thread, sys.stdout.buffer, shutdown.
ru|    # TODO 10: ответ может прийти поздно, по частям или сразу два: принимайте в отдельном потоке
ru|    # выполнения.
ru|    # Справка: threading.Thread, sys.stdout.buffer, shutdown.


def main():
    if len(sys.argv) > 2:
        host, port = sys.argv[1], int(sys.argv[2])
    else:
        host, port = ask_host(), ask_port()
en|    # TODO 4: connect, read a line from standard input and send it; receive the reply and print it.
en|    # Look up: socket.create_connection, input, encode, sendall, recv.
ru|    # TODO 4: подключитесь, прочитайте строку со стандартного ввода и отправьте её; примите ответ и
ru|    # напечатайте.
ru|    # Справка: socket.create_connection, input, encode, sendall, recv.
en|    # TODO 4: report: connected, data sent, data received, disconnected.
en|    # Look up: say.
ru|    # TODO 4: сообщайте: соединение установлено, данные отправлены, данные получены, соединение
ru|    # завершено.
ru|    # Справка: say.
en|    # TODO 10: one clear line if the server is not there or goes away; the end of the input is like
en|    # `exit`.
en|    # Look up: OSError, EOFError, os._exit.
ru|    # TODO 10: одна понятная строка, если сервер не запущен или пропал; конец ввода — как `exit`.
ru|    # Справка: OSError, EOFError, os._exit.
en|    say(f"TODO 4: would connect to {host}:{port}")
ru|    say(f"TODO 4: здесь будет соединение с {host}:{port}")


if __name__ == "__main__":
    main()
