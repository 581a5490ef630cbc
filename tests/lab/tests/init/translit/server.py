import socket

p = int(input('Vvedite port servera: '))
sock = socket.socket()
sock.bind(('', p))
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
