import os
import socket
import sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(1)
print('waiting for a client')
conn, _ = server.accept()
print('came:', conn.recv(1024).decode())
conn.close()
os.unlink(sys.argv[1])
