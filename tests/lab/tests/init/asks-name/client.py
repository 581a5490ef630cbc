import socket
from getpass import getpass
addr = input("IP-адрес сервера [127.0.0.1]: ")
if addr == "":
    addr = "127.0.0.1"
port = input("Порт сервера [9090]: ")
port = int(port) if port else 9090
name = input("Ваше имя: ")
s = socket.create_connection((addr, port))
while True:
    t = input()
    if t == "exit": break
    s.send(t.encode())
    print(s.recv(1024).decode())
