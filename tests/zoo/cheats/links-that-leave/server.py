"""Tells the time as it should; its log, where it would show who asked, is somebody else's file."""

import socket
import sys
import time

listener = socket.create_server(("", int(sys.argv[1])))
while True:
    connection, address = listener.accept()
    connection.sendall(time.ctime().encode() + b"\n")
    connection.close()
