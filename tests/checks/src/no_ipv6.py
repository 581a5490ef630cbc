"""Runs a program on a machine without IPv6: socket(AF_INET6, ...) fails with EAFNOSUPPORT.

A seccomp filter (seccomp(2)) answers in place of the kernel. Usage: no_ipv6.py PROGRAM ARGUMENT...
"""

import ctypes
import errno
import os
import platform
import struct
import sys

SOCKET = {"x86_64": 41, "aarch64": 198}[platform.machine()]
AF_INET6 = 10
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000 | errno.EAFNOSUPPORT
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2

instructions = [
    (LOAD, 0, 0, 0),  # the number of the system call
    (JUMP_IF_EQUAL, 0, 3, SOCKET),
    (LOAD, 0, 0, 16),  # the lower half of its first argument
    (JUMP_IF_EQUAL, 0, 1, AF_INET6),
    (RETURN, 0, 0, FAIL),
    (RETURN, 0, 0, ALLOW),
]
code = b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
buffer = ctypes.create_string_buffer(code)
program = struct.pack("HxxxxxxQ", len(instructions), ctypes.addressof(buffer))
libc = ctypes.CDLL(None, use_errno=True)
if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER, program, 0, 0):
    sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
os.execv(sys.argv[1], sys.argv[1:])
