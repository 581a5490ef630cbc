# Special: socketserver for datagrams, logging to stderr; the port is asked for.
import logging
import socket
import socketserver

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")


class Show(socketserver.BaseRequestHandler):
    def handle(self):
        data, _ = self.request
        logging.info("%s: %s", self.client_address, data.decode("utf-8", "ignore"))


class Receiver(socketserver.UDPServer):
    allow_reuse_address = True
    max_packet_size = 128

    def server_bind(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        super().server_bind()


Receiver(("", int(input("Порт: ") or 8888)), Show).serve_forever()
