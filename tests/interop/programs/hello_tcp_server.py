import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
server = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
server.bind((host, port))
server.listen(1)
print('waiting for a client')
conn, addr = server.accept()
print('From', addr, 'came:', conn.recv(1024).decode())
conn.close()
