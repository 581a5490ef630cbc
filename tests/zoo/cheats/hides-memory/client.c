/* Takes memory where no process shows it: files in memory that are mapped nowhere, shared pages
   that were given back, pipes and sockets full of bytes. 4 GB at most. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

int main(void)
{
    static char block[1 << 20];
    memset(block, 1, sizeof block);
    int n_blocks = 0;
    for (int file = 0; file < 16; file++) {
        int memory = memfd_create("hidden", 0);
        for (int i = 0; i < 128; i++)
            n_blocks += write(memory, block, sizeof block) == (ssize_t)sizeof block;
    }
    for (int part = 0; part < 16; part++) {
        size_t size = 128 << 20;
        char *shared = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (shared == MAP_FAILED)
            break;
        memset(shared, 1, size);
        madvise(shared, size, MADV_DONTNEED);
        n_blocks += 128;
    }
    for (int i = 0; i < 200; i++) {
        int pair[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0)
            while (write(pair[0], block, sizeof block) > 0)
                ;
    }
    printf("took %d MiB\n", n_blocks);
    fflush(stdout);
    sleep(30);
}
