import socket
import sys
import time

sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

while True:
    sock.sendto('Who is there?'.encode('utf-8'), (sys.argv[1], int(sys.argv[2])))
    print('sent')
    time.sleep(1)
