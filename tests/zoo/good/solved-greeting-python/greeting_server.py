"""Greeting server: shows the message of every client and answers it.

Run it:       python3 greeting_server.py [PORT]
Talk to it:   echo hello | nc -N 127.0.0.1 8007
The guide:    docs/en/src/greeting.md
"""

import socket
import sys

PORT = 8007
MOST = 1_000_000  # bytes of a message
PAUSE = 0.5  # seconds without more bytes end a message
GREETING = "Привет, клиент"


def listen(port):
    """A socket that listens on every IPv4 address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(5)
    print(f"listening on port {port}", flush=True)
    return listener


def receive(stream):
    """A message: up to the end of the stream, or until the client pauses."""
    message = b""
    while len(message) < MOST:
        try:
            portion = stream.recv(MOST - len(message))
        except socket.timeout:
            break
        if not portion:
            break
        message += portion
        # Not before the first portion: a client may think before it speaks.
        stream.settimeout(PAUSE)
    return message


def serve(stream, peer):
    """Shows the message of one client and answers it."""
    message = receive(stream)
    text = message.decode(errors="backslashreplace")
    # !r shows control characters as \n, \x1b: a client cannot play with the terminal.
    print(f"{peer[0]}:{peer[1]}, {len(message)} bytes: {text!r}", flush=True)
    stream.sendall(GREETING.encode())


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
    while True:
        stream, peer = listener.accept()
        try:
            with stream:
                serve(stream, peer)
        except OSError as error:
            print(f"{peer[0]}:{peer[1]}: {error}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("server stopped", flush=True)
