import socket
from settings import HOST, PORT

sock = socket.socket()
sock.connect((HOST, PORT))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
