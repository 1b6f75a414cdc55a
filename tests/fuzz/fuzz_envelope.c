/*
 * fuzz_envelope.c: any bytes at all as the document on a service, and as the lock info of one that
 * holds a lock.
 *
 * Beyond not crashing: what is refused is told with a hint; what is read can be printed, is read
 * again as the same, and its state is a part of the text, byte for byte.
 */
#include <stdint.h>
#include <stdlib.h>

#include "state/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool read_text(struct envelope *e, struct bytes text, struct error *err)
{
    struct buf copy = {0};
    buf_add_bytes(&copy, text);
    return envelope_read(e, &copy, "s3://b/k", err);
}

static void try_envelope(struct bytes text)
{
    struct envelope once, twice;
    struct error err;
    struct buf printed = {0}, again = {0};
    if (!read_text(&once, text, &err)) {
        insist(err.code == ERR_FORMAT && err.message[0] && err.hint[0]);
        return;
    }
    envelope_print(&once, &printed);
    insist(read_text(&twice, buf_bytes(&printed), &err));
    envelope_print(&twice, &again);
    insist(bytes_equal(buf_bytes(&printed), buf_bytes(&again)));
    insist(bytes_equal(once.state, twice.state) && once.serial == twice.serial);
    envelope_release(&once);
    envelope_release(&twice);
    buf_release(&printed);
    buf_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_make((const char *)data, size);
    struct lease lease;
    int64_t expires;
    struct buf words = {0};
    try_envelope(text);
    if (lease_read_lock_info(text, &lease, &expires)) {
        lease_words(&lease, 1800000000, &words);
        lease_write_lock_info(&lease, "path", true, &words);
        insist(lease.id[0] && lease.seconds >= 0);
    }
    buf_release(&words);
    return 0;
}
