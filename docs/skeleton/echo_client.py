"""Echo client, a skeleton: one line, one reply.

Run it:   python3 echo_client.py [HOST PORT]
TODO numbers are the steps of the guide.
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = "9090"


def main():
    # TODO 7: without arguments, ask for host and port.
    host, port = sys.argv[1:] or (HOST, PORT)
    stream = socket.create_connection((host, int(port)))
    # TODO 4: report connected, sent, received, disconnected.
    # TODO 5: send line after line until the user types exit.
    line = input("> ")
    stream.sendall((line + "\n").encode())
    # TODO 10: a reply may come in pieces, late, or never.
    reply = stream.recv(1024)
    print(reply.decode(), end="")
    stream.close()


if __name__ == "__main__":
    main()
