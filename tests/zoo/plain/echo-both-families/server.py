import select
import socket
import sys
import time

PORT = int(sys.argv[1])


def listener(family, address):
    sock = socket.socket(family)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, PORT))
    sock.listen()
    return sock


listeners = []
try:
    listeners.append(listener(socket.AF_INET6, "::"))
    time.sleep(0.3)
except OSError as error:
    print("no IPv6:", error)
listeners.append(listener(socket.AF_INET, ""))
while True:
    for ready in select.select(listeners, [], [])[0]:
        client, address = ready.accept()
        with client:
            while data := client.recv(1024):
                client.sendall(data)
