en|/* Hello client over UDP: sends one datagram and ends.
en| *
en| * Build it:     cc -Wall -o udp_client udp_client.c
en| * Run it:       ./udp_client [HOST [PORT]]
en| * The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|/* Hello-клиент по UDP: отправляет одну датаграмму и завершается.
ru| *
ru| * Сборка:       cc -Wall -o udp_client udp_client.c
ru| * Запуск:       ./udp_client [ХОСТ [ПОРТ]]
ru| * Руководство:  docs/ru/src/hello.md; номера TODO — это его шаги
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

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : HOST, *port = argc > 2 ? argv[2] : PORT;
en|    /* TODO 4: make a datagram socket and send MESSAGE, without connecting.
en|     * Look up: socket(2): SOCK_DGRAM, getaddrinfo(3), sendto(2). */
ru|    /* TODO 4: создайте сокет датаграмм и отправьте MESSAGE, не подключаясь.
ru|     * Справка: socket(2): SOCK_DGRAM, getaddrinfo(3), sendto(2). */
en|    /* TODO 4: what do you know once it is sent? */
ru|    /* TODO 4: что известно после отправки? */
en|    printf("TODO 4: would send to %s:%s\n", host, port);
ru|    printf("TODO 4: здесь будет отправка на %s:%s\n", host, port);
}
