"""Its environment names a library and a folder of programs, meant for what starts it: the tests put
there a `bwrap` that leaves a mark."""
