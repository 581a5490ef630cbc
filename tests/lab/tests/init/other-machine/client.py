import socket

sock = socket.socket()
sock.connect(('192.168.1.50', 9090))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
