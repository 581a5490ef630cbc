# Special: asks for the port, then for the host; with arguments it asks nothing.
import codecs
import os
import socket
import sys
import threading

sys.stdin.reconfigure(encoding="utf-8")
sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)


def receive(sock):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while True:
        try:
            data = sock.recv(1024)
        except OSError as error:
            print("Связь потеряна:", error)
            os._exit(1)
        if not data:
            print("Сервер ушёл")
            os._exit(0)
        print("Ответ сервера:", decoder.decode(data))


if len(sys.argv) == 3:
    host, port = sys.argv[1], int(sys.argv[2])
else:
    port = int(input("Порт: ") or 9090)
    host = input("Адрес: ") or "localhost"
sock = socket.socket()
if sock.connect_ex((host, port)) != 0:
    print("Сервер", host, port, "не отвечает")
    sys.exit(1)
print("Есть соединение")
threading.Thread(target=receive, args=(sock,), daemon=True).start()
for line in sys.stdin:
    text = line.strip()
    if text == "exit":
        break
    if not text:
        print("Пустую строку не отправляю")
        continue
    try:
        sock.sendall(text.encode())
    except OSError as error:
        print("Не отправлено:", error)
        break
    print("Отправлено:", text)
print("Соединение закрыто")
sys.stdout.flush()
os._exit(0)
