"""Echo server, a skeleton: one portion of one client.

Run it:       python3 echo_server.py [PORT]
Talk to it:   nc 127.0.0.1 9090
TODO numbers are the steps of the guide.
"""

import socket
import sys

PORT = 9090
PORTION = 1024  # the most bytes that one recv takes


def say(text):
    """Prints a service message."""
    # TODO 8: write it to a log file instead.
    print(text, flush=True)


def listen(port):
    """A socket that listens on every IPv4 address."""
    listener = socket.socket()
    # TODO 6: SO_REUSEADDR, but not on Windows.
    # TODO 9: if the port is busy, take the next one.
    listener.bind(("", port))
    listener.listen(5)
    say(f"listening on port {port}")
    return listener


def echo(stream):
    """Answers one client."""
    portion = stream.recv(PORTION)
    # TODO 2: go on until recv returns b"", the end.
    # TODO 3: say how many bytes came and went.
    stream.sendall(portion)


def main():
    # TODO 3: say that the server starts.
    # TODO 7: without an argument, ask for the port.
    given = sys.argv[1:]
    listener = listen(int(given[0]) if given else PORT)
    # TODO 6: after this client, serve the next one.
    stream, peer = listener.accept()
    say(f"client connected: {peer}")
    # TODO 10: whatever a client does, go on.
    echo(stream)
    stream.close()
    # TODO 3: say that the client has gone.
    # TODO 3: at Ctrl-C, say that the server stops.
    listener.close()


if __name__ == "__main__":
    main()
