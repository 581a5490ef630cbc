import socket
import argparse

parser = argparse.ArgumentParser()
parser.add_argument('-p', '--port', type=int, default=7777, help='TCP port')
parser.add_argument('-a', '--addr', default='', help='address')
args = parser.parse_args()
sock = socket.socket()
sock.bind((args.addr, args.port))
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
