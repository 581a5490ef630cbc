"""Echo server for one client, of the first weeks: no SO_REUSEADDR, no Ctrl-C, waits for Enter at its end."""

import socket

listener = socket.socket()
print("Запуск сервера")
listener.bind(("", 9090))
listener.listen(0)
print("Жду на порту 9090")
connection, address = listener.accept()
print("Клиент подключился", address)
while True:
    data = connection.recv(1024)
    if not data:
        break
    print("Приняты данные")
    connection.send(data)
    print("Данные отправлены")
print("Клиент отключился")
connection.close()
print("Остановка сервера")
input("Нажмите Enter")
