import socket
import logging
logging.basicConfig(filename='logs/server.log', level=logging.INFO)
logging.info('start')
sock = socket.socket()
sock.bind(('', 9090))
sock.listen(1)
print('Сервер запущен')
while True:
    conn, addr = sock.accept()
    print('Подключился', addr)
    logging.info('connected %s', addr)
    while True:
        data = conn.recv(1024)
        if not data:
            break
        conn.send(data.upper())
    conn.close()
