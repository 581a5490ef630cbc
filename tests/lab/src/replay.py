import select
import socket
import struct
import sys
import time


def place(words):
    """HOST and PORT from the command line, in one word or in two."""
    words = words[0].rsplit(":", 1) if len(words) == 1 else words
    if len(words) == 2 and words[1].isdecimal() and 0 < int(words[1]) < 65536:
        return words[0], int(words[1])
    print(f"usage: {sys.argv[0]} [HOST:PORT]")
    sys.exit(2)


HOST, PORT = place(sys.argv[1:] or ["@HOST@", "@PORT@"])

PATIENCE = @PATIENCE@  # how many seconds to wait for what should come
# The check waits until the program has taken what it was sent, so that the next bytes meet another
# recv. Only the program's own machine knows that; here a moment has to do.
PAUSE = 0.1
@TEXTS@

class Peer:
    """One end of a TCP connection."""

    def __init__(self, name, stream):
        self.name, self.stream = name, stream
        self.rest = b""  # has come, and was not asked for yet
        self.ending = None
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # each send leaves at once
        stream.setblocking(False)

    def send(self, data, pause=PAUSE):
        print(f"{self.name} -> {shown(data)}")
        while data and not self.ending:
            # Receives only while nothing more can be sent: else both sides might wait for ever.
            readable, writable, _ = select.select([self.stream], [self.stream], [], PATIENCE)
            try:
                if writable:
                    data = data[self.stream.send(data) :]
                elif readable:
                    self.take()
                else:
                    self.ending = "silence"
            except OSError:
                self.ending = "reset"
        time.sleep(pause)

    def take(self):
        """Keeps what has come."""
        try:
            data = self.stream.recv(65536)
        except OSError:
            self.ending = "reset"
            return
        self.rest += data
        if not data:
            self.ending = "end of stream"

    def receive(self, most, saw=None):
        """Up to `most` bytes; fewer if the stream ends or stays silent."""
        silent = False
        while len(self.rest) < most and not self.ending and not silent:
            # The rest of a text follows soon, even if its beginning was long in coming.
            limit = min(PATIENCE, 3) if self.rest else PATIENCE
            silent = not select.select([self.stream], [], [], limit)[0]
            if not silent:
                self.take()
        came, self.rest = self.rest[:most], self.rest[most:]
        print(f"{self.name} <- {shown(came)}")
        compare(came, saw)
        return came

    def receive_to_end(self, saw=None, ending=None):
        """All that comes until the stream ends; how it ends."""
        while not self.ending:
            if select.select([self.stream], [], [], PATIENCE)[0]:
                self.take()
            else:
                self.ending = "silence"
        came, self.rest = self.rest, b""
        print(f"{self.name} <- {shown(came)}, {self.ending}")
        compare(came, saw)
        if ending and self.ending != ending:
            compare(self.ending.encode(), ending.encode())
        return self.ending

    def end(self):
        print(f"{self.name} -> end of stream")
        self.quietly(lambda: self.stream.shutdown(socket.SHUT_WR))

    def reset(self):
        """Closing with SO_LINGER of 0 seconds sends RST."""
        print(f"{self.name} -> reset")
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self.quietly(lambda: self.stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger))
        self.stream.close()
        time.sleep(PAUSE)

    def close(self):
        print(f"{self.name} closes")
        self.stream.close()

    def quietly(self, act):
        try:
            act()
        except OSError as error:
            print(f"{self.name}: {error}")


class UdpPeer:
    """A UDP socket."""

    def __init__(self, name, port):
        self.name, self.to = name, (HOST, PORT)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self.socket.bind(("", port))
        self.socket.settimeout(PATIENCE)

    def send(self, data):
        print(f"{self.name} -> {shown(data)}")
        self.socket.sendto(data, self.to)
        time.sleep(PAUSE)

    def receive(self, _most=0, saw=None):
        """One datagram; nothing if none comes."""
        try:
            came, self.to = self.socket.recvfrom(65536)
        except OSError:
            came = b""
        print(f"{self.name} <- {shown(came)}")
        compare(came, saw)
        return came


def shown(data):
    start, more = data[:120], "..." if len(data) > 120 else ""
    try:
        start = start.decode()
    except UnicodeDecodeError:
        pass
    return f"{start!r}{more} ({len(data)} B)"


def upper(data):
    try:
        return data.decode().upper().encode()
    except UnicodeDecodeError:
        return data


differences = 0
n_connected = 0


def compare(came, saw):
    global differences
    if saw is not None and came != saw:
        differences += 1
        print(f"   (the check saw {shown(saw)})")


def connect(name):
    global n_connected
    try:
        stream = socket.create_connection((HOST, PORT), PATIENCE)
    except OSError as error:
        print(f"cannot connect to {HOST}:{PORT}: {error}")
        if n_connected > 0:
            finish(@REFUSAL@)
        print("start the program first: @START@")
        sys.exit(2)
    n_connected += 1
    print(f"{name} connects")
    return Peer(name, stream)


def is_refused():
    try:
        socket.create_connection((HOST, PORT), PATIENCE).close()
    except OSError as error:
        print(f"cannot connect to {HOST}:{PORT}: {error}")
        return True
    return False


def listen():
    listener = socket.socket()
    if sys.platform != "win32":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, PORT))
    except OSError as error:
        print(f"cannot listen at {HOST}:{PORT}: {error}")
        sys.exit(2)
    listener.listen()
    listener.settimeout(PATIENCE)
    return listener


def accept(name):
    try:
        stream, _ = listener.accept()
    except OSError as error:
        print(f"nobody connects: {error}")
        sys.exit(2)
    print(f"{name}: connected")
    return Peer(name, stream)


def ask_for(what):
    """Has the user do something at the program's console."""
    print(f"** {what}", flush=True)


def wait_for_user(what):
    try:
        input(f"** {what} [Enter] ")
    except EOFError:
        print()


def finish(is_same):
    print("the same difference as in the check" if is_same else "not what the check saw")
    sys.exit(1 if is_same else 0)


