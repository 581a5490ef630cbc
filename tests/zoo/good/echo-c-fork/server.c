/* Special: a child process for each client (fork); ASCII letters in upper case; port as argument. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int send_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = send(fd, data, length, MSG_NOSIGNAL);
        if (n < 0)
            return -1;
        data += n;
        length -= n;
    }
    return 0;
}

static void serve(int fd, int port)
{
    char buffer[1024];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0) {
        printf("[%d] received %zd bytes\n", port, n);
        for (ssize_t i = 0; i < n; i++)
            buffer[i] = isascii(buffer[i]) ? toupper(buffer[i]) : buffer[i];
        if (send_all(fd, buffer, n) < 0)
            break;
        printf("[%d] sent %zd bytes\n", port, n);
    }
    printf("[%d] disconnected\n", port);
}

int main(int argc, char **argv)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = INADDR_ANY};
    struct sigaction action = {.sa_handler = on_interrupt};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

    setvbuf(stdout, NULL, _IOLBF, 0);
    sigaction(SIGINT, &action, NULL);
    signal(SIGCHLD, SIG_IGN); /* no zombies */
    address.sin_port = htons(argc > 1 ? atoi(argv[1]) : 9090);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 5) < 0) {
        perror("bind");
        return 1;
    }
    printf("server started, port %d\n", ntohs(address.sin_port));
    while (!stopped) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int fd = accept(listener, (struct sockaddr *)&peer, &length);
        if (fd < 0)
            continue;
        printf("[%d] connected from %s\n", ntohs(peer.sin_port), inet_ntoa(peer.sin_addr));
        if (fork() == 0) {
            close(listener);
            serve(fd, ntohs(peer.sin_port));
            exit(0);
        }
        close(fd);
    }
    puts("server stopped");
    return 0;
}
