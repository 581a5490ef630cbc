"""A fork bomb: sessions of their own, double forks, and each of them works as hard as it can.

It ends by itself: 2000 processes at most, 60 seconds at most."""

import os
import signal
import time

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.alarm(60)
begun = time.monotonic()
for _ in range(11):
    try:
        if os.fork() == 0:
            os.setsid()
            signal.alarm(60)
    except OSError:
        pass
while time.monotonic() < begun + 60:
    pass
