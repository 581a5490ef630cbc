en|/* Echo server: returns to every client what it sends, one client after another.
en| *
en| * Build it:     cc -Wall -o echo_server echo_server.c
en| * Run it:       ./echo_server [PORT [LOGFILE]]
en| * Talk to it:   nc 127.0.0.1 9090
en| * The guide:    docs/en/src/echo.md; TODO numbers are its steps
ru|/* Эхо-сервер: возвращает клиентам то, что они прислали, одному за другим.
ru| *
ru| * Сборка:       cc -Wall -o echo_server echo_server.c
ru| * Запуск:       ./echo_server [ПОРТ [ЖУРНАЛ]]
ru| * Собеседник:   nc 127.0.0.1 9090
ru| * Руководство:  docs/ru/src/echo.md; номера TODO — это его шаги
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 9090
en|#define PORTION 1024 /* the most bytes that one recv takes */
ru|#define PORTION 1024 /* больше байтов один recv не берёт */

en|/* Writes a service message. */
ru|/* Выводит служебное сообщение. */
static void say(const char *format, ...)
{
en|    /* TODO 8: the second argument is a file: write the messages there instead, each one at once.
en|     * Look up: fopen(3), vfprintf(3), fflush(3). */
ru|    /* TODO 8: второй аргумент — файл: пишите сообщения туда, причём каждое сразу.
ru|     * Справка: fopen(3), vfprintf(3), fflush(3). */
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
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

en|/* A socket that listens on every IPv4 address. */
ru|/* Сокет, который слушает на всех адресах IPv4. */
static int listen_on(int port)
{
en|    /* TODO 1: make a socket, bind it to the port on all addresses and let it listen.
en|     * Look up: socket(2), bind(2), listen(2), ip(7). */
ru|    /* TODO 1: создайте сокет, привяжите его к порту на всех адресах и включите прослушивание.
ru|     * Справка: socket(2), bind(2), listen(2), ip(7). */
en|    /* TODO 6: after a stop the server must get its port back at once.
en|     * Look up: setsockopt(2), socket(7): SO_REUSEADDR. */
ru|    /* TODO 6: после остановки сервер должен сразу получить свой порт обратно.
ru|     * Справка: setsockopt(2), socket(7): SO_REUSEADDR. */
en|    /* TODO 9: if the port is busy, take the next one and say its number.
en|     * Look up: errno(3), EADDRINUSE. */
ru|    /* TODO 9: если порт занят, займите следующий и сообщите его номер.
ru|     * Справка: errno(3), EADDRINUSE. */
en|    say("TODO 1: nothing listens on port %d yet", port);
ru|    say("TODO 1: порт %d пока никто не слушает", port);
    return -1;
}

int main(int argc, char **argv)
{
en|    /* TODO 3: report every event: start, listening, client connected, data received, data sent,
en|     * client disconnected, stop.
en|     * Look up: signal(2), signal-safety(7). */
ru|    /* TODO 3: сообщайте о каждом событии: запуск, прослушивание, клиент подключился, данные
ru|     * получены, данные отправлены, клиент отключился, остановка.
ru|     * Справка: signal(2), signal-safety(7). */
    int listener = listen_on(argc > 1 ? atoi(argv[1]) : ask_port());
    if (listener < 0)
        return 1;
en|    /* TODO 1: wait for a client. How many sockets are there now?
en|     * Look up: accept(2). */
ru|    /* TODO 1: дождитесь клиента. Сколько теперь сокетов?
ru|     * Справка: accept(2). */
en|    /* TODO 1: receive a portion of up to PORTION bytes and send it back.
en|     * Look up: recv(2), send(2). */
ru|    /* TODO 1: примите порцию длиной до PORTION байт и отправьте её обратно.
ru|     * Справка: recv(2), send(2). */
en|    /* TODO 2: go on until the client ends its half. Send back all of a portion. Bytes need not
en|     * be text.
en|     * Look up: recv(2), send(2): RETURN VALUE. */
ru|    /* TODO 2: продолжайте, пока клиент не закроет свою половину. Возвращайте порцию целиком.
ru|     * Байты не обязаны быть текстом.
ru|     * Справка: recv(2), send(2): RETURN VALUE. */
en|    /* TODO 6: go on with the next client. */
ru|    /* TODO 6: переходите к следующему клиенту. */
en|    /* TODO 10: whatever one client does, serve the next one.
en|     * Look up: strerror(3), send(2): MSG_NOSIGNAL. */
ru|    /* TODO 10: что бы ни сделал один клиент, обслуживайте следующего.
ru|     * Справка: strerror(3), send(2): MSG_NOSIGNAL. */
}
