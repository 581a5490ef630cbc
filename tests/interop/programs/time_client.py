import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
s.connect((host, port))
time = s.recv(1024)
s.close()
print(time.decode('ascii'))
