# Special: asyncio streams; stdin is read in the executor. Host and port are arguments.
import asyncio
import codecs
import sys


async def show(reader):
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while data := await reader.read(1000):
        print("<<", decoder.decode(data), flush=True)
    print("the server said goodbye", flush=True)


async def send(writer):
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        line = line.rstrip("\n")
        if line == "exit":
            break
        writer.write(line.encode())
        await writer.drain()
        print(">>", len(line), "characters", flush=True)


async def main():
    try:
        reader, writer = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    except OSError as error:
        print("no connection:", error)
        return
    print("connected", flush=True)
    tasks = [asyncio.create_task(show(reader)), asyncio.create_task(send(writer))]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        if task.exception():
            print("lost:", task.exception(), flush=True)
    tasks[0].cancel()
    writer.close()
    print("disconnected", flush=True)


asyncio.run(main())
