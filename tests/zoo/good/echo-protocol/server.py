# Special: an asyncio protocol on :: for both families; letters of any script in upper case, cut ones
# kept for later, and bytes that are no letters left as they are.
import asyncio
import codecs
import socket
import sys


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        print("connected:", transport.get_extra_info("peername"), flush=True)

    def data_received(self, data):
        print("received", len(data), "bytes", flush=True)
        self.answer(self.decoder.decode(data))

    def answer(self, text):
        self.transport.write(text.upper().encode("utf-8", "surrogateescape"))
        print("sent", len(text), "characters", flush=True)

    def eof_received(self):
        self.answer(self.decoder.decode(b"", final=True))

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()

    def connection_lost(self, error):
        print("disconnected", error or "", flush=True)


def both_families(port):
    listener = socket.socket(socket.AF_INET6)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("::", port))
    return listener


async def main():
    print("starting", flush=True)
    listener = both_families(int(sys.argv[1]))
    server = await asyncio.get_running_loop().create_server(Echo, sock=listener)
    print("listening", flush=True)
    await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("stopped", flush=True)
