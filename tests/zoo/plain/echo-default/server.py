"""Echo server that answers a bad port with its default one, and says so."""

import socket

try:
    port = int(input("Порт сервера (Enter — 9090): "))
    if not 1024 <= port <= 65535:
        raise ValueError
except ValueError:
    port = 9090
    print("Неверный порт, будет 9090")
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
print("Сервер запущен")
listener.bind(("", port))
listener.listen(1)
print("Порт", port)
try:
    while True:
        connection, address = listener.accept()
        print("Подключение", address)
        while True:
            data = connection.recv(1024)
            if not data:
                break
            print("Получено", data)
            connection.send(data.upper())
            print("Отправлено")
        connection.close()
        print("Отключение")
except KeyboardInterrupt:
    print("Сервер остановлен")
