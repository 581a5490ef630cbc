import socket

answer = input('Port (Enter = 9090): ')
port = int(answer) if answer else 9090
sock = socket.socket()
sock.bind(('', port))
sock.listen(1)
print('Сервер запущен')
while True:
    conn, addr = sock.accept()
    print('Подключился', addr)
    while True:
        data = conn.recv(1024)
        if not data:
            break
        conn.send(data.upper())
    conn.close()
