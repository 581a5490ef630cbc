"""Time server. Usage: time_server.py PORT"""

import socket
import sys
import time

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("", int(sys.argv[1])))
listener.listen(5)
while True:
    connection, address = listener.accept()
    print("Запрос на соединение от", address, flush=True)
    text = time.ctime() + "\n"
    try:
        connection.sendall(text.encode("ascii"))
    except OSError as error:
        print("Сбой:", error, flush=True)
    connection.close()
