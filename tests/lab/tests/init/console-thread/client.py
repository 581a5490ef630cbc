import socket
SERVER_ADDRESS = ('localhost', 9090)
with socket.socket() as s:
    s.connect(SERVER_ADDRESS)
    msg = ''
    while msg != 'quit':
        msg = input('Введите сообщение (quit - выход): ')
        s.send(msg.encode('utf-8'))
        print(s.recv(1024).decode('utf-8'))
