/* Special: C; if the port is busy the kernel chooses (port 0), and getsockname tells which. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9090);
    while (bind(fd, (struct sockaddr *)&address, sizeof address) < 0)
        address.sin_port = 0;
    listen(fd, 5);
    getsockname(fd, (struct sockaddr *)&address, &length);
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        dprintf(client, "You are talking to port %d\r\n", ntohs(address.sin_port));
        close(client);
    }
}
