# Special: decodes and answers in upper case, one client after another; any odd byte or reset ends it.
import socket

port = int(input("port: "))
sock = socket.socket()
while True:
    try:
        sock.bind(("", port))
        break
    except OSError:
        port += 1
sock.listen(1)
print("server on port", port)
try:
    while True:
        conn, addr = sock.accept()
        print("connect", addr)
        while True:
            text = conn.recv(1024).decode()
            if not text:
                break
            print("recv", text)
            conn.send(text.upper().encode())
            print("send", text.upper())
        conn.close()
        print("disconnect", addr)
except KeyboardInterrupt:
    print("stop")
