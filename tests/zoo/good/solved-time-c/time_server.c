/* Time server: tells every client the local time.
 *
 * Build it:     cc -Wall -o time_server time_server.c
 * Run it:       ./time_server [PORT]
 * Talk to it:   nc 127.0.0.1 8888
 * The guide:    docs/en/src/time.md
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define PORT 8888

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

/* Tells one client the time. */
static void serve(int stream)
{
    time_t now = time(NULL);
    /* ctime ends the text with a newline by itself. */
    const char *text = ctime(&now);
    /* MSG_NOSIGNAL: a client that is gone is an error, not the end of the server by SIGPIPE. */
    if (send(stream, text, strlen(text), MSG_NOSIGNAL) < 0)
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
        printf("request from %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        serve(stream);
        /* The end of the stream tells the client that the text is complete. */
        close(stream);
    }
}
