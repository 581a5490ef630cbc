"""Hello client over UDP: sends one datagram and ends.

Run it:       python3 udp_client.py [HOST [PORT]]
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
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(MESSAGE.encode(), (host, port))
    except OSError as error:
        sys.exit(f"cannot greet {host}:{port}: {error}")
    # Sent, not received: nobody confirms a datagram.
    print(f"sent to {host}:{port}")


if __name__ == "__main__":
    main()
