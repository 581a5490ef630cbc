/* Hello client over UDP: sends one datagram and ends.
 *
 * Build it:     cc -Wall -o udp_client udp_client.c
 * Run it:       ./udp_client [HOST [PORT]]
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

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : HOST, *port = argc > 2 ? argv[2] : PORT;
    struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_DGRAM}, *found;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0) {
        fprintf(stderr, "%s:%s: %s\n", host, port, gai_strerror(code));
        return 1;
    }
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    if (sender < 0)
        die("socket");
    if (sendto(sender, MESSAGE, strlen(MESSAGE), 0, found->ai_addr, found->ai_addrlen) < 0)
        die("sendto");
    freeaddrinfo(found);
    close(sender);
    /* Sent, not received: nobody confirms a datagram. */
    printf("sent\n");
}
