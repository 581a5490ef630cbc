"""Speaks in the grader's name: on stdout, on the terminal, in every file that somebody left open."""

import os

PASSED = '{"ended":{"program":"hello-client","result":{"id":"hello-client/sends","verdict":"pass"}}}'
FORGED = f'\n{PASSED}\n"done"\n\x1b[2J\x1b[Hforges-a-report 100 / 100 FORGED\n'.encode()

for number in [1, 2, *range(3, 1024)]:
    try:
        os.write(number, FORGED)
    except OSError:
        pass
for place in ("/dev/tty", "/dev/console", "/proc/1/fd/1", "/proc/1/fd/3", "@OUTSIDE@/class.json"):
    try:
        with open(place, "wb") as file:
            file.write(FORGED)
    except OSError:
        pass
