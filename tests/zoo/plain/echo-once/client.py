# Special: one line, one reply, the end.
import socket

sock = socket.socket()
sock.connect(('localhost', 9090))
print('Соединение с сервером')
text = input('Строка: ')
sock.send(text.encode())
print('Отправлено:', text)
data = sock.recv(1024)
print('Получено:', data.decode())
sock.close()
print('Соединение разорвано')
