"""Echo server: a skeleton. It answers one portion of one client.

Run it:       python3 echo_server.py [PORT]
Talk to it:   nc 127.0.0.1 9090
The number of a TODO is the number of the step in the guide.
"""

import socket
import sys

PORT = 9090
PORTION = 1024  # bytes: the most that one recv takes


def say(text):
    """Prints a service message."""
    # TODO 8: write it to a log file instead.
    print(text, flush=True)


def listen(port):
    """Returns a socket that waits for clients on every IPv4 address."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # TODO 6: SO_REUSEADDR, on every system but Windows.
    # TODO 9: if the port is busy, take the next one.
    listener.bind(("", port))
    listener.listen(5)
    say(f"listening on port {port}")
    return listener


def echo(stream):
    """Answers one client."""
    portion = stream.recv(PORTION)
    # TODO 2: go on until recv returns b"", the end of the stream.
    # TODO 3: say how many bytes came and how many went.
    stream.sendall(portion)


def main():
    # TODO 3: say that the server starts, and in the end that it stops.
    # TODO 7: without an argument, ask for the port.
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    listener = listen(port)
    # TODO 6: when this client has gone, serve the next one.
    stream, peer = listener.accept()
    say(f"client connected: {peer}")
    echo(stream)
    # TODO 10: whatever one client does, the server goes on.
    stream.close()
    # TODO 3: say that the client is gone.
    listener.close()


if __name__ == "__main__":
    main()
