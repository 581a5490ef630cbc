# Special: connect on a datagram socket, then send. Asks for the port.
import socket

sock = socket.socket(type=socket.SOCK_DGRAM)
sock.connect(("localhost", int(input("Порт: "))))
sock.send("Hello, server!".encode("ascii"))
print("Готово")
