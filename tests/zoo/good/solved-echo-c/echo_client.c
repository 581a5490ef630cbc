/* Echo client: sends line after line until `exit`, and shows what comes back.
 *
 * Build it:     cc -Wall -pthread -o echo_client echo_client.c
 * Run it:       ./echo_client [HOST PORT]
 * The guide:    docs/en/src/echo.md
 */

#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT 9090

static atomic_bool leaving; /* we are the one who ends the connection */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* The host that the user types; an empty line takes the default. */
static void ask_host(char *host, int size)
{
    printf("host [%s]: ", HOST);
    fflush(stdout);
    if (!fgets(host, size, stdin))
        exit(1);
    host[strcspn(host, "\n")] = '\0';
    if (host[0] == '\0')
        snprintf(host, size, "%s", HOST);
}

/* The port that the user types; an empty line takes the default. */
static int ask_port(void)
{
    char line[100];
    for (;;) {
        printf("port [%d]: ", PORT);
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin))
            exit(1);
        if (line[0] == '\n')
            return PORT;
        char *end;
        long port = strtol(line, &end, 10);
        if (end != line && *end == '\n' && 1 <= port && port <= 65535)
            return port;
        printf("a port is a number from 1 to 65535\n");
    }
}

/* A socket that is connected to the first address of `host`. */
static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        fprintf(stderr, "%s:%s: %s\n", host, port, gai_strerror(code));
        exit(1);
    }
    int stream = socket(found->ai_family, found->ai_socktype, found->ai_protocol);
    if (stream < 0)
        die("socket");
    if (connect(stream, found->ai_addr, found->ai_addrlen) < 0)
        die("connect");
    freeaddrinfo(found);
    return stream;
}

/* Sends all of it: one send may take a part. 0, or -1 with errno. */
static int send_all(int stream, const char *bytes, size_t n_bytes)
{
    while (n_bytes > 0) {
        /* MSG_NOSIGNAL: a peer that is gone is an error, not the end of the program by SIGPIPE. */
        ssize_t n_sent = send(stream, bytes, n_bytes, MSG_NOSIGNAL);
        if (n_sent < 0)
            return -1;
        bytes += n_sent;
        n_bytes -= n_sent;
    }
    return 0;
}

/* Shows what comes, in whatever pieces, until the server ends its half. */
static void *show_replies(void *argument)
{
    int stream = *(int *)argument;
    char portion[65536];
    ssize_t n_bytes;
    while ((n_bytes = recv(stream, portion, sizeof portion, 0)) > 0) {
        fwrite(portion, 1, n_bytes, stdout);
        fflush(stdout);
        fprintf(stderr, "data received: %zd bytes\n", n_bytes);
    }
    if (n_bytes < 0)
        die("recv");
    if (!leaving) {
        fprintf(stderr, "the server has closed the connection\n");
        exit(1);
    }
    return NULL;
}

/* Sends the lines that are typed, with their line ends, until `exit` or the end of the input. */
static void send_lines(int stream)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t n_bytes;
    while ((n_bytes = getline(&line, &size, stdin)) > 0 && strcmp(line, "exit\n") != 0) {
        if (send_all(stream, line, n_bytes) < 0)
            die("send");
        fprintf(stderr, "data sent: %zd bytes\n", n_bytes);
    }
    free(line);
}

int main(int argc, char **argv)
{
    char host[256], port[16];
    if (argc > 2) {
        snprintf(host, sizeof host, "%s", argv[1]);
        snprintf(port, sizeof port, "%s", argv[2]);
    } else {
        ask_host(host, sizeof host);
        snprintf(port, sizeof port, "%d", ask_port());
    }
    int stream = connect_to(host, port);
    fprintf(stderr, "connected to %s:%s\n", host, port);
    /* Sends and receives at once: neither waits for the other. */
    pthread_t receiver;
    if (pthread_create(&receiver, NULL, show_replies, &stream) != 0)
        die("pthread_create");
    send_lines(stream);
    leaving = true;
    shutdown(stream, SHUT_WR);
    pthread_join(receiver, NULL);
    close(stream);
    fprintf(stderr, "disconnected from %s:%s\n", host, port);
}
