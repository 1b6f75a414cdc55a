/*
 * fuzz_state.c: any bytes at all as a state document, and, behind the first NUL, as its journal.
 *
 * Beyond not crashing: what opens can be printed, and what was printed opens and prints the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "state/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

struct disk {
    struct bytes document, journal;
};

static bool load(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    const struct disk *d = ctx;
    buf_add_bytes(document, d->document);
    buf_add_bytes(journal, d->journal);
    (void)err;
    return true;
}

static bool open_and_print(struct disk *d, struct buf *out, struct error *err)
{
    struct state s;
    struct state_backend backend = {.ctx = d, .name = "kv.state.json", .load = load};
    if (!state_open(&s, backend, bytes_of(NULL), err))
        return false;
    state_print(&s, out);
    state_close(&s);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size > 0 ? memchr(data, 0, size) : NULL;
    size_t len = nul ? (size_t)(nul - data) : size;
    struct disk d = {.document = bytes_make((const char *)data, len)};
    struct buf once = {0}, twice = {0};
    struct error err;
    if (nul)
        d.journal = bytes_make((const char *)nul + 1, size - len - 1);
    if (open_and_print(&d, &once, &err)) {
        struct disk printed = {.document = buf_bytes(&once)};
        insist(open_and_print(&printed, &twice, &err));
        insist(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
    } else {
        insist(err.code == ERR_FORMAT && err.message[0] && err.hint[0]);
    }
    buf_release(&once);
    buf_release(&twice);
    return 0;
}
