import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
sock = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
sock.connect((host, port))
sock.send('hello'.encode())
data = sock.recv(1024)
sock.close()
print(data.decode())
