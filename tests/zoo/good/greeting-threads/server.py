# Special: a thread for each client; a pause of 0.7 s ends the message (select), port as argument.
import select
import socket
import sys
import threading


def whole_message(sock):
    parts, wait = [], None
    while select.select([sock], [], [], wait)[0]:
        part = sock.recv(1_000_000)
        if not part:
            break
        parts.append(part)
        wait = 0.7
    return b"".join(parts)


def greet(sock, address):
    with sock:
        try:
            text = whole_message(sock).decode("utf-8", errors="backslashreplace")
            print(f"{address[0]} пишет: {text}", flush=True)
            sock.sendall(f"Здравствуйте, {address[0]}!".encode())
        except OSError as error:
            print(address, error, flush=True)


server = socket.create_server(("", int(sys.argv[1])), backlog=5)
while True:
    threading.Thread(target=greet, args=server.accept()).start()
