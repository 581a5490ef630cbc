en|/* Hello server over TCP: shows the message of one client and ends.
en| *
en| * Build it:     cc -Wall -o tcp_server tcp_server.c
en| * Run it:       ./tcp_server [PORT]
en| * Talk to it:   echo hello | nc -N 127.0.0.1 12345
en| * The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|/* Hello-сервер по TCP: показывает сообщение одного клиента и завершается.
ru| *
ru| * Сборка:       cc -Wall -o tcp_server tcp_server.c
ru| * Запуск:       ./tcp_server [ПОРТ]
ru| * Собеседник:   echo hello | nc -N 127.0.0.1 12345
ru| * Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

en|#define HOST INADDR_LOOPBACK /* clients of this machine only */
ru|#define HOST INADDR_LOOPBACK /* клиенты только с этой машины */
#define PORT 12345

en|/* A socket that listens on loopback. */
ru|/* Сокет, который слушает на интерфейсе обратной связи. */
static int listen_on(int port)
{
en|    /* TODO 2: make a socket, bind it to the port of HOST and let it listen.
en|     * Look up: socket(2), bind(2), listen(2), ip(7), socket(7): SO_REUSEADDR. */
ru|    /* TODO 2: создайте сокет, привяжите его к порту на HOST и включите прослушивание.
ru|     * Справка: socket(2), bind(2), listen(2), ip(7), socket(7): SO_REUSEADDR. */
en|    printf("TODO 2: nothing listens on port %d yet\n", port);
ru|    printf("TODO 2: порт %d пока никто не слушает\n", port);
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
en|    /* TODO 2: wait for one client: no loop, the server ends after it.
en|     * Look up: accept(2). */
ru|    /* TODO 2: дождитесь одного клиента: без цикла, после него сервер завершается.
ru|     * Справка: accept(2). */
en|    /* TODO 2: receive until the client ends its half, for a message may come in pieces.
en|     * Look up: recv(2). */
ru|    /* TODO 2: принимайте, пока клиент не закроет свою половину: сообщение может прийти по
ru|     * частям.
ru|     * Справка: recv(2). */
en|    /* TODO 2: print who connected and what came. Answer nothing, close, end.
en|     * Look up: inet_ntoa(3), ntohs(3), fwrite(3), close(2). */
ru|    /* TODO 2: напечатайте, кто подключился и что пришло. Ничего не отвечайте, закройте
ru|     * соединение и завершитесь.
ru|     * Справка: inet_ntoa(3), ntohs(3), fwrite(3), close(2). */
}
