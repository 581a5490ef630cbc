"""Broadcast sender: sends a message to everybody, again and again.

Run it:       python3 sender.py [ADDRESS [PORT]]
The guide:    docs/en/src/broadcast.md
"""

import socket
import sys
import time

ADDRESS = "255.255.255.255"
PORT = 8888
MESSAGE = "Who is there?"
PAUSE = 1  # seconds: everybody in the network has to listen


def main():
    address = sys.argv[1] if len(sys.argv) > 1 else ADDRESS
    port = int(sys.argv[2]) if len(sys.argv) > 2 else PORT
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    while True:
        try:
            sender.sendto(MESSAGE.encode(), (address, port))
            print(f"sent to {address}:{port}", flush=True)
        except OSError as error:
            # A network may go down and come back.
            print(f"not sent to {address}:{port}: {error}", flush=True)
        time.sleep(PAUSE)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("sender stopped", flush=True)
