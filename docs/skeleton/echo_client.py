"""Echo client: a skeleton. It sends one line and shows one reply.

Run it:   python3 echo_client.py [HOST PORT]
The number of a TODO is the number of the step in the guide.
"""

import socket
import sys

HOST = "127.0.0.1"
PORT = 9090


def main():
    # TODO 7: without arguments, ask for host and port.
    host, port = sys.argv[1:3] if len(sys.argv) > 2 else (HOST, PORT)
    stream = socket.create_connection((host, int(port)))
    # TODO 4: say connected, sent, received, disconnected.
    # TODO 5: send line after line until the user types exit.
    line = input("> ")
    stream.sendall((line + "\n").encode())
    # TODO 10: a reply may come in several pieces, or never.
    reply = stream.recv(1024)
    print(reply.decode(), end="")
    stream.close()


if __name__ == "__main__":
    main()
