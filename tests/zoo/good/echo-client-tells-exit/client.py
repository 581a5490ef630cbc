"""Sends lines that end with CR LF, `exit` among them, and waits for the echo of each."""

import socket
import sys

connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("connected")
while True:
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        continue
    connection.sendall(f"{line}\r\n".encode())
    print("sent")
    reply = connection.recv(1024)
    print("received", reply)
    if not reply or line == "exit":
        break
connection.close()
print("disconnected")
