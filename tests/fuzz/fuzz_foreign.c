/*
 * fuzz_foreign.c: any bytes at all as a file of another tool.
 *
 * Beyond not crashing: what comes out is one document that the host state can take, within the
 * depth that it has; what is refused has one diagnostic with a hint; and YAML gives the same
 * whether it comes whole or in pieces (but which of its errors is met first).
 */
#define _GNU_SOURCE 1 /* memfd_create */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/yaml.h"
#include "host/foreign_document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void check_view(struct bytes text)
{
    struct buf view = {0};
    struct diag_list problems = {0};
    struct error err = {0};
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    insist(fd >= 0 && file_write_fd(fd, "fuzz", text, &err));
    insist(lseek(fd, 0, SEEK_SET) == 0);
    if (foreign_document_read_fd(fd, "fuzz", &view, &problems, &err)) {
        insist(problems.n == 0);
        insist(json_parse(buf_bytes(&view), NULL, NULL, &err));
    } else {
        insist(view.len == 0);
        insist(problems.n == 1 && problems.items[0].hint && *problems.items[0].message);
    }
    buf_release(&view);
    diag_release(&problems);
}

/* The events of YAML as a text. */
struct listing {
    struct bytes left;
    size_t piece;
    struct buf out;
};

static bool give(void *ctx, void *to, size_t size, size_t *n, struct error *err)
{
    struct listing *l = ctx;
    (void)err;
    *n = l->left.len < l->piece ? l->left.len : l->piece;
    *n = *n < size ? *n : size;
    if (*n > 0)
        memcpy(to, l->left.data, *n);
    l->left = bytes_make(l->left.data + *n, l->left.len - *n);
    return true;
}

static bool on_document(void *ctx, int line, struct error *err)
{
    struct listing *l = ctx;
    (void)err;
    buf_addf(&l->out, "document %d\n", line);
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, int line, struct error *err)
{
    struct listing *l = ctx;
    (void)err;
    buf_addf(&l->out, "%d %d ", line, (int)e->type);
    buf_add_bytes(&l->out, e->text);
    return true;
}

static bool list(struct bytes text, size_t piece, struct buf *out)
{
    struct listing l = {.left = text, .piece = piece};
    struct error err = {0};
    int line;
    bool ok = yaml_parse((struct yaml_input){give, &l},
                         (struct yaml_output){on_document, on_event, &l}, &line, &err);
    insist(ok || *err.message);
    *out = l.out;
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_make((const char *)data, size);
    check_view(text);
    struct buf whole, pieces;
    bool ok = list(text, SIZE_MAX, &whole);
    insist(list(text, 7, &pieces) == ok);
    insist(!ok || bytes_equal(buf_bytes(&whole), buf_bytes(&pieces)));
    buf_release(&whole);
    buf_release(&pieces);
    return 0;
}
