"""Listens on another address and on another port than it was told."""

import socket
import sys

elsewhere = socket.create_server(("127.0.0.2", int(sys.argv[1])))
listener = socket.create_server(("0.0.0.0", 0))
while True:
    connection, _ = listener.accept()
    connection.close()
