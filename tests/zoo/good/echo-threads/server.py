# Special: a thread for each client, port 9090 in the source, bound to 127.0.0.1 only.
import socket
import threading

HOST, PORT = "127.0.0.1", 9090


def handle(conn, addr):
    print("[+] client connected:", addr, flush=True)
    try:
        while data := conn.recv(1024):
            print("[>] received", len(data), "bytes", flush=True)
            conn.sendall(data.upper())
            print("[<] sent", len(data), "bytes", flush=True)
    except ConnectionError as error:
        print("[!]", error, flush=True)
    finally:
        conn.close()
        print("[-] client disconnected:", addr, flush=True)


server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((HOST, PORT))
print("server started", flush=True)
server.listen(10)
print("waiting for clients", flush=True)
try:
    while True:
        threading.Thread(target=handle, args=server.accept(), daemon=True).start()
except KeyboardInterrupt:
    print("server stopped", flush=True)
finally:
    server.close()
