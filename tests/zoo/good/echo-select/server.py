# Special: select over the clients and stdin: the operator types `стоп`. Transliterated messages.
import select
import socket
import sys


def ask_port():
    while True:
        answer = input("Vvedite port (Enter = 9090): ").strip() or "9090"
        try:
            port = int(answer)
        except ValueError:
            print("Eto ne chislo")
            continue
        if 1024 <= port <= 65535:
            return port
        print("Port ot 1024 do 65535")


port = ask_port()
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
while True:
    try:
        listener.bind(("0.0.0.0", port))
        listener.listen()
        break
    except OSError:
        print("Port", port, "zanyat", flush=True)
        port += 1
        listener.close()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
print("Server zapushen, port", port, flush=True)

clients = []
running = True
while running:
    ready, _, _ = select.select([listener, sys.stdin] + clients, [], [])
    for source in ready:
        if source is listener:
            client, address = listener.accept()
            clients.append(client)
            print("Podklyuchilsya", address, flush=True)
        elif source is sys.stdin:
            line = sys.stdin.readline()
            running = line.strip() != "стоп" and line != ""
        else:
            try:
                data = source.recv(1024)
                if data:
                    print("Polucheno", len(data), flush=True)
                    source.sendall(data)
                    print("Otpravleno", len(data), flush=True)
            except OSError as error:
                print("Oshibka:", error, flush=True)
                data = b""
            if not data:
                clients.remove(source)
                source.close()
                print("Otklyuchilsya klient", flush=True)
print("Server ostanovlen", flush=True)
