import socket

h = input('Vvedite adres servera: ')
p = int(input('Vvedite port: '))
sock = socket.socket()
sock.connect((h, p))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
