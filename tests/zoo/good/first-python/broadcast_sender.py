"""Broadcast sender: a request every second to everybody on port 8888."""

import socket
import time

sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
while True:
    sender.sendto("Запрос на соединение!".encode("utf-8"), ("<broadcast>", 8888))
    time.sleep(1)
