"""Broadcast receiver. Usage: broadcast_receiver.py PORT"""

import socket
import sys

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
receiver.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
receiver.bind(("", int(sys.argv[1])))
while True:
    message, address = receiver.recvfrom(128)
    text = message.decode("utf-8", "replace")
    print("Сообщение:", text, "от", address, flush=True)
