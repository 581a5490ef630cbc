# Special: numbers its messages and says so; the address is asked for.
import itertools
import socket
import time

host = input("Адрес рассылки: ") or "255.255.255.255"
port = int(input("Порт: ") or 8888)
sock = socket.socket(type=socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
for number in itertools.count(1):
    sock.sendto(f"Запрос номер {number}".encode(), (host, port))
    print("отправлен запрос", number, flush=True)
    time.sleep(0.5)
