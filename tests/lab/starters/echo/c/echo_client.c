en|/* Echo client: sends line after line until `exit`, and shows what comes back.
en| *
en| * Build it:     cc -Wall -pthread -o echo_client echo_client.c
en| * Run it:       ./echo_client [HOST PORT]
en| * The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|/* Эхо-клиент: отправляет строку за строкой до `exit` и показывает ответы.
ru| *
ru| * Сборка:       cc -Wall -pthread -o echo_client echo_client.c
ru| * Запуск:       ./echo_client [ХОСТ ПОРТ]
ru| * Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги
 */

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "127.0.0.1"
#define PORT 9090

en|/* The host that the user types; an empty line takes the default. */
ru|/* Хост, который вводит пользователь; пустая строка — значение по умолчанию. */
static void ask_host(char *host, int size)
{
en|    /* TODO 7: ask for the host; an empty line takes the default.
en|     * Look up: fgets(3), strcspn(3). */
ru|    /* TODO 7: спросите хост; пустая строка — значение по умолчанию.
ru|     * Справка: fgets(3), strcspn(3). */
    snprintf(host, size, "%s", HOST);
}

en|/* The port that the user types; an empty line takes the default. */
ru|/* Порт, который вводит пользователь; пустая строка — значение по умолчанию. */
static int ask_port(void)
{
en|    /* TODO 7: ask for the port. Bad input (`abc`, `70000`) is asked for again, an empty line
en|     * takes the default.
en|     * Look up: fgets(3), strtol(3). */
ru|    /* TODO 7: спросите порт. При неверном вводе (`abc`, `70000`) переспросите, пустая строка —
ru|     * значение по умолчанию.
ru|     * Справка: fgets(3), strtol(3). */
    return PORT;
}

int main(int argc, char **argv)
{
    char host[256], port[16];
    if (argc > 2) {
        snprintf(host, sizeof host, "%s", argv[1]);
        snprintf(port, sizeof port, "%s", argv[2]);
    } else {
        ask_host(host, sizeof host);
        snprintf(port, sizeof port, "%d", ask_port());
    }
en|    /* TODO 4: connect, read a line from standard input and send it; receive the reply and print
en|     * it.
en|     * Look up: getaddrinfo(3), socket(2), connect(2), getline(3), send(2), recv(2). */
ru|    /* TODO 4: подключитесь, прочитайте строку со стандартного ввода и отправьте её; примите
ru|     * ответ и напечатайте.
ru|     * Справка: getaddrinfo(3), socket(2), connect(2), getline(3), send(2), recv(2). */
en|    /* TODO 4: report: connected, data sent, data received, disconnected.
en|     * Look up: fprintf(stderr, ...). */
ru|    /* TODO 4: сообщайте: соединение установлено, данные отправлены, данные получены, соединение
ru|     * завершено.
ru|     * Справка: fprintf(stderr, ...). */
en|    /* TODO 5: line after line until `exit`. What is sent for an empty line? */
ru|    /* TODO 5: строка за строкой до `exit`. Что отправится для пустой строки? */
en|    /* TODO 10: a reply may come late, in pieces, or two at once: receive on a thread of its own.
en|     * Look up: pthread_create(3), shutdown(2). */
ru|    /* TODO 10: ответ может прийти поздно, по частям или сразу два: принимайте в отдельном потоке
ru|     * выполнения.
ru|     * Справка: pthread_create(3), shutdown(2). */
en|    /* TODO 10: one clear line if the server is not there or goes away; the end of the input is
en|     * like `exit`.
en|     * Look up: perror(3), send(2): MSG_NOSIGNAL. */
ru|    /* TODO 10: одна понятная строка, если сервер не запущен или пропал; конец ввода — как
ru|     * `exit`.
ru|     * Справка: perror(3), send(2): MSG_NOSIGNAL. */
en|    printf("TODO 4: would connect to %s:%s\n", host, port);
ru|    printf("TODO 4: здесь будет соединение с %s:%s\n", host, port);
}
