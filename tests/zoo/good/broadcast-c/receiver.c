/* Special: C, unbuffered; a datagram that is cut or no text is printed as it is. Port 8888. */
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(8888)}, peer;
    char text[128];
    int yes = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);

    setvbuf(stdout, NULL, _IONBF, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("bind");
        return 1;
    }
    for (;;) {
        socklen_t length = sizeof peer;
        ssize_t n = recvfrom(fd, text, sizeof text, 0, (struct sockaddr *)&peer, &length);
        if (n >= 0)
            printf("%s> %.*s\n", inet_ntoa(peer.sin_addr), (int)n, text);
    }
}
