/* Special: C, twice a second, to the address and the port on its command line. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char text[] = "Is there anybody out there?";
    int yes = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);

    if (argc < 3)
        return 2;
    inet_pton(AF_INET, argv[1], &address.sin_addr);
    address.sin_port = htons(atoi(argv[2]));
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    for (;;) {
        if (sendto(fd, text, sizeof text - 1, 0, (struct sockaddr *)&address, sizeof address) < 0)
            perror("sendto");
        usleep(500000);
    }
}
