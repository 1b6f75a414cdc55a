/*
 * write_files.c: makes a folder's files again, as plainly as C can: what a program that seeds the
 * same blobs cannot beat, on the disk of this very run.
 *
 *     write_files FROM TO
 *
 * Reads the regular files of FROM and writes each below TO, which it makes: open, write, close; no
 * fsync, no database beside it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
    perror(what);
    exit(1);
}

static void copy(int from, int to, const char *name)
{
    static char bytes[1 << 16];
    ssize_t n;
    int in = openat(from, name, O_RDONLY);
    int out = openat(to, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (in < 0 || out < 0)
        die(name);
    while ((n = read(in, bytes, sizeof bytes)) > 0)
        if (write(out, bytes, (size_t)n) != n)
            die(name);
    if (n < 0 || close(out) != 0)
        die(name);
    close(in);
}

int main(int argc, char **argv)
{
    if (argc != 3 || mkdir(argv[2], 0700) != 0)
        die(argc == 3 ? argv[2] : "usage: write_files FROM TO");
    DIR *dir = opendir(argv[1]);
    int to = open(argv[2], O_RDONLY | O_DIRECTORY);
    if (!dir || to < 0)
        die(argv[1]);
    for (struct dirent *e; (e = readdir(dir));)
        if (e->d_name[0] != '.')
            copy(dirfd(dir), to, e->d_name);
    closedir(dir);
    return 0;
}
