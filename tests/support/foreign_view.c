/*
 * foreign_view.c: what src/host/foreign_document.h makes of a file.
 *
 *     foreign_view FILE    (-: standard input)
 *
 * Prints the view; or to stderr what is wrong, as diagnostics, and exits with 3.
 */
#include <stdio.h>

#include "host/foreign_document.h"

int main(int argc, char **argv)
{
    struct buf out = {0};
    struct diag_list problems = {0};
    struct error err;
    if (argc != 2)
        return EXIT_USAGE;
    bool ok = foreign_document_read(argv[1], &out, &problems, &err);
    if (ok)
        printf("%.*s\n", (int)out.len, out.data);
    else {
        diag_write_text(&problems, true, 0, &out);
        fprintf(stderr, "%.*s%s\n", (int)out.len, out.data ? out.data : "", err.message);
    }
    buf_release(&out);
    diag_release(&problems);
    return ok ? EXIT_OK : EXIT_INVALID;
}
