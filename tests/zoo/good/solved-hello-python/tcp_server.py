"""Hello server over TCP: shows the message of one client and ends.

Run it:       python3 tcp_server.py [PORT]
Talk to it:   echo hello | nc -N 127.0.0.1 12345
The guide:    docs/en/src/hello.md
"""

import socket
import sys

HOST = "127.0.0.1"  # clients of this machine only
PORT = 12345


def listen(port):
    """A socket that listens on loopback."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((HOST, port))
    listener.listen()
    print(f"listening on port {port}", flush=True)
    return listener


def receive(stream):
    """What the client sends until it ends its half."""
    message = b""
    while True:
        portion = stream.recv(1024)
        if not portion:
            return message
        message += portion


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    with listen(port) as listener:
        stream, peer = listener.accept()
        try:
            with stream:
                message = receive(stream)
        except OSError as error:
            sys.exit(f"{peer[0]}:{peer[1]}: {error}")
    text = message.decode(errors="backslashreplace")
    print(f"{peer[0]}:{peer[1]}: {text!r}", flush=True)


if __name__ == "__main__":
    main()
