import socket
import sys

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
s.bind(('', int(sys.argv[1])))
print('waiting for messages')

while True:
    message, address = s.recvfrom(128)
    print('From', address, 'came:', message.decode('utf-8'))
