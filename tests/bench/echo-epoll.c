/* The echo server as a C programmer would write it for speed: one thread, epoll (level-triggered), and no
 * work but what must be done. It logs nothing. The servers of the suite are compared with it.
 *
 *   cc -O2 -o echo-epoll echo-epoll.c && ./echo-epoll [PORT [PORTION]]
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_EVENTS = 1024, BACKLOG = 4096 };

/* What a client is owed because its socket had no room; while there is some, nothing more is read. */
struct client {
    char *owed;
    size_t n_owed, n_sent;
};

static struct client *clients; /* by file descriptor */
static char upper[256], *portion;
static size_t n_portion;
static int poller;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void watch(int operation, int fd, unsigned events)
{
    struct epoll_event event = {.events = events, .data.fd = fd};
    if (epoll_ctl(poller, operation, fd, &event) < 0)
        fail("epoll_ctl");
}

static void drop_client(int fd)
{
    free(clients[fd].owed);
    clients[fd] = (struct client){0};
    close(fd);
}

/* Sends what the socket takes; what it does not is owed. */
static void answer(int fd, const char *bytes, size_t n)
{
    struct client *client = &clients[fd];
    while (n > 0) {
        ssize_t n_sent = send(fd, bytes, n, MSG_NOSIGNAL);
        if (n_sent < 0 && errno == EINTR)
            continue;
        if (n_sent < 0 && errno != EAGAIN) {
            drop_client(fd);
            return;
        }
        if (n_sent < 0) {
            client->owed = malloc(n);
            if (!client->owed)
                fail("malloc");
            memcpy(client->owed, bytes, n);
            client->n_owed = n;
            client->n_sent = 0;
            watch(EPOLL_CTL_MOD, fd, EPOLLOUT);
            return;
        }
        bytes += n_sent;
        n -= n_sent;
    }
}

static void pay(int fd)
{
    struct client *client = &clients[fd];
    ssize_t n = send(fd, client->owed + client->n_sent, client->n_owed - client->n_sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        drop_client(fd);
    } else if (n > 0 && (client->n_sent += n) == client->n_owed) {
        free(client->owed);
        *client = (struct client){0};
        watch(EPOLL_CTL_MOD, fd, EPOLLIN);
    }
}

static void serve(int fd)
{
    ssize_t n = recv(fd, portion, n_portion, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        drop_client(fd);
        return;
    }
    for (ssize_t i = 0; i < n; i++)
        portion[i] = upper[(unsigned char)portion[i]];
    answer(fd, portion, n);
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
        watch(EPOLL_CTL_ADD, fd, EPOLLIN);
}

static int listen_on(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof address;
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, BACKLOG) < 0)
        fail("listen");
    getsockname(fd, (struct sockaddr *)&address, &size);
    printf("listening on 127.0.0.1:%u\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

int main(int argc, char **argv)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    clients = calloc(files.rlim_max, sizeof *clients);
    n_portion = argc > 2 ? strtoul(argv[2], NULL, 10) : 1024;
    portion = malloc(n_portion);
    poller = epoll_create1(EPOLL_CLOEXEC);
    if (!clients || !portion || poller < 0)
        fail("start");
    for (int c = 0; c < 256; c++)
        upper[c] = c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
    int listener = listen_on(argc > 1 ? strtoul(argv[1], NULL, 10) : 0);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    for (;;) {
        struct epoll_event events[MAX_EVENTS];
        int n = epoll_wait(poller, events, MAX_EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener)
                accept_all(listener);
            else if (clients[fd].owed)
                pay(fd);
            else
                serve(fd);
        }
    }
}
