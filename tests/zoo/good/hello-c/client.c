/* Special: sends the closing NUL of the string as well; the host is 127.0.0.1. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char text[] = "Hello, server!";

    if (argc < 3)
        return 2;
    int fd = socket(AF_INET, strcmp(argv[1], "udp") ? SOCK_STREAM : SOCK_DGRAM, 0);
    address.sin_port = htons(atoi(argv[2]));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("connect");
        return 1;
    }
    send(fd, text, sizeof text, MSG_NOSIGNAL);
    close(fd);
    return 0;
}
