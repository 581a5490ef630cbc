"""Time server: tells every client the local time.

Run it:       python3 time_server.py [PORT]
Talk to it:   nc 127.0.0.1 8888
The guide:    docs/en/src/time.md
"""

import socket
import sys
import time

PORT = 8888


def listen(port):
    """A socket that listens on every IPv4 address."""
    listener = socket.socket()
    # Without it, bind fails for a minute after a restart: old connections are in TIME-WAIT.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("", port))
    listener.listen(5)
    print(f"listening on port {port}", flush=True)
    return listener


def serve(stream):
    """Tells one client the time."""
    text = time.ctime() + "\n"
    stream.sendall(text.encode("ascii"))


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
    while True:
        stream, peer = listener.accept()
        print(f"request from {peer[0]}:{peer[1]}", flush=True)
        try:
            # `with` closes the stream: its end tells the client that the text is complete.
            with stream:
                serve(stream)
        except OSError as error:
            print(f"no answer to {peer[0]}:{peer[1]}: {error}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("server stopped", flush=True)
