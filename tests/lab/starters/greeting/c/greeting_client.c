en|/* Greeting client: greets the server, shows its answer and how long it is.
en| *
en| * Build it:     cc -Wall -o greeting_client greeting_client.c
en| * Run it:       ./greeting_client [HOST [PORT]]
en| * The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|/* Клиент приветствий: приветствует сервер, показывает ответ и его длину.
ru| *
ru| * Сборка:       cc -Wall -o greeting_client greeting_client.c
ru| * Запуск:       ./greeting_client [ХОСТ [ПОРТ]]
ru| * Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT "8007"
#define GREETING "Привет, сервер"

int main(int argc, char **argv)
{
    const char *host = argc > 1 ? argv[1] : HOST, *port = argc > 2 ? argv[2] : PORT;
en|    /* TODO 5: connect, send GREETING and end your half of the connection. Receive until the
en|     * server ends its half.
en|     * Look up: getaddrinfo(3), socket(2), connect(2), send(2), shutdown(2), recv(2). */
ru|    /* TODO 5: подключитесь, отправьте GREETING и закройте свою половину соединения. Принимайте,
ru|     * пока сервер не закроет свою.
ru|     * Справка: getaddrinfo(3), socket(2), connect(2), send(2), shutdown(2), recv(2). */
en|    /* TODO 5: print the answer, and its length in bytes: not in characters.
en|     * Look up: fwrite(3). */
ru|    /* TODO 5: напечатайте ответ и его длину в байтах, а не в символах.
ru|     * Справка: fwrite(3). */
en|    /* TODO 6: one clear line if the server is not there, breaks the connection off or closes it
en|     * without a word.
en|     * Look up: perror(3), send(2): MSG_NOSIGNAL. */
ru|    /* TODO 6: одна понятная строка, если сервер не запущен, сбросил соединение или закрыл его,
ru|     * ничего не сказав.
ru|     * Справка: perror(3), send(2): MSG_NOSIGNAL. */
en|    printf("TODO 5: would connect to %s:%s\n", host, port);
ru|    printf("TODO 5: здесь будет соединение с %s:%s\n", host, port);
}
