# Special: the console speaks CP1251, the network UTF-8. The port is an argument, or asked for without one.
import socket
import sys

sys.stdout.reconfigure(encoding="cp1251", errors="replace", line_buffering=True)


def wanted_port():
    if len(sys.argv) > 1:
        return int(sys.argv[1])
    while True:
        try:
            port = int(input("Порт: ") or 9090)
            if 0 < port < 65536:
                return port
            print("Таких портов нет")
        except ValueError:
            print("Это не число")


port = wanted_port()
print("Сервер запущен")
listener = socket.create_server(("", port), backlog=5)
print("Порт", port, "прослушивается")
try:
    while True:
        client, (host, number) = listener.accept()
        print("Клиент", host, number, "подключился")
        with client:
            try:
                while True:
                    data = client.recv(1024)
                    if len(data) == 0:
                        break
                    print("Принято:", data.decode("utf-8", "replace").replace("\n", " "))
                    client.sendall(data)
                    print("Отправлено:", len(data))
            except OSError as error:
                print("Ошибка:", error)
        print("Клиент", host, number, "отключился")
except KeyboardInterrupt:
    print("Сервер остановлен")
