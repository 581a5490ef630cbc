# Special: one recv is the message; a console that cannot show a letter is none of its worries.
from socket import socket

s = socket()
s.bind(('', 8007))
s.listen(5)
while True:
    client, addr = s.accept()
    data = client.recv(1000000)
    print('Сообщение: ', data.decode('utf-8'), ', было отправлено клиентом: ', addr)
    client.send('Привет, клиент'.encode('utf-8'))
    client.close()
