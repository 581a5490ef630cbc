import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
s.connect((host, port))
s.send('Привет, сервер'.encode('utf-8'))
data = s.recv(1000000)
print(data.decode('utf-8'))
print(len(data), 'bytes')
s.close()
