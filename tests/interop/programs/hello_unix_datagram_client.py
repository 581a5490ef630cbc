import socket
import sys

client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
client.sendto(b'Hello, server!', sys.argv[1])
