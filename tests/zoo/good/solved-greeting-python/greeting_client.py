"""Greeting client: greets the server, shows its answer and how long it is.

Run it:       python3 greeting_client.py [HOST [PORT]]
The guide:    docs/en/src/greeting.md
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 8007
GREETING = "Привет, сервер"


def receive(stream):
    """What the server sends until it closes the connection."""
    answer = b""
    while True:
        portion = stream.recv(65536)
        if not portion:
            return answer
        answer += portion


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
    try:
        with socket.create_connection((host, port)) as stream:
            stream.sendall(GREETING.encode())
            # The end of our half tells the server that the message is complete.
            stream.shutdown(socket.SHUT_WR)
            answer = receive(stream)
    except OSError as error:
        sys.exit(f"no answer from {host}:{port}: {error}")
    if not answer:
        sys.exit(f"{host}:{port} closed the connection without a word")
    print(answer.decode(errors="backslashreplace"))
    print(f"{len(answer)} bytes")


if __name__ == "__main__":
    main()
