# Special: asks for the port; the text ends with a newline; the refusal is caught by its own name.
import socket

port = int(input("Порт: ") or 12345)
with socket.socket() as sock:
    try:
        sock.connect(("localhost", port))
        sock.send(b"Hello, server!\n")
        print("Отправлено")
    except ConnectionRefusedError:
        print("Сначала запустите сервер")
