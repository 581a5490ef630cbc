en|/* Hello server over UDP: shows one datagram and ends.
en| *
en| * Build it:     cc -Wall -o udp_server udp_server.c
en| * Run it:       ./udp_server [PORT]
en| * Talk to it:   echo hello | nc -u -w 1 127.0.0.1 12345
en| * The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|/* Hello-сервер по UDP: показывает одну датаграмму и завершается.
ru| *
ru| * Сборка:       cc -Wall -o udp_server udp_server.c
ru| * Запуск:       ./udp_server [ПОРТ]
ru| * Собеседник:   echo hello | nc -u -w 1 127.0.0.1 12345
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
en|#define MOST 65536 /* no datagram is longer */
ru|#define MOST 65536 /* длиннее датаграмм не бывает */

int main(int argc, char **argv)
{
en|    /* Every line at once, whatever stdout is. */
ru|    /* Каждая строка сразу, чем бы ни был stdout. */
    setvbuf(stdout, NULL, _IOLBF, 0);
    int port = argc > 1 ? atoi(argv[1]) : PORT;
en|    /* TODO 3: make a datagram socket, bind it to the port of HOST, receive one datagram, print
en|     * who sent what. Which calls of the TCP server are not needed, and why?
en|     * Look up: socket(2): SOCK_DGRAM, bind(2), recvfrom(2). */
ru|    /* TODO 3: создайте сокет датаграмм, привяжите его к порту на HOST, примите одну датаграмму и
ru|     * напечатайте, кто и что прислал. Какие вызовы сервера TCP не нужны и почему?
ru|     * Справка: socket(2): SOCK_DGRAM, bind(2), recvfrom(2). */
en|    printf("TODO 3: nothing listens on port %d yet\n", port);
ru|    printf("TODO 3: порт %d пока никто не слушает\n", port);
}
