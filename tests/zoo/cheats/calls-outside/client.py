"""Connects to the machine that grades it and to the world; the tests listen there."""

import socket

for address in (("127.0.0.1", int("@PORT@")), ("127.0.0.2", int("@PORT@")), ("1.1.1.1", 53)):
    try:
        socket.create_connection(address, timeout=1)
        print("GOT through to", address, flush=True)
    except OSError:
        pass
for name in ("\0@ABSTRACT@", "@OUTSIDE@/socket", "/run/systemd/private", "/var/run/docker.sock"):
    try:
        socket.socket(socket.AF_UNIX).connect(name)
        print("GOT through to", name, flush=True)
    except OSError:
        pass
