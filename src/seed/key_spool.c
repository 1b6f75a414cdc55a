#include "key_spool.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

#define KEY_MAX 4096

/* Each key behind its length, in the machine's own form: the file ends with the process. */
struct key_spool {
    FILE *file;
    uint64_t n, given;
    char key[KEY_MAX];
};

static bool fail(const char *what, struct error *err)
{
    return error_errno(err, errno, "cannot %s a temporary file", what);
}

struct key_spool *key_spool_open(struct error *err)
{
    int fd = file_temporary(err);
    if (fd < 0)
        return NULL;
    FILE *file = fdopen(fd, "w+");
    if (!file) {
        fail("open", err);
        close(fd);
        return NULL;
    }
    struct key_spool *s = mem_zalloc(1, sizeof *s);
    s->file = file;
    return s;
}

void key_spool_close(struct key_spool *s)
{
    if (!s)
        return;
    fclose(s->file);
    mem_free(s);
}

bool key_spool_add(struct key_spool *s, struct bytes key, struct error *err)
{
    uint16_t len = (uint16_t)key.len;
    if (key.len > KEY_MAX)
        return error_set(err, ERR_LIMIT, "a key is longer than %d bytes", KEY_MAX);
    if (fwrite(&len, sizeof len, 1, s->file) != 1 ||
        (len > 0 && fwrite(key.data, len, 1, s->file) != 1))
        return fail("write", err);
    s->n++;
    return true;
}

uint64_t key_spool_count(const struct key_spool *s)
{
    return s->n;
}

bool key_spool_rewind(struct key_spool *s, struct error *err)
{
    s->given = 0;
    return fseek(s->file, 0, SEEK_SET) == 0 || fail("write", err);
}

bool key_spool_next(struct key_spool *s, struct bytes *key, bool *end, struct error *err)
{
    uint16_t len = 0;
    *key = bytes_make(NULL, 0);
    *end = s->given == s->n;
    if (*end)
        return true;
    if (fread(&len, sizeof len, 1, s->file) != 1 ||
        (len > 0 && fread(s->key, len, 1, s->file) != 1)) {
        errno = ferror(s->file) ? errno : EIO;
        return fail("read", err);
    }
    s->given++;
    *key = bytes_make(s->key, len);
    return true;
}
