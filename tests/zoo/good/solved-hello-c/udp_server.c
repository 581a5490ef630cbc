/* Hello server over UDP: shows one datagram and ends.
 *
 * Build it:     cc -Wall -o udp_server udp_server.c
 * Run it:       ./udp_server [PORT]
 * Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
 * The guide:    docs/en/src/hello.md
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 12345
#define MOST 65536 /* no datagram is longer */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* A datagram socket on loopback. Neither listen nor accept: there are no connections. */
static int bind_to(int port)
{
    int receiver = socket(AF_INET, SOCK_DGRAM, 0);
    if (receiver < 0)
        die("socket");
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(receiver, (struct sockaddr *)&address, sizeof address) < 0)
        die("bind");
    printf("waiting on port %d\n", port);
    return receiver;
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
    int receiver = bind_to(argc > 1 ? atoi(argv[1]) : PORT);
    char message[MOST];
    /* Every datagram names its sender. */
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    ssize_t n_bytes = recvfrom(receiver, message, sizeof message, 0, (struct sockaddr *)&peer, &size);
    if (n_bytes < 0)
        die("recvfrom");
    printf("%s:%d: ", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
    print_text(message, n_bytes);
    close(receiver);
}
