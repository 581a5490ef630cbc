"""Hello server over UDP: one message. Usage: hello_udp_server.py PORT"""

import socket
import sys

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
receiver.bind(("localhost", int(sys.argv[1])))
data, address = receiver.recvfrom(1024)
print("От", address, "пришло:", data.decode("utf-8", "replace"), flush=True)
receiver.close()
