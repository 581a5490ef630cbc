# Special: ends its half after the greeting, so that the server need not guess; port in a variable.
import os
import socket

sock = socket.socket()
try:
    sock.connect(("localhost", int(os.environ["GREETING_PORT"])))
    sock.sendall("Добрый день".encode())
    sock.shutdown(socket.SHUT_WR)
    answer = bytearray()
    while piece := sock.recv(4096):
        answer += piece
    print(f"{len(answer)} байт(а): {answer.decode(errors='replace')}")
except OSError as error:
    print("Не получилось:", error)
finally:
    sock.close()
