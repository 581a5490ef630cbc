/* Broadcast sender: sends a message to everybody, again and again.
 *
 * Build it:     cc -Wall -o sender sender.c
 * Run it:       ./sender [ADDRESS [PORT]]
 * The guide:    docs/en/src/broadcast.md
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS "255.255.255.255"
#define PORT 8888
#define MESSAGE "Who is there?"
#define PAUSE 1 /* seconds: everybody in the network has to listen */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *to = argc > 1 ? argv[1] : ADDRESS;
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(argc > 2 ? atoi(argv[2]) : PORT),
    };
    if (inet_pton(AF_INET, to, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4 address\n", to);
        return 1;
    }
    int sender = socket(AF_INET, SOCK_DGRAM, 0);
    if (sender < 0)
        die("socket");
    int yes = 1;
    setsockopt(sender, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    for (;;) {
        /* A network may go down and come back: an error does not end the sender. */
        if (sendto(sender, MESSAGE, strlen(MESSAGE), 0, (struct sockaddr *)&address, sizeof address) < 0)
            perror("sendto");
        else
            printf("sent to %s\n", to);
        sleep(PAUSE);
    }
}
