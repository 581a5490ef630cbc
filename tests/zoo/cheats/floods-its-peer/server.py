"""Sends without end to whoever connects."""

import socket
import sys
import threading


def flood(connection):
    try:
        while True:
            connection.sendall(b"x" * 65536)
    except OSError:
        pass


listener = socket.create_server(("", int(sys.argv[1])))
while True:
    threading.Thread(target=flood, args=listener.accept()[:1], daemon=True).start()
