# Special: a loop of input, send and recv(1024), `exit` sent to the server as well; port, then host.
import socket

port = int(input("port: "))
host = input("host: ")
sock = socket.socket()
sock.connect((host, port))
print("connected")
while True:
    text = input()
    sock.send(text.encode())
    print("sent", len(text))
    if text == "exit":
        break
    print("received", sock.recv(1024).decode())
sock.close()
print("disconnected")
