"""Echo server: returns to every client what it sends, one client after another.

Run it:       python3 echo_server.py [PORT [LOGFILE]]
Talk to it:   nc 127.0.0.1 9090
The guide:    docs/en/src/echo.md
"""

import errno
import socket
import sys

PORT = 9090
PORTION = 1024  # the most bytes that one recv takes

log = sys.stdout


def say(text):
    """Writes a service message."""
    print(text, file=log, flush=True)


def ask_port():
    """The port that the user types; an empty line takes the default."""
    while True:
        answer = input(f"port [{PORT}]: ").strip()
        if not answer:
            return PORT
        if answer.isdecimal() and 1 <= int(answer) <= 65535:
            return int(answer)
        print("a port is a number from 1 to 65535")


def listen(port):
    """A socket that listens on every IPv4 address, at the first free port from `port` up."""
    while True:
        listener = socket.socket()
        # Without it, bind fails for a minute after a restart: old connections are in TIME-WAIT.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("", port))
            listener.listen(5)
            say(f"listening on port {port}")
            return listener
        except OSError as error:
            listener.close()
            if error.errno != errno.EADDRINUSE or port == 65535:
                raise
            say(f"port {port} is busy")
            port += 1


def echo(stream, peer):
    """Returns what one client sends, as bytes: a portion may end inside a letter."""
    while True:
        portion = stream.recv(PORTION)
        if not portion:
            return
        say(f"data received: {len(portion)} bytes from {peer}")
        stream.sendall(portion)
        say(f"data sent: {len(portion)} bytes to {peer}")


def serve(listener):
    """Serves one client after another."""
    while True:
        stream, (host, port) = listener.accept()
        peer = f"{host}:{port}"
        say(f"client connected: {peer}")
        try:
            with stream:
                echo(stream, peer)
        except OSError as error:
            # It is the end of this client, not of the server.
            say(f"client failed: {peer}: {error}")
        say(f"client disconnected: {peer}")


def main():
    global log
    if len(sys.argv) > 2:
        log = open(sys.argv[2], "a", encoding="utf-8")
    say("server started")
    try:
        port = int(sys.argv[1]) if len(sys.argv) > 1 else ask_port()
        serve(listen(port))
    except OSError as error:
        say(f"cannot listen: {error}")
    except (KeyboardInterrupt, EOFError):
        pass
    say("server stopped")


if __name__ == "__main__":
    main()
