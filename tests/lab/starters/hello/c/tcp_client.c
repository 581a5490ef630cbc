en|/* Hello client over TCP: sends one message and ends.
en| *
en| * Build it:     cc -Wall -o tcp_client tcp_client.c
en| * Run it:       ./tcp_client [HOST [PORT]]
en| * The guide:    docs/en/src/hello.md; TODO numbers are its steps
ru|/* Hello-клиент по TCP: отправляет одно сообщение и завершается.
ru| *
ru| * Сборка:       cc -Wall -o tcp_client tcp_client.c
ru| * Запуск:       ./tcp_client [ХОСТ [ПОРТ]]
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
en|    /* TODO 1: connect, send MESSAGE, close.
en|     * Look up: getaddrinfo(3), socket(2), connect(2), send(2), close(2). */
ru|    /* TODO 1: подключитесь, отправьте MESSAGE, закройте соединение.
ru|     * Справка: getaddrinfo(3), socket(2), connect(2), send(2), close(2). */
en|    /* TODO 5: one clear line if the server is not there.
en|     * Look up: perror(3). */
ru|    /* TODO 5: одна понятная строка, если сервер не запущен.
ru|     * Справка: perror(3). */
en|    printf("TODO 1: would connect to %s:%s\n", host, port);
ru|    printf("TODO 1: здесь будет соединение с %s:%s\n", host, port);
}
