# Prints empty lines without end, on both outputs.
yes "" >&2 &
yes ""
