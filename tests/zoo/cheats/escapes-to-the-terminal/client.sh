# Its last words move the cursor, change colours and forge a line.
printf '\033[2J\033[H\033[32mall passed\033[0m\r\n\033]0;title\007'
exit 3
