"""Takes memory by several processes, in threads, 6 GB at most."""

import os
import threading
import time

for _ in range(2):
    os.fork()
taken = []


def take():
    for _ in range(24):
        taken.append(bytearray(b"x" * (16 << 20)))


threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("GOT", len(taken) * 16, "MiB", flush=True)
time.sleep(60)
