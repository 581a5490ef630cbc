# Special: asks for its port; `with` closes everything; prints the port number of the client only.
import socket

with socket.socket() as listener:
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("localhost", int(input("Порт: ") or 12345)))
    listener.listen(1)
    client, (_, number) = listener.accept()
    with client, client.makefile(encoding="utf-8", errors="replace") as lines:
        print(f"Клиент с порта {number} сказал: {lines.read()}")
