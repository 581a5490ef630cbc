import socket
import os
PORT = int(os.environ.get('PORT', 9090))
sock = socket.socket()
sock.bind(('', PORT))
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
