"""Hello client. Usage: hello_client.py PORT"""

import socket
import sys

connection = socket.socket()
try:
    connection.connect(("localhost", int(sys.argv[1])))
except OSError as error:
    sys.exit(f"Нет соединения: {error}")
connection.sendall("Hello, server!".encode())
connection.close()
