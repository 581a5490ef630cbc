#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[]) {
    int port = 8080;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {0};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = INADDR_ANY;
    address.sin_port = htons(port);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0) {
        perror("bind");
        return 1;
    }
    listen(listener, 5);
    for (;;) {
        int client = accept(listener, NULL, NULL);
        char buffer[1024];
        ssize_t n;
        while ((n = recv(client, buffer, sizeof(buffer), 0)) > 0)
            send(client, buffer, n, 0);
        close(client);
    }
}
