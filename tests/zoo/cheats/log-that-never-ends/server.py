"""Its log is a pipe that nobody writes to, then a device, then a file of 200 MB."""

import os
import socket
import sys

listener = socket.create_server(("", int(sys.argv[1])))
os.mkfifo("events.log")
while True:
    connection, _ = listener.accept()
    os.remove("events.log")
    os.symlink("/dev/zero", "events.log")
    connection.close()
    connection, _ = listener.accept()
    os.remove("events.log")
    with open("events.log", "wb") as log:
        log.truncate(200 << 20)
    connection.close()
