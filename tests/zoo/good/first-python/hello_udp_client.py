"""Hello client over UDP. Usage: hello_udp_client.py PORT"""

import socket
import sys

sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.sendto("Hello, server!".encode(), ("localhost", int(sys.argv[1])))
sender.close()
