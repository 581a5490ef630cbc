#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    if (argc < 3) {
        fprintf(stderr, "usage: %s ip port\n", argv[0]);
        return 1;
    }
    const char *host = argv[1];
    int port = atoi(argv[2]);
    int s = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, host, &address.sin_addr);
    if (connect(s, (struct sockaddr *)&address, sizeof(address)) < 0) {
        perror("connect");
        return 1;
    }
    char line[1024];
    while (fgets(line, sizeof(line), stdin)) {
        if (strcmp(line, "exit\n") == 0)
            break;
        send(s, line, strlen(line), 0);
        ssize_t n = recv(s, line, sizeof(line) - 1, 0);
        if (n <= 0)
            break;
        line[n] = 0;
        printf("%s", line);
    }
    close(s);
    return 0;
}
