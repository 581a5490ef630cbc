en|/* Broadcast receiver: shows every datagram that comes to its port.
en| *
en| * Build it:     cc -Wall -o receiver receiver.c
en| * Run it:       ./receiver [PORT]
en| * Talk to it:   echo hello | nc -u -w 1 127.0.0.1 8888
en| * The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|/* Получатель рассылки: показывает каждую датаграмму, пришедшую на его порт.
ru| *
ru| * Сборка:       cc -Wall -o receiver receiver.c
ru| * Запуск:       ./receiver [ПОРТ]
ru| * Собеседник:   echo hello | nc -u -w 1 127.0.0.1 8888
ru| * Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT 8888
en|#define BUFFER 128 /* what a datagram has beyond it is lost */
ru|#define BUFFER 128 /* всё, что в датаграмме сверх этого, теряется */

en|/* A datagram socket on every IPv4 address that shares its port with others. */
ru|/* Сокет датаграмм на всех адресах IPv4, который делит порт с другими. */
static int bind_to(int port)
{
en|    /* TODO 1: make a datagram socket and bind it to the port on all addresses.
en|     * Look up: socket(2): SOCK_DGRAM, bind(2), ip(7). */
ru|    /* TODO 1: создайте сокет датаграмм и привяжите его к порту на всех адресах.
ru|     * Справка: socket(2): SOCK_DGRAM, bind(2), ip(7). */
en|    /* TODO 2: two receivers should share the port: set SO_REUSEADDR (and SO_BROADCAST). In which
en|     * line does it belong?
en|     * Look up: setsockopt(2), socket(7). */
ru|    /* TODO 2: два получателя должны делить порт: установите SO_REUSEADDR (и SO_BROADCAST). На
ru|     * какой строке этому место?
ru|     * Справка: setsockopt(2), socket(7). */
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
    int receiver = bind_to(port);
    if (receiver < 0)
        return 1;
en|    /* TODO 1: in a loop, receive a datagram of up to BUFFER bytes, and print the message and its
en|     * sender.
en|     * Look up: recvfrom(2), inet_ntoa(3), ntohs(3), fwrite(3). */
ru|    /* TODO 1: в цикле принимайте датаграмму длиной до BUFFER байт и печатайте сообщение и
ru|     * отправителя.
ru|     * Справка: recvfrom(2), inet_ntoa(3), ntohs(3), fwrite(3). */
en|    /* TODO 3: bytes that are no text, a datagram that is cut inside a letter and an empty one
en|     * must not end it. */
ru|    /* TODO 3: байты, которые не текст, датаграмма, обрезанная внутри буквы, и пустая датаграмма
ru|     * не должны его завершать. */
}
