"""Hello server over UDP: shows one datagram and ends.

Run it:       python3 udp_server.py [PORT]
Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
The guide:    docs/en/src/hello.md
"""

import socket
import sys

HOST = "127.0.0.1"  # senders of this machine only
PORT = 12345
MOST = 65536  # no datagram is longer


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    # Neither listen nor accept: there are no connections, every datagram names its sender.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind((HOST, port))
        print(f"waiting on port {port}", flush=True)
        message, peer = receiver.recvfrom(MOST)
    text = message.decode(errors="backslashreplace")
    print(f"{peer[0]}:{peer[1]}: {text!r}", flush=True)


if __name__ == "__main__":
    main()
