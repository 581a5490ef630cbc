en|/* Time server: tells every client the local time.
en| *
en| * Build it:     cc -Wall -o time_server time_server.c
en| * Run it:       ./time_server [PORT]
en| * Talk to it:   nc 127.0.0.1 8888
en| * The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|/* Сервер времени: сообщает каждому клиенту местное время.
ru| *
ru| * Сборка:       cc -Wall -o time_server time_server.c
ru| * Запуск:       ./time_server [ПОРТ]
ru| * Собеседник:   nc 127.0.0.1 8888
ru| * Руководство:  docs/ru/src/time.md; номера TODO — это его шаги
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

en|/* A socket that listens on every IPv4 address. */
ru|/* Сокет, который слушает на всех адресах IPv4. */
static int listen_on(int port)
{
en|    /* TODO 1: make a socket, bind it to the port on all addresses and let it listen, with a
en|     * backlog of 5.
en|     * Look up: socket(2), bind(2), listen(2), ip(7), socket(7): SO_REUSEADDR. */
ru|    /* TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание с
ru|     * очередью подключений 5.
ru|     * Справка: socket(2), bind(2), listen(2), ip(7), socket(7): SO_REUSEADDR. */
en|    printf("TODO 1: nothing listens on port %d yet\n", port);
ru|    printf("TODO 1: порт %d пока никто не слушает\n", port);
    return -1;
}

int main(int argc, char **argv)
{
en|    /* Every line at once, whatever stdout is. */
ru|    /* Каждая строка сразу, чем бы ни был stdout. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    int port = argc > 1 ? atoi(argv[1]) : PORT;
    int listener = listen_on(port);
    if (listener < 0)
        return 1;
en|    /* TODO 1: wait for a client. How many sockets are there now?
en|     * Look up: accept(2). */
ru|    /* TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|     * Справка: accept(2). */
en|    /* TODO 1: send the local time as ctime writes it, with a newline, in ASCII.
en|     * Look up: time(2), ctime(3), send(2). */
ru|    /* TODO 1: отправьте местное время в том виде, как его пишет ctime, с переводом строки, в
ru|     * ASCII.
ru|     * Справка: time(2), ctime(3), send(2). */
en|    /* TODO 2: close the connection: nothing else says that the text is complete. There are two
en|     * sockets: which one?
en|     * Look up: close(2). */
ru|    /* TODO 2: закройте соединение: больше ничто не говорит, что текст закончен. Сокетов два:
ru|     * какой из них?
ru|     * Справка: close(2). */
en|    /* TODO 3: print whom the request came from.
en|     * Look up: inet_ntoa(3), ntohs(3). */
ru|    /* TODO 3: напечатайте, от кого пришёл запрос.
ru|     * Справка: inet_ntoa(3), ntohs(3). */
en|    /* TODO 4: go on with the next client. */
ru|    /* TODO 4: переходите к следующему клиенту. */
en|    /* TODO 6: a client that breaks the connection off must not end the server: report the error
en|     * and go on.
en|     * Look up: errno(3), perror(3), send(2): MSG_NOSIGNAL. */
ru|    /* TODO 6: клиент, который сбросил соединение, не должен завершать сервер: сообщите об ошибке
ru|     * и продолжайте.
ru|     * Справка: errno(3), perror(3), send(2): MSG_NOSIGNAL. */
}
