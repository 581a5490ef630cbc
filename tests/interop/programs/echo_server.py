import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
sock = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
sock.bind((host, port))
sock.listen(1)
print('waiting for clients')

while True:
    conn, addr = sock.accept()
    while True:
        data = conn.recv(1024)
        if not data:
            break
        print('From', addr, 'came:', data.decode())
        conn.send(data.upper())
    conn.close()
