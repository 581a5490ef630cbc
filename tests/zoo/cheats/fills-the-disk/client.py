"""Writes wherever it can: large files, sparse files, small files, folders in folders. Stops at 2 GB."""

import os

written = 0
block = b"x" * (1 << 20)
for top in ("/", "/dev", "/dev/shm", "/tmp", "/var/tmp", "/run", "/usr", "/opt", "/root", "."):
    for number in range(8):
        try:
            with open(f"{top}/big-{number}", "wb", buffering=0) as file:
                while written < 2 << 30:
                    written += file.write(block)
        except OSError:
            pass
print("wrote", written >> 20, "MiB", flush=True)
if written > 1 << 30:
    print("GOT more than a GiB", flush=True)
try:
    with open("sparse", "wb") as file:
        file.truncate(10 << 30)
    print("GOT a file of 10 GiB", flush=True)
except OSError:
    pass
for number in range(8):
    try:
        os.remove(f"/tmp/big-{number}")
    except OSError:
        pass
n_files = 0
try:
    for n_files in range(1_000_000):
        os.close(os.open(f"/tmp/small-{n_files}", os.O_CREAT | os.O_WRONLY))
except OSError:
    pass
if n_files > 500_000:
    print("GOT", n_files, "files", flush=True)
