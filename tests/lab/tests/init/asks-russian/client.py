import socket

host = input('Введите имя хоста: ')
port = int(input('Введите номер порта: '))
sock = socket.socket()
sock.connect((host, port))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
