import socket, threading
HOST, PORT = "127.0.0.1", 9090
class Server:
    def __init__(self, host, port):
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.bind((host, port))
        self.sock.listen()
    def handle(self, conn, addr):
        while True:
            data = conn.recv(1024)
            if not data: break
            conn.sendall(data)
        conn.close()
    def run(self):
        while True:
            conn, addr = self.sock.accept()
            threading.Thread(target=self.handle, args=(conn, addr), daemon=True).start()
def console():
    while True:
        cmd = input("server> ")
        if cmd == "stop":
            import os
            os._exit(0)
if __name__ == "__main__":
    threading.Thread(target=console, daemon=True).start()
    Server(HOST, PORT).run()
