/* Special: poll over all clients in one process; moves to the next port if its own is busy. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 64

static volatile sig_atomic_t stopped;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    int yes = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(fd, 10) == 0)
        return fd;
    close(fd);
    return -1;
}

/* One portion; 0 if the client is gone. */
static int serve(int fd)
{
    char buffer[1024];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n <= 0)
        return 0;
    printf("klient %d: prinyato %zd\n", fd, n);
    for (ssize_t done = 0, m; done < n; done += m)
        if ((m = send(fd, buffer + done, n - done, MSG_NOSIGNAL)) < 0)
            return 0;
    printf("klient %d: otpravleno %zd\n", fd, n);
    return 1;
}

int main(int argc, char **argv)
{
    struct sigaction action = {.sa_handler = on_interrupt};
    struct pollfd fds[MOST];
    int port = argc > 1 ? atoi(argv[1]) : 9090, n_fds = 1;

    setvbuf(stdout, NULL, _IOLBF, 0);
    sigaction(SIGINT, &action, NULL);
    puts("server zapuskaetsya");
    while ((fds[0].fd = listen_on(port)) < 0)
        printf("port %d zanyat\n", port++);
    fds[0].events = POLLIN;
    printf("slushayu port %d\n", port);
    while (!stopped) {
        if (poll(fds, n_fds, -1) < 0)
            continue;
        for (int i = n_fds - 1; i > 0; i--) {
            if (fds[i].revents && !serve(fds[i].fd)) {
                printf("klient %d: ushel\n", fds[i].fd);
                close(fds[i].fd);
                fds[i] = fds[--n_fds];
            }
        }
        if (fds[0].revents && n_fds < MOST) {
            int fd = accept(fds[0].fd, NULL, NULL);
            if (fd >= 0) {
                printf("klient %d: podklyuchilsya\n", fd);
                fds[n_fds++] = (struct pollfd){.fd = fd, .events = POLLIN};
            }
        }
    }
    puts("server ostanovlen");
    return 0;
}
