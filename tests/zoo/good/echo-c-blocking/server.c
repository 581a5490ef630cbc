/* Special: asks for its port, one client after another, block buffered: started with stdbuf. */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    stopped = 1;
}

static int ask_port(void)
{
    char line[100], rest;
    int port;
    for (;;) {
        printf("Порт (1-65535, пусто - 9090): ");
        fflush(stdout);
        if (!fgets(line, sizeof line, stdin) || line[0] == '\n')
            return 9090;
        if (sscanf(line, "%d %c", &port, &rest) == 1 && port > 0 && port < 65536)
            return port;
        puts("Неверный порт");
    }
}

static int serve(int fd)
{
    char buffer[1024];
    ssize_t n;
    while ((n = recv(fd, buffer, sizeof buffer, 0)) > 0) {
        printf("Получено %zd Б\n", n);
        if (send(fd, buffer, n, MSG_NOSIGNAL) != n)
            return -1;
        printf("Отправлено %zd Б\n", n);
    }
    return n;
}

int main(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(ask_port())};
    struct sigaction action = {.sa_handler = on_interrupt};
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);

    sigaction(SIGINT, &action, NULL);
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) {
        printf("Порт занят: %s\n", strerror(errno));
        return 1;
    }
    puts("Сервер запущен");
    listen(listener, 3);
    puts("Жду клиентов");
    while (!stopped) {
        struct sockaddr_in peer;
        socklen_t length = sizeof peer;
        int fd = accept(listener, (struct sockaddr *)&peer, &length);
        if (fd < 0)
            continue;
        printf("Подключился %s:%d\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
        if (serve(fd) < 0)
            printf("Сбой: %s\n", strerror(errno));
        close(fd);
        puts("Клиент ушёл");
    }
    puts("Сервер остановлен");
    return 0;
}
