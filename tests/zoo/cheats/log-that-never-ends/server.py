"""Tells the time as it should; its log is a pipe that nobody writes to, then a device without an end,
then a file of 200 MB."""

import os
import socket
import sys
import time


def pipe():
    os.mkfifo("events.log")


def device():
    os.symlink("/dev/zero", "events.log")


def hole():
    with open("events.log", "wb") as log:
        log.truncate(200 << 20)


listener = socket.create_server(("", int(sys.argv[1])))
pipe()
tricks = [device, hole, pipe]
while True:
    connection, address = listener.accept()
    connection.sendall(time.ctime().encode() + b"\n")
    connection.close()
    os.remove("events.log")
    tricks.append(tricks.pop(0))
    tricks[-1]()
