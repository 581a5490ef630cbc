/* Time client: asks a server for the time and shows it.
 *
 * Build it:     cc -Wall -o time_client time_client.c
 * Run it:       ./time_client [HOST [PORT]]
 * The guide:    docs/en/src/time.md
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT "8888"

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
    char text[1024];
    size_t n_bytes = 0;
    ssize_t n_received;
    /* A text may come in pieces: the end of the stream, 0, tells that it is complete. */
    while (n_bytes < sizeof text
           && (n_received = recv(stream, text + n_bytes, sizeof text - n_bytes, 0)) != 0) {
        if (n_received < 0)
            die("recv");
        n_bytes += n_received;
    }
    close(stream);
    if (n_bytes == 0) {
        fprintf(stderr, "the server has closed the connection without a word\n");
        return 1;
    }
    fwrite(text, 1, n_bytes, stdout);
}
