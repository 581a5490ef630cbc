/* Greeting server: shows the message of every client and answers it.
 *
 * Build it:     cc -Wall -o greeting_server greeting_server.c
 * Run it:       ./greeting_server [PORT]
 * Talk to it:   echo hello | nc -N 127.0.0.1 8007
 * The guide:    docs/en/src/greeting.md
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PORT 8007
#define MOST 1000000 /* bytes of a message */
#define PAUSE 500000 /* microseconds without more bytes end a message */
#define GREETING "Привет, клиент"

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A socket that listens on every IPv4 address. */
static int listen_on(int port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (listener < 0)
        die("socket");
    /* Without it, bind fails for a minute after a restart: old connections are in TIME-WAIT. */
    int yes = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_ANY),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    if (listen(listener, 5) < 0)
        die("listen");
    printf("listening on port %d\n", port);
    return listener;
}

/* Prints a message of somebody else: without control characters, which play with the terminal. */
static void print_text(const char *text, size_t n_bytes)
{
    for (size_t i = 0; i < n_bytes; i++) {
        unsigned char byte = text[i];
        putchar(byte < ' ' || byte == 127 ? '?' : byte);
    }
    putchar('\n');
}

/* Receives a message up to the end of the stream, or until the client pauses; how many bytes, or -1
 * with errno. */
static ssize_t receive(int stream, char *message)
{
    size_t n_bytes = 0;
    while (n_bytes < MOST) {
        ssize_t n_received = recv(stream, message + n_bytes, MOST - n_bytes, 0);
        if (n_received < 0 && errno != EAGAIN)
            return -1;
        if (n_received <= 0)
            break;
        n_bytes += n_received;
        /* Not before the first portion: a client may think before it speaks. */
        struct timeval pause = {.tv_usec = PAUSE};
        setsockopt(stream, SOL_SOCKET, SO_RCVTIMEO, &pause, sizeof pause);
    }
    return n_bytes;
}

/* Shows the message of one client and answers it. */
static void serve(int stream, struct sockaddr_in peer)
{
    static char message[MOST];
    ssize_t n_bytes = receive(stream, message);
    if (n_bytes < 0) {
        perror("recv");
        return;
    }
    printf("%s:%d, %zd bytes: ", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port), n_bytes);
    print_text(message, n_bytes);
    /* MSG_NOSIGNAL: a client that is gone is an error, not the end of the server by SIGPIPE. */
    if (send(stream, GREETING, strlen(GREETING), MSG_NOSIGNAL) < 0)
        perror("send");
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : PORT);
    for (;;) {
        struct sockaddr_in peer;
        socklen_t size = sizeof peer;
        int stream = accept(listener, (struct sockaddr *)&peer, &size);
        if (stream < 0) {
            perror("accept");
            continue;
        }
        serve(stream, peer);
        close(stream);
    }
}
