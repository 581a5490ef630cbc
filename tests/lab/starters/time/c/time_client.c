en|/* Time client: asks a server for the time and shows it.
en| *
en| * Build it:     cc -Wall -o time_client time_client.c
en| * Run it:       ./time_client [HOST [PORT]]
en| * The guide:    docs/en/src/time.md; TODO numbers are its steps
ru|/* Клиент времени: спрашивает у сервера время и показывает его.
ru| *
ru| * Сборка:       cc -Wall -o time_client time_client.c
ru| * Запуск:       ./time_client [ХОСТ [ПОРТ]]
ru| * Руководство:  docs/ru/src/time.md; номера TODO — это его шаги
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT "8888"

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : HOST, *port = argc > 2 ? argv[2] : PORT;
en|    /* TODO 5: connect and receive until the server ends the stream: the text may come in pieces.
en|     * Print it.
en|     * Look up: getaddrinfo(3), socket(2), connect(2), recv(2), fwrite(3). */
ru|    /* TODO 5: подключитесь и принимайте, пока сервер не закончит поток: текст может прийти по
ru|     * частям. Напечатайте его.
ru|     * Справка: getaddrinfo(3), socket(2), connect(2), recv(2), fwrite(3). */
en|    /* TODO 6: one clear line if the server is not there, breaks the connection off or closes it
en|     * without a word.
en|     * Look up: perror(3), gai_strerror(3). */
ru|    /* TODO 6: одна понятная строка, если сервер не запущен, сбросил соединение или закрыл его,
ru|     * ничего не сказав.
ru|     * Справка: perror(3), gai_strerror(3). */
en|    printf("TODO 5: would connect to %s:%s\n", host, port);
ru|    printf("TODO 5: здесь будет соединение с %s:%s\n", host, port);
}
