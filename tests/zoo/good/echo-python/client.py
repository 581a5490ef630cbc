"""Echo client: sends line after line until `exit`; a thread shows what comes back."""

import codecs
import os
import socket
import sys
import threading


def ask(question, default):
    return input(f"{question} [{default}]: ").strip() or default


def receive(connection):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            data = connection.recv(1024)
        except OSError as error:
            print(f"Соединение прервано: {error}", flush=True)
            os._exit(1)
        if not data:
            print("Сервер закрыл соединение", flush=True)
            os._exit(1)
        print(decoder.decode(data), end="", flush=True)
        print(f"Получено {len(data)} байт", file=sys.stderr, flush=True)


def main():
    host = ask("Хост", "localhost")
    port = int(ask("Порт", "9090"))
    try:
        connection = socket.create_connection((host, port))
    except OSError as error:
        print(f"Нет соединения: {error}")
        return 1
    print("Соединение установлено", flush=True)
    threading.Thread(target=receive, args=(connection,), daemon=True).start()
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text == "exit":
            break
        if not text:
            continue
        try:
            connection.sendall(text.encode())
        except OSError as error:
            print(f"Не отправлено: {error}")
            return 1
        print(f"Отправлено: {text}", flush=True)
    connection.close()
    print("Соединение закрыто", flush=True)
    return 0


sys.stdout.reconfigure(encoding="utf-8")
code = main()
sys.stdout.flush()
os._exit(code)
