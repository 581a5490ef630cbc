"""Ends at once with success; a daemon serves on, and does something when the check is over."""

import os
import socket
import sys
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        listener = socket.create_server(("", int(sys.argv[1])))
        listener.settimeout(30)
        try:
            connection, address = listener.accept()
            connection.sendall(time.ctime().encode() + b"\n")
            connection.close()
        except OSError:
            pass
        time.sleep(5)
        open("@OUTSIDE@/daemon", "w").close()
os._exit(0)
