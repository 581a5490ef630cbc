import socket

def ask(question, default):
    return input(f'{question} [{default}]: ') or default

port = int(ask('Порт', '9090'))
sock = socket.socket()
sock.connect(("127.0.0.1", port))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
