import socket
import sys

host, port = sys.argv[1], int(sys.argv[2])
s = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_STREAM)
s.bind((host, port))
s.listen(5)
print('waiting for clients')

while True:
    client, address = s.accept()
    data = client.recv(1000000)
    print('From', address, 'came:', data.decode('utf-8'))
    client.send('Привет, клиент'.encode('utf-8'))
    client.close()
