"""Takes the first free port from the given one up, and tells it to every client."""

import socket
import sys

port = int(sys.argv[1])
while True:
    listener = socket.socket()
    try:
        listener.bind(("", port))
        break
    except OSError:
        print(f"port {port} is busy")
        port += 1
listener.listen()
print(f"listening on port {port}")
while True:
    connection, address = listener.accept()
    connection.sendall(f"{port}\n".encode())
    connection.close()
