import socket
import argparse

parser = argparse.ArgumentParser()
parser.add_argument('addr', help='address of the server')
parser.add_argument('port', type=int, nargs='?', default=7777)
args = parser.parse_args()
sock = socket.socket()
sock.connect((args.addr, args.port))
print('Соединение установлено')
while True:
    text = input('> ')
    if text == 'exit':
        break
    sock.send(text.encode())
    print('Ответ:', sock.recv(1024).decode())
sock.close()
