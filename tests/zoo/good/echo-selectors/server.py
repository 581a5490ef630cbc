# Special: one thread and a selector; what cannot be sent yet waits, and until then nothing is received.
import selectors
import socket
import sys

selector = selectors.DefaultSelector()
waiting = {}


def accept(listener):
    sock, address = listener.accept()
    sock.setblocking(False)
    waiting[sock] = b""
    selector.register(sock, selectors.EVENT_READ, address)
    print("connect", *address, flush=True)


def close(sock, address):
    selector.unregister(sock)
    del waiting[sock]
    sock.close()
    print("disconnect", *address, flush=True)


def serve(sock, address, events):
    if events & selectors.EVENT_READ:
        data = sock.recv(1024)
        if not data:
            return close(sock, address)
        print("recv", len(data), flush=True)
        waiting[sock] += data
    n_sent = sock.send(waiting[sock])
    print("send", n_sent, flush=True)
    waiting[sock] = waiting[sock][n_sent:]
    wanted = selectors.EVENT_WRITE if waiting[sock] else selectors.EVENT_READ
    selector.modify(sock, wanted, address)


listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("start: listening on", sys.argv[1], flush=True)
selector.register(listener, selectors.EVENT_READ)
try:
    while True:
        for key, events in selector.select():
            if key.fileobj is listener:
                accept(listener)
                continue
            try:
                serve(key.fileobj, key.data, events)
            except BlockingIOError:
                selector.modify(key.fileobj, selectors.EVENT_WRITE, key.data)
            except OSError:
                close(key.fileobj, key.data)
except KeyboardInterrupt:
    print("stop", flush=True)
