/*
 * fuzz_seed.c: any bytes at all as a seed file: JSON Lines behind an "L", CSV behind a "C", else a
 * JSON array behind any byte.
 *
 * Beyond not crashing: an array is read to its end exactly when it is one sound document, lines
 * always are unless they are an unfinished backup, CSV is when its header is sound; a bad item has
 * a diagnostic; and what an item gives keeps its promises. Rows of the same bytes (seed/rows.h)
 * that were found good are good to the end.
 */
#define _GNU_SOURCE 1 /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "seed/reader.h"
#include "seed/rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static int file_of(struct bytes content)
{
    struct error err;
    int fd = memfd_create("seed", MFD_CLOEXEC);
    insist(fd >= 0 && file_write_fd(fd, "seed", content, &err) && lseek(fd, 0, SEEK_SET) == 0);
    return fd;
}

static void check_item(const struct seed_item *item, uint64_t before, uint64_t size)
{
    struct buf canonical = {0};
    struct error err;
    insist(item->number > before && item->offset < size);
    insist(item->seed.key.data && utf8_valid(item->seed.key));
    insist(item->value.data && item->seed.value.n == 1);
    if (item->seed.metadata.data) {
        insist(json_canonical(item->seed.metadata, &canonical, &err));
        insist(bytes_equal(buf_bytes(&canonical), item->seed.metadata));
    }
    buf_release(&canonical);
}

static bool is_packed(struct bytes text)
{
    return bytes_starts_with(text, bytes_of("\x1f\x8b"));
}

static bool is_sound_array(struct bytes text)
{
    struct error err;
    if (bytes_starts_with(text, bytes_of("\xef\xbb\xbf")))
        text = bytes_make(text.data + 3, text.len - 3);
    size_t blank = 0;
    while (blank < text.len && strchr(" \t\r\n", text.data[blank]) && text.data[blank])
        blank++;
    return blank < text.len && text.data[blank] == '[' && json_parse(text, NULL, NULL, &err);
}

static void check_content(const struct seed_reader *r, struct bytes text)
{
    struct digest digest, want = hash_sha256(text);
    uint64_t size;
    seed_content(r, &size, &digest);
    insist(size == text.len && digest_equal(&digest, &want));
}

static enum seed_status read_items(struct seed_reader *r, uint64_t size)
{
    struct diag_list diags = {0};
    struct seed_item item;
    struct error err;
    enum seed_status status;
    uint64_t number = 0; /* of the item given last; the header of CSV has none */
    do {
        size_t before = diags.n;
        status = seed_next(r, &item, &diags, &err);
        insist(status != SEED_BAD || diags.n > before);
        insist(status != SEED_ITEM || diags.n == before);
        if (status != SEED_ITEM)
            continue;
        check_item(&item, number, size);
        number = item.number;
    } while (status == SEED_ITEM || status == SEED_BAD);
    insist(status == SEED_END || (err.code == ERR_FORMAT && seed_position(r).line > 0));
    diag_release(&diags);
    return status;
}

/* What was surveyed without a problem is read to its end without one. */
static void check_rows(struct bytes text, const struct rows_shape *shape)
{
    struct diag_list diags = {0};
    struct error err = {0};
    struct row row;
    char path[64];
    enum seed_status status = SEED_ITEM;
    int fd = file_of(text);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct rows *rows = rows_open(path, shape, &err);
    insist(rows != NULL);
    bool ok = rows_survey(rows, 20, &diags, &err);
    while (ok && diags.errors == 0 && status == SEED_ITEM) {
        status = rows_next(rows, &row, &err);
        insist(status != SEED_FAILED && (status == SEED_END || row.pos.line > 0));
        for (size_t i = 0; status == SEED_ITEM && i < row.n; i++)
            insist(row.cells[i].text.data && utf8_valid(row.cells[i].text));
    }
    rows_close(rows);
    diag_release(&diags);
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct bytes text = bytes_make((const char *)data + 1, size - 1);
    enum source_format format = data[0] == 'L'   ? SOURCE_JSONL
                                : data[0] == 'C' ? SOURCE_CSV
                                                 : SOURCE_JSON;
    struct bulk_decl bulk = {.format = format, .path = bytes_of("seed.json")};
    struct seed_reader *r = seed_open_fd(file_of(text), &bulk);
    enum seed_status status = read_items(r, is_packed(text) ? UINT64_MAX : text.len);
    if (format == SOURCE_JSON && !is_packed(text))
        insist((status == SEED_END) == is_sound_array(text));
    if (format == SOURCE_JSONL && !is_packed(text))
        insist(status == SEED_END || r->backup == BACKUP_OPEN);
    if (format == SOURCE_CSV && status == SEED_END)
        insist(r->columns.has_header);
    if (status == SEED_END && !is_packed(text))
        check_content(r, text);
    seed_close(r);
    check_rows(text, &(struct rows_shape){.format = SOURCE_JSONL});
    check_rows(text, &(struct rows_shape){.format = SOURCE_CSV,
                                          .delimiter = format == SOURCE_CSV ? ',' : ';'});
    return 0;
}
