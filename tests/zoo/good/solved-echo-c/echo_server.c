/* Echo server: returns to every client what it sends, one client after another.
 *
 * Build it:     cc -Wall -o echo_server echo_server.c
 * Run it:       ./echo_server [PORT [LOGFILE]]
 * Talk to it:   nc 127.0.0.1 9090
 * The guide:    docs/en/src/echo.md
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 9090
#define PORTION 1024 /* the most bytes that one recv takes */

static FILE *log_file;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

/* Writes a service message, as printf does. */
static void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log_file, format, arguments);
    va_end(arguments);
    fputc('\n', log_file);
    fflush(log_file);
}

/* Ctrl-C. A signal handler may call few functions (signal-safety(7)): write is one, printf is not. */
static void stop(int signal)
{
    static const char text[] = "server stopped\n";
    (void)signal;
    ssize_t n_written = write(fileno(log_file), text, sizeof text - 1);
    _exit(n_written < 0);
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

/* A socket that listens on every IPv4 address; -1 with errno if it cannot. */
static int try_to_listen(int port)
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
    if (bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 5) == 0)
        return listener;
    int error = errno;
    close(listener);
    errno = error;
    return -1;
}

/* A socket that listens at the first free port from `port` up. */
static int listen_from(int port)
{
    int listener;
    while ((listener = try_to_listen(port)) < 0) {
        if (errno != EADDRINUSE || port == 65535)
            die("listen");
        say("port %d is busy", port);
        port++;
    }
    say("listening on port %d", port);
    return listener;
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

/* Returns what one client sends, as bytes: a portion may end inside a letter. */
static void echo(int stream, const char *peer)
{
    char portion[PORTION];
    ssize_t n_bytes;
    while ((n_bytes = recv(stream, portion, sizeof portion, 0)) > 0) {
        say("data received: %zd bytes from %s", n_bytes, peer);
        if (send_all(stream, portion, n_bytes) < 0)
            break;
        say("data sent: %zd bytes to %s", n_bytes, peer);
    }
    /* It is the end of this client, not of the server. */
    if (n_bytes != 0)
        say("client failed: %s: %s", peer, strerror(errno));
}

int main(int argc, char **argv)
{
    log_file = argc > 2 ? fopen(argv[2], "a") : stdout;
    if (!log_file)
        die(argv[2]);
    signal(SIGINT, stop);
    say("server started");
    int listener = listen_from(argc > 1 ? atoi(argv[1]) : ask_port());
    for (;;) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        int stream = accept(listener, (struct sockaddr *)&address, &size);
        if (stream < 0) {
            say("accept: %s", strerror(errno));
            continue;
        }
        char peer[100];
        snprintf(peer, sizeof peer, "%s:%d", inet_ntoa(address.sin_addr), ntohs(address.sin_port));
        say("client connected: %s", peer);
        echo(stream, peer);
        close(stream);
        say("client disconnected: %s", peer);
    }
}
