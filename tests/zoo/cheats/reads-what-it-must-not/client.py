"""Looks for the checks, other submissions, reports, and the secrets of whoever grades."""

import glob
import os

WANTED = ("lab.toml", "class.json", "echo_server.rs", ".ssh", "credentials", "shadow", "@OUTSIDE@")
OWN = os.getcwd()

for place in ("@OUTSIDE@/secret", "/etc/shadow", "/root/.bashrc", "/proc/1/root/@OUTSIDE@/secret"):
    try:
        print("GOT", place, open(place).read()[:20], flush=True)
    except OSError:
        pass
for top in ("/root", "/home", "/tmp", "/var", "/work", "/srv", "/mnt", "/run", OWN + "/../../.."):
    for folder, folders, files in os.walk(top):
        if not os.path.realpath(folder).startswith(OWN):
            for name in files + folders:
                if name in WANTED:
                    print("GOT", folder, name, flush=True)
for environ in glob.glob("/proc/[0-9]*/environ"):
    try:
        if b"LAB_SECRET" in open(environ, "rb").read():
            print("GOT", environ, flush=True)
    except OSError:
        pass
for number in range(3, 1024):
    try:
        os.fstat(number)
        target = os.readlink(f"/proc/self/fd/{number}")
        print("GOT a file that was left open:", target, flush=True)
    except OSError:
        pass
