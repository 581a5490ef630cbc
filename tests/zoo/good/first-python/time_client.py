"""Time client. Usage: time_client.py HOST PORT"""

import socket
import sys

try:
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
    text = b""
    while True:
        data = connection.recv(1024)
        if not data:
            break
        text += data
except OSError as error:
    sys.exit(f"Нет ответа: {error}")
print("Текущее время:", text.decode("ascii"))
connection.close()
