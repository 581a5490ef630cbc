/* Special: epoll, IPv6 socket for both families, events in a file that is named on the command line. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;
static FILE *out;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static void watch(int poller, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

static void serve(int fd)
{
    char buffer[1024];
    ssize_t n = recv(fd, buffer, sizeof buffer, 0);
    if (n > 0) {
        fprintf(out, "received fd=%d n=%zd\n", fd, n);
        if (send(fd, buffer, n, MSG_NOSIGNAL) == n) {
            fprintf(out, "sent fd=%d n=%zd\n", fd, n);
            return;
        }
    }
    fprintf(out, "disconnected fd=%d\n", fd);
    close(fd); /* epoll forgets it */
}

int main(int argc, char **argv)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    struct sigaction action = {.sa_handler = on_interrupt};
    struct epoll_event events[16];
    int yes = 1, no = 0, poller = epoll_create1(0);
    int listener = socket(AF_INET6, SOCK_STREAM, 0);

    if (argc < 2)
        return 2;
    out = argc > 2 ? fopen(argv[2], "a") : stdout;
    setvbuf(out, NULL, _IOLBF, 0);
    sigaction(SIGINT, &action, NULL);
    address.sin6_port = htons(atoi(argv[1]));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    setsockopt(listener, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 100) < 0) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "listening port=%s\n", argv[1]);
    watch(poller, listener);
    while (!stopped) {
        int n = epoll_wait(poller, events, 16, -1);
        for (int i = 0; i < n; i++) {
            if (events[i].data.fd != listener) {
                serve(events[i].data.fd);
                continue;
            }
            int fd = accept(listener, NULL, NULL);
            if (fd >= 0) {
                fprintf(out, "connected fd=%d\n", fd);
                watch(poller, fd);
            }
        }
    }
    fprintf(out, "stopped\n");
    return 0;
}
