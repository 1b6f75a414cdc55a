/*
 * fuzz_backup.c: any bytes at all as a backup. Behind a "T" the trailer that belongs to them is
 * added, so that a search gets past the checksum.
 *
 * Beyond not crashing: without its trailer nothing passes, and the keys given are as many as it
 * says.
 */
#define _GNU_SOURCE 1 /* memfd_create */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "seed/backup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static void add_trailer(struct buf *text)
{
    struct digest digest = hash_sha256(buf_bytes(text));
    char hex[HASH_HEX_SIZE];
    size_t keys = 0;
    for (size_t i = 0; i < text->len; i++)
        keys += text->data[i] == '\n';
    digest_hex(&digest, hex);
    buf_addf(text, "{\"bytes\":%zu,\"keys\":%zu,\"sha256\":\"%s\"}\n", text->len,
             keys > 0 ? keys - 1 : 0, hex);
}

static bool read_keys(struct backup_reader *r, uint64_t *given, struct error *err)
{
    struct backup_key key;
    struct backup_totals totals;
    bool end = false;
    while (backup_next(r, &key, &end, err) && !end) {
        insist(utf8_valid(key.key) && key.value.data);
        ++*given;
    }
    backup_count(r, &totals);
    insist(totals.keys == *given);
    return end;
}

static bool read_backup(struct bytes text, uint64_t *given)
{
    struct error err = {0};
    char path[64];
    int fd = memfd_create("backup", MFD_CLOEXEC);
    insist(fd >= 0 && file_write_fd(fd, "backup", text, &err));
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct backup_reader *r = backup_open(path, &err);
    bool ok = r && read_keys(r, given, &err);
    if (r) {
        const struct backup_info *info = backup_header(r);
        insist(info->id.data && info->title.data && info->reason.data);
    }
    insist(ok || err.code == ERR_FORMAT);
    backup_close(r);
    close(fd);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf text = {0};
    uint64_t given = 0;
    bool trailer = size > 0 && data[0] == 'T';
    buf_add(&text, data + trailer, size - trailer);
    if (trailer)
        add_trailer(&text);
    bool ok = read_backup(buf_bytes(&text), &given);
    insist(!ok || text.len > 0);
    buf_release(&text);
    return 0;
}
