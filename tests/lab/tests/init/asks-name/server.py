import socket
def get_port():
    while True:
        try:
            p = int(input("Порт сервера (1024-65535): "))
            if 1024 <= p <= 65535:
                return p
            print("bad")
        except ValueError:
            print("Ошибка")
s = socket.socket()
s.bind(("0.0.0.0", get_port()))
s.listen(10)
while 1:
    c, a = s.accept()
    m = ""
    while True:
        d = c.recv(1024).decode()
        if not d: break
        c.send(d.upper().encode())
    c.close()
