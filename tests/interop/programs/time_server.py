import socket
import sys
import time

host, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
s.bind((host, port))
s.listen(5)
print('waiting for clients')

while True:
    client, address = s.accept()
    print('Request from', address)
    client.send((time.ctime(time.time()) + '\n').encode('ascii'))
    client.close()
