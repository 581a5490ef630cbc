"""Time client: asks a server for the time and shows it.

Run it:       python3 time_client.py [HOST [PORT]]
The guide:    docs/en/src/time.md
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 8888


def receive(stream):
    """What the server sends until it closes the connection."""
    text = b""
    while True:
        portion = stream.recv(1024)
        if not portion:
            return text
        text += portion


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
    try:
        with socket.create_connection((host, port)) as stream:
            text = receive(stream)
    except OSError as error:
        sys.exit(f"no time from {host}:{port}: {error}")
    if not text:
        sys.exit(f"{host}:{port} closed the connection without a word")
    print(text.decode("ascii", errors="backslashreplace"), end="")


if __name__ == "__main__":
    main()
