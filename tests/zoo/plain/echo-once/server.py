# Special: the four tasks and no more: one client, and the server ends with it. Everything in the source.
import socket

sock = socket.socket()
sock.bind(('', 9090))
print('Сервер запущен')
sock.listen(1)
print('Начинаю слушать порт')
try:
    conn, addr = sock.accept()
    print('Подключился клиент', addr)
    while True:
        data = conn.recv(1024)
        if not data:
            break
        print('Принял данные')
        conn.send(data.upper())
        print('Отправил данные')
    conn.close()
    print('Клиент отключился')
except KeyboardInterrupt:
    pass
print('Сервер остановлен')
