/* Hello client over TCP: sends one message and ends.
 *
 * Build it:     cc -Wall -o tcp_client tcp_client.c
 * Run it:       ./tcp_client [HOST [PORT]]
 * The guide:    docs/en/src/hello.md
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT "12345"
#define MESSAGE "Hello, server!"

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
    if (send(stream, MESSAGE, strlen(MESSAGE), MSG_NOSIGNAL) < 0)
        die("send");
    close(stream);
    printf("sent\n");
}
