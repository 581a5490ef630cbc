# Special: asyncio; the time is made with strftime, the port asked for. Prints the IP address alone.
import asyncio
import time


async def tell(reader, writer):
    ip, port = writer.get_extra_info("peername")
    print("Request from", ip, flush=True)
    try:
        writer.write(time.strftime("%a %b %e %H:%M:%S %Y\n").encode("ascii"))
        await writer.drain()
        writer.close()
        await writer.wait_closed()
    except OSError as error:
        print("Lost", ip, error, flush=True)


async def main():
    port = int(input("Port? ") or 8888)
    server = await asyncio.start_server(tell, "0.0.0.0", port, backlog=5)
    async with server:
        await server.serve_forever()


try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("Bye")
