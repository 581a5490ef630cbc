en|/* Broadcast sender: sends a message to everybody, again and again.
en| *
en| * Build it:     cc -Wall -o sender sender.c
en| * Run it:       ./sender [ADDRESS [PORT]]
en| * The guide:    docs/en/src/broadcast.md; TODO numbers are its steps
ru|/* Отправитель рассылки: снова и снова отправляет сообщение всем.
ru| *
ru| * Сборка:       cc -Wall -o sender sender.c
ru| * Запуск:       ./sender [АДРЕС [ПОРТ]]
ru| * Руководство:  docs/ru/src/broadcast.md; номера TODO — это его шаги
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESS "255.255.255.255"
#define PORT "8888"
#define MESSAGE "Who is there?"
en|#define PAUSE 1 /* seconds: everybody in the network has to listen */
ru|#define PAUSE 1 /* секунда: слушать приходится всей сети */

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    const char *host = argc > 1 ? argv[1] : ADDRESS, *port = argc > 2 ? argv[2] : PORT;
en|    /* TODO 4: make a datagram socket and send MESSAGE to the address. What does the system say
en|     * without SO_BROADCAST?
en|     * Look up: socket(2): SOCK_DGRAM, inet_pton(3), setsockopt(2), sendto(2). */
ru|    /* TODO 4: создайте сокет датаграмм и отправьте MESSAGE по адресу. Что скажет система без
ru|     * SO_BROADCAST?
ru|     * Справка: socket(2): SOCK_DGRAM, inet_pton(3), setsockopt(2), sendto(2). */
en|    /* TODO 5: again and again, with a pause. An error (the network is down) is reported and does
en|     * not end it.
en|     * Look up: sleep(3), perror(3). */
ru|    /* TODO 5: снова и снова, с паузой. Об ошибке (нет сети) сообщается, и она его не завершает.
ru|     * Справка: sleep(3), perror(3). */
en|    printf("TODO 4: would send to %s:%s\n", host, port);
ru|    printf("TODO 4: здесь будет отправка на %s:%s\n", host, port);
}
