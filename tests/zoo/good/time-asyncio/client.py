# Special: reads the time like a file (makefile), waits for Enter in the end, host in the source.
import socket

try:
    with socket.create_connection(("127.0.0.1", 8888), timeout=20) as sock:
        text = sock.makefile(encoding="ascii").read()
    print("The time there:", text or "unknown")
except OSError as error:
    print("No time today:", error)
input("Press Enter")
