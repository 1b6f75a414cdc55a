#include "input.h"

#include <limits.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

void input_open(struct input *in, int fd, const char *name)
{
    *in = (struct input){
        .file = gzip_reader_open(fd, name), .chunk = mem_alloc(SEED_CHUNK), .line = 1};
    hash_init(&in->hash);
}

void input_close(struct input *in)
{
    gzip_reader_close(in->file);
    mem_free(in->chunk);
    *in = (struct input){0};
}

bool input_top_up(struct input *in, struct error *err)
{
    size_t n = 1;
    if (in->at > 0 && in->len > 0)
        memmove(in->chunk, in->chunk + in->at, in->len);
    in->at = 0;
    while (!in->ended && in->len < SEED_CHUNK) {
        if (!gzip_read(in->file, in->chunk + in->len, SEED_CHUNK - in->len, &n, err))
            return false;
        hash_add(&in->hash, bytes_make(in->chunk + in->len, n));
        in->len += n;
        in->size += n;
        in->ended = n == 0;
    }
    if (!in->started && !text_check_utf16(input_left(in), err))
        return false;
    if (!in->started && bytes_starts_with(input_left(in), bytes_of("\xef\xbb\xbf")))
        input_advance(in, 3); /* a byte order mark */
    in->started = true;
    return true;
}

bool input_fill(struct input *in, struct error *err)
{
    return in->len > 0 || input_top_up(in, err);
}

void input_next_line(struct input *in)
{
    if (in->line < INT_MAX)
        in->line++;
}
