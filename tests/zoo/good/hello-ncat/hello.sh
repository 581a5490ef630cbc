#!/bin/sh
# Special: ncat sends what echo says, and ends with its input.
echo "Hello, server!" | ncat --send-only "$1" "$2"
