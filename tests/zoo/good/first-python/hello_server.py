"""Hello server: one client, one message. Usage: hello_server.py PORT"""

import socket
import sys

listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("localhost", int(sys.argv[1])))
listener.listen()
connection, address = listener.accept()
print("Подключился", address, flush=True)
data = connection.recv(1024)
print("Пришло:", data.decode("utf-8", "replace"), flush=True)
connection.close()
listener.close()
