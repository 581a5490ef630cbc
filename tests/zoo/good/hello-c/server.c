/* Special: one program for TCP and UDP, as its first argument says. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET}, peer;
    socklen_t length = sizeof peer;
    char text[1025];
    ssize_t n;

    if (argc < 3)
        return 2;
    int is_udp = strcmp(argv[1], "udp") == 0, yes = 1;
    int fd = socket(AF_INET, is_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    address.sin_port = htons(atoi(argv[2]));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("bind");
        return 1;
    }
    if (is_udp) {
        n = recvfrom(fd, text, sizeof text - 1, 0, (struct sockaddr *)&peer, &length);
    } else {
        listen(fd, 1);
        int client = accept(fd, (struct sockaddr *)&peer, &length);
        n = recv(client, text, sizeof text - 1, 0);
        close(client);
    }
    text[n < 0 ? 0 : n] = 0;
    printf("%s:%d says: %s\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port), text);
    close(fd);
    return 0;
}
