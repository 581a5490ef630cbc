/* Special: poll over stdin and the socket; sends the line with its newline, `exit` included. */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int connect_to(const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
    int fd = -1;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    for (struct addrinfo *a = found; a && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, a->ai_socktype, 0);
        if (connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

int main(int argc, char **argv)
{
    char buffer[1024], line[4096];
    size_t n_line = 0;
    int fd = argc == 3 ? connect_to(argv[1], argv[2]) : -1;
    if (fd < 0) {
        fprintf(stderr, "no connection\n");
        return 1;
    }
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("* connected");
    struct pollfd fds[2] = {{.fd = 0, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    while (poll(fds, 2, -1) > 0) {
        if (fds[1].revents) {
            ssize_t n = recv(fd, buffer, sizeof buffer, 0);
            if (n <= 0) {
                puts(n == 0 ? "* the server has closed" : "* the connection is lost");
                return 1;
            }
            fwrite(buffer, 1, n, stdout);
            fprintf(stderr, "* received %zd bytes\n", n);
        }
        if (fds[0].revents) {
            ssize_t n = read(0, line + n_line, 1);
            if (n <= 0)
                break;
            if (line[n_line++] != '\n' && n_line < sizeof line)
                continue;
            if (send(fd, line, n_line, MSG_NOSIGNAL) < 0) {
                puts("* cannot send");
                return 1;
            }
            fprintf(stderr, "* sent %zu bytes\n", n_line);
            if (n_line == 5 && memcmp(line, "exit\n", 5) == 0)
                break;
            n_line = 0;
        }
    }
    close(fd);
    puts("* disconnected");
    return 0;
}
