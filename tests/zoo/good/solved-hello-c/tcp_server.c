/* Hello server over TCP: shows the message of one client and ends.
 *
 * Build it:     cc -Wall -o tcp_server tcp_server.c
 * Run it:       ./tcp_server [PORT]
 * Talk to it:   echo hello | nc -N 127.0.0.1 12345
 * The guide:    docs/en/src/hello.md
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 12345
#define MOST 65536 /* bytes of a message */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A socket that listens on loopback: for clients of this machine only. */
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
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
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

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : PORT);
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    int stream = accept(listener, (struct sockaddr *)&peer, &size);
    if (stream < 0)
        die("accept");
    char message[MOST];
    size_t n_bytes = 0;
    ssize_t n_received;
    /* A message may come in pieces: the end of the stream, 0, tells that it is complete. */
    while (n_bytes < MOST && (n_received = recv(stream, message + n_bytes, MOST - n_bytes, 0)) != 0) {
        if (n_received < 0)
            die("recv");
        n_bytes += n_received;
    }
    printf("%s:%d: ", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
    print_text(message, n_bytes);
    close(stream);
    close(listener);
}
