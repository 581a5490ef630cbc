import socket
import sys

sock = socket.socket()
sock.connect((sys.argv[1], int(sys.argv[2])))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
