"""Sends lines that end with CR LF, `exit` among them, and leaves when the echo of that has come."""

import codecs
import os
import socket
import sys
import threading

said_goodbye = threading.Event()


def receive():
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    last = ""
    while True:
        try:
            data = connection.recv(1024)
        except OSError:
            data = b""
        if not data:
            print("the server is gone", flush=True)
            os._exit(1)
        text = decoder.decode(data)
        print(text, end="", flush=True)
        print("received", file=sys.stderr, flush=True)
        last = (last + text)[-10:]
        if last.strip() == "exit" or last.endswith("exit\r\n"):
            said_goodbye.set()


try:
    connection = socket.create_connection((sys.argv[1], int(sys.argv[2])))
except OSError as error:
    print(error)
    sys.exit(1)
print("connected")
threading.Thread(target=receive, daemon=True).start()
for line in sys.stdin:
    text = line.rstrip("\n")
    if not text:
        continue
    try:
        connection.sendall(f"{text}\r\n".encode())
    except OSError as error:
        print(error)
        sys.exit(1)
    print("sent")
    if text == "exit":
        said_goodbye.wait(5)
        break
connection.close()
print("disconnected")
sys.stdout.flush()
os._exit(0)
