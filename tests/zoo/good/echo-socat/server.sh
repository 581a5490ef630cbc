#!/bin/sh
# Special: no program of one's own: socat starts a cat for each client and tells what happens.
echo "server started on port $1"
trap 'echo "server stopped"; kill $!; exit' INT
socat -d -d -d -t 5 "TCP-LISTEN:$1,fork,reuseaddr" EXEC:cat &
wait $!
