# Special: prints the length of what recv returned.
from socket import socket

s = socket()
s.connect(('localhost', 8007))
s.send('Привет, сервер'.encode('utf-8'))
data = s.recv(1000000)
print('Сообщение от сервера: ', data.decode('utf-8'), ' длиной ', len(data), ' байт')
s.close()
