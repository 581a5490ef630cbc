import os
import socket
import sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
print('waiting for a message')
print('came:', server.recv(1024).decode())
os.unlink(sys.argv[1])
