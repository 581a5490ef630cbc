# Special: straight from the lecture, with nothing around it.
import socket
import time

s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
s.bind(('', 8888))
s.listen(5)
while True:
    client, addr = s.accept()
    print("Запрос на соединение от %s" % str(addr))
    client.send((time.ctime(time.time()) + "\n").encode('ascii'))
    client.close()
