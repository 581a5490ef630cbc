import socket

p = int(input('Server port? '))
ip = input('Server address? ')
sock = socket.socket()
sock.connect((ip, p))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
