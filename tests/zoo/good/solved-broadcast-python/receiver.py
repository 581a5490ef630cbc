"""Broadcast receiver: shows every datagram that comes to its port.

Run it:       python3 receiver.py [PORT]
Talk to it:   echo hello | nc -u -w 1 127.0.0.1 8888
The guide:    docs/en/src/broadcast.md
"""

import socket
import sys

PORT = 8888
BUFFER = 128  # what a datagram has beyond it is lost


def bind(port):
    """A datagram socket on every IPv4 address that shares its port with others."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    receiver.bind(("", port))
    print(f"waiting on port {port}", flush=True)
    return receiver


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    receiver = bind(port)
    while True:
        message, sender = receiver.recvfrom(BUFFER)
        # The buffer may end inside a letter, and anybody can send bytes that are no text.
        text = message.decode(errors="backslashreplace")
        print(f"{sender[0]}:{sender[1]}: {text!r}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("receiver stopped", flush=True)
