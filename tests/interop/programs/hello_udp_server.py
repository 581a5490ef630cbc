import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
server = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
server.bind((host, port))
print('waiting for a message')
data, addr = server.recvfrom(1024)
print('From', addr, 'came:', data.decode())
