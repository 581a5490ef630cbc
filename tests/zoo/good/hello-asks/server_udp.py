# Special: a UDP pair that asks for its port; waits for Enter before it closes its window.
import socket

sock = socket.socket(type=socket.SOCK_DGRAM)
sock.bind(("0.0.0.0", int(input("Порт: "))))
data, sender = sock.recvfrom(2048)
print("Отправитель:", *sender)
print("Текст:", data.decode("utf-8"), flush=True)
input("Нажмите Enter...")
