# Special: one recv.
import socket

s = socket.socket()
s.connect(('localhost', 8888))
print("Текущее время:", s.recv(1024).decode('ascii'))
s.close()
