"""Echo client: sends line after line until `exit`, and shows what comes back.

Run it:       python3 echo_client.py [HOST PORT]
The guide:    docs/en/src/echo.md
"""

import os
import socket
import sys
import threading

HOST = "127.0.0.1"
PORT = 9090

leaving = threading.Event()  # we are the one who ends the connection


def say(text):
    """Prints a service message, apart from the replies on stdout."""
    print(text, file=sys.stderr)


def ask_host():
    """The host that the user types; an empty line takes the default."""
    return input(f"host [{HOST}]: ").strip() or HOST


def ask_port():
    """The port that the user types; an empty line takes the default."""
    while True:
        answer = input(f"port [{PORT}]: ").strip()
        if not answer:
            return PORT
        if answer.isdecimal() and 1 <= int(answer) <= 65535:
            return int(answer)
        print("a port is a number from 1 to 65535")


def give_up(reason):
    """Ends the program, whatever its other thread is waiting for."""
    say(reason)
    os._exit(1)


def show_replies(stream):
    """Shows what comes, in whatever pieces, until the server ends its half."""
    try:
        while True:
            portion = stream.recv(65536)
            if not portion:
                break
            # As bytes: a piece may end inside a letter.
            sys.stdout.buffer.write(portion)
            sys.stdout.flush()
            say(f"data received: {len(portion)} bytes")
    except OSError as error:
        give_up(f"the connection is broken: {error}")
    if not leaving.is_set():
        give_up("the server has closed the connection")


def send_lines(stream):
    """Sends the lines that are typed, until `exit` or the end of the input."""
    for line in sys.stdin:
        text = line.rstrip("\n")
        if text == "exit":
            return
        # With the line end, so that an empty line is something to send as well.
        data = f"{text}\n".encode()
        stream.sendall(data)
        say(f"data sent: {len(data)} bytes")


def talk(stream):
    """Sends and receives at once: neither waits for the other."""
    receiver = threading.Thread(target=show_replies, args=(stream,), daemon=True)
    receiver.start()
    send_lines(stream)
    leaving.set()
    stream.shutdown(socket.SHUT_WR)
    receiver.join()


def main():
    try:
        if len(sys.argv) > 2:
            host, port = sys.argv[1], int(sys.argv[2])
        else:
            host, port = ask_host(), ask_port()
        with socket.create_connection((host, port)) as stream:
            say(f"connected to {host}:{port}")
            talk(stream)
        say(f"disconnected from {host}:{port}")
    except OSError as error:
        give_up(f"{host}:{port}: {error}")
    except (KeyboardInterrupt, EOFError):
        give_up("interrupted")


if __name__ == "__main__":
    main()
