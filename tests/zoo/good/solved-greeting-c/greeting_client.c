/* Greeting client: greets the server, shows its answer and how long it is.
 *
 * Build it:     cc -Wall -o greeting_client greeting_client.c
 * Run it:       ./greeting_client [HOST [PORT]]
 * The guide:    docs/en/src/greeting.md
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT "8007"
#define GREETING "Привет, сервер"

static void die(const char *what)
{
    perror(what);
    exit(1);
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

int main(int argc, char **argv)
{
    int stream = connect_to(argc > 1 ? argv[1] : HOST, argc > 2 ? argv[2] : PORT);
    if (send(stream, GREETING, strlen(GREETING), MSG_NOSIGNAL) < 0)
        die("send");
    /* The end of our half tells the server that the message is complete. */
    shutdown(stream, SHUT_WR);
    char portion[65536];
    size_t n_bytes = 0;
    ssize_t n_received;
    /* An answer may come in pieces, cut inside letters: they are put together on the screen. */
    while ((n_received = recv(stream, portion, sizeof portion, 0)) > 0) {
        fwrite(portion, 1, n_received, stdout);
        n_bytes += n_received;
    }
    if (n_received < 0)
        die("recv");
    close(stream);
    if (n_bytes == 0) {
        fprintf(stderr, "the server has closed the connection without a word\n");
        return 1;
    }
    printf("\n%zu bytes\n", n_bytes);
}
