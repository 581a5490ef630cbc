# Special: socketserver, the port in an environment variable, nothing on stdout: logging writes to stderr.
import logging
import os
import socketserver

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")


class Echo(socketserver.BaseRequestHandler):
    def setup(self):
        logging.info("подключился %s:%d", *self.client_address)

    def handle(self):
        try:
            while True:
                data = self.request.recv(1024)
                if not data:
                    break
                logging.info("получено байт: %d", len(data))
                self.request.sendall(data)
                logging.info("отправлено байт: %d", len(data))
        except OSError as error:
            logging.warning("сбой у клиента: %s", error)

    def finish(self):
        logging.info("отключился %s:%d", *self.client_address)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


logging.info("сервер запускается")
with Server(("", int(os.environ.get("ECHO_PORT", 9090))), Echo) as server:
    logging.info("слушаю порт %d", server.server_address[1])
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        logging.info("сервер остановлен")
