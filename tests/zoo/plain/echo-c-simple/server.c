/* Special: C without a single error check; write for send, read for recv. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct sockaddr_in a = {.sin_family = AF_INET};
    char b[1024];
    int s = socket(AF_INET, SOCK_STREAM, 0), c, n;

    (void)argc;
    setbuf(stdout, NULL);
    a.sin_port = htons(atoi(argv[1]));
    bind(s, (struct sockaddr *)&a, sizeof a);
    listen(s, 1);
    printf("listening\n");
    while ((c = accept(s, NULL, NULL)) >= 0) {
        printf("client\n");
        while ((n = read(c, b, sizeof b)) > 0) {
            printf("in %d\n", n);
            n = write(c, b, n);
            printf("out %d\n", n);
        }
        close(c);
        printf("bye\n");
    }
}
