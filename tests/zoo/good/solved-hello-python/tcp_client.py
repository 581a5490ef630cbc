"""Hello client over TCP: sends one message and ends.

Run it:       python3 tcp_client.py [HOST [PORT]]
The guide:    docs/en/src/hello.md
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 12345
MESSAGE = "Hello, server!"


def main():
    host = sys.argv[1] if len(sys.argv) > 1 else HOST
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
    try:
        with socket.create_connection((host, port)) as stream:
            stream.sendall(MESSAGE.encode())
    except OSError as error:
        sys.exit(f"cannot greet {host}:{port}: {error}")
    print(f"sent to {host}:{port}")


if __name__ == "__main__":
    main()
