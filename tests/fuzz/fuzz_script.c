/*
 * fuzz_script.c: any bytes at all as a configuration, with tiny budgets.
 *
 * Beyond not crashing: evaluation ends, whatever it found is told, and a second evaluation tells
 * and declares exactly the same.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "model/eval_json.h"
#include "model/validate.h"
#include "script/script.h"

#define NOW 1800000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

/* The whole result as text; false when the clock ended it, which is no repeatable end. */
static bool evaluate(const char *file, struct buf *out)
{
    struct script_options options = {
        .file = file,
        .root = "/proc/self/fdinfo", /* a folder with nothing to seed from */
        .limits = {.memory = (size_t)16 << 20, .instructions = 200000, .seconds = 20},
    };
    struct model m;
    struct error err;
    model_init(&m);
    insist(script_evaluate(&options, &m, &err));
    model_validate(&m, NOW);
    bool repeatable = true;
    for (size_t i = 0; i < m.diags.n; i++)
        repeatable = repeatable && strncmp(m.diags.items[i].code, "budget.", 7) != 0;
    struct json_writer w = json_writer_to(out, 2);
    diag_write_text(&m.diags, true, 0, out);
    model_write_json(&m, &w);
    model_release(&m);
    return repeatable;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char file[64];
    int fd = memfd_create("kv.lua", MFD_CLOEXEC);
    insist(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(file, sizeof file, "/proc/self/fd/%d", fd);
    struct buf first = {0}, second = {0};
    if (evaluate(file, &first) && evaluate(file, &second))
        insist(bytes_equal(buf_bytes(&first), buf_bytes(&second)));
    buf_release(&first);
    buf_release(&second);
    close(fd);
    return 0;
}
