import socket

host = input()
port = int(input())
sock = socket.socket()
sock.connect((host, port))
print('Соединение установлено')
while True:
    text = input()
    if text == 'выход':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
