en|/* Greeting server: shows the message of every client and answers it.
en| *
en| * Build it:     cc -Wall -o greeting_server greeting_server.c
en| * Run it:       ./greeting_server [PORT]
en| * Talk to it:   echo hello | nc -N 127.0.0.1 8007
en| * The guide:    docs/en/src/greeting.md; TODO numbers are its steps
ru|/* Сервер приветствий: показывает сообщение каждого клиента и отвечает.
ru| *
ru| * Сборка:       cc -Wall -o greeting_server greeting_server.c
ru| * Запуск:       ./greeting_server [ПОРТ]
ru| * Собеседник:   echo hello | nc -N 127.0.0.1 8007
ru| * Руководство:  docs/ru/src/greeting.md; номера TODO — это его шаги
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define PORT 8007
en|#define MOST 1000000 /* bytes of a message */
en|#define PAUSE 500000 /* microseconds without more bytes end a message */
ru|#define MOST 1000000 /* больше байтов в сообщении не бывает */
ru|#define PAUSE 500000 /* столько микросекунд без новых байтов — и сообщение закончено */
#define GREETING "Привет, клиент"

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
en|    /* TODO 1: receive a message.
en|     * Look up: recv(2). */
ru|    /* TODO 1: примите сообщение.
ru|     * Справка: recv(2). */
en|    /* TODO 1: answer with GREETING in UTF-8 and close the connection.
en|     * Look up: send(2), close(2). */
ru|    /* TODO 1: ответьте текстом GREETING в UTF-8 и закройте соединение.
ru|     * Справка: send(2), close(2). */
en|    /* TODO 2: print the message as text, and the client's address.
en|     * Look up: inet_ntoa(3), ntohs(3), fwrite(3). */
ru|    /* TODO 2: напечатайте сообщение как текст и адрес клиента.
ru|     * Справка: inet_ntoa(3), ntohs(3), fwrite(3). */
en|    /* TODO 3: go on with the next client. */
ru|    /* TODO 3: переходите к следующему клиенту. */
en|    /* TODO 4: one receive is not one message: collect portions, up to MOST bytes, until the end
en|     * of the stream, or until the client pauses for as long as PAUSE says. Before it speaks it
en|     * may think for longer.
en|     * Look up: socket(7): SO_RCVTIMEO, EAGAIN. */
ru|    /* TODO 4: один приём — не одно сообщение: собирайте порции, не больше MOST байт, до конца
ru|     * потока или пока клиент не сделает паузу длиной PAUSE. Прежде чем заговорить, он может
ru|     * думать и дольше.
ru|     * Справка: socket(7): SO_RCVTIMEO, EAGAIN. */
en|    /* TODO 6: bytes that are no UTF-8, a client that says nothing and one that breaks off must
en|     * not end the server.
en|     * Look up: errno(3), perror(3), send(2): MSG_NOSIGNAL. */
ru|    /* TODO 6: байты не в UTF-8, молчащий клиент и сброс соединения не должны завершать сервер.
ru|     * Справка: errno(3), perror(3), send(2): MSG_NOSIGNAL. */
}
