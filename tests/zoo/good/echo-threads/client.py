# Special: host and port stand in the source; the main thread receives, another one reads the keys.
import codecs
import os
import socket
import threading

HOST, PORT = "localhost", 9090


def type_lines(sock):
    while True:
        try:
            line = input()
        except EOFError:
            line = "exit"
        if line == "exit":
            print("bye", flush=True)
            os._exit(0)
        if line:
            try:
                sock.sendall(line.encode())
            except OSError as error:
                print("cannot send:", error, flush=True)
                os._exit(1)
            print("sent:", line, flush=True)


sock = socket.socket()
try:
    sock.connect((HOST, PORT))
except ConnectionRefusedError:
    raise SystemExit("no server on port 9090")
print("connected", flush=True)
threading.Thread(target=type_lines, args=(sock,), daemon=True).start()
decoder = codecs.getincrementaldecoder("utf-8")("replace")
try:
    while data := sock.recv(4096):
        print("echo:", decoder.decode(data), flush=True)
    print("the server closed the connection", flush=True)
except OSError as error:
    print("connection lost:", error, flush=True)
os._exit(1)
