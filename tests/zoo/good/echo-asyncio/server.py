# Special: asyncio streams; all events go to echo.log, the console only says so.
import asyncio
import logging
import sys

logging.basicConfig(filename="echo.log", level=logging.INFO, encoding="utf-8", format="%(message)s")


async def serve(reader, writer):
    peer = writer.get_extra_info("peername")
    logging.info("+ %s", peer)
    try:
        while data := await reader.read(1024):
            logging.info("> %s %r", peer, data[:20])
            writer.write(data)
            await writer.drain()
            logging.info("< %s %d", peer, len(data))
    except ConnectionError as error:
        logging.info("! %s %s", peer, error)
    logging.info("- %s", peer)
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    logging.info("listening on %s", server.sockets[0].getsockname())
    print("the log is in echo.log")
    async with server:
        await server.serve_forever()


logging.info("started")
try:
    asyncio.run(main())
except KeyboardInterrupt:
    logging.info("stopped")
