/* Special: C, reads until the server closes; host and port as arguments. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char text[256];
    size_t n = 0;
    ssize_t more;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (argc < 3)
        return 2;
    address.sin_port = htons(atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &address.sin_addr);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        perror("connect");
        return 1;
    }
    while ((more = read(fd, text + n, sizeof text - n)) > 0)
        n += more;
    if (more < 0)
        perror("read");
    printf("%.*s", (int)n, text);
    close(fd);
    return 0;
}
