/* Files that may be compressed, in and out. */
#define _GNU_SOURCE 1 /* memfd_create */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "test_base.h"

#include "base/file.h"
#include "base/gzip.h"

static int file_of(struct bytes content)
{
    struct error err;
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0 && file_write_fd(fd, "test", content, &err));
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* `text` as one member behind what `out` holds. */
static void compress_to(struct buf *out, struct bytes text)
{
    struct error err;
    int fd = memfd_create("test", MFD_CLOEXEC);
    struct gzip_writer *w = gzip_writer_open(fd, "x.gz");
    for (size_t i = 0; i < text.len; i += 70000)
        assert_true(gzip_write(
            w, bytes_make(text.data + i, text.len - i < 70000 ? text.len - i : 70000), &err));
    assert_true(gzip_writer_finish(w, &err));
    lseek(fd, 0, SEEK_SET);
    assert_true(file_read_fd(fd, "x.gz", SIZE_MAX / 2, out, &err));
    close(fd);
}

/* All of a file behind what `out` holds, read in pieces of `size`. */
static bool read_pieces(struct bytes file, size_t size, struct buf *out, struct error *err)
{
    char piece[4096];
    size_t n = 1;
    struct gzip_reader *r = gzip_reader_open(file_of(file), "x.gz");
    bool ok = true;
    while (ok && n > 0) {
        ok = gzip_read(r, piece, size, &n, err);
        if (ok)
            buf_add(out, piece, n);
    }
    gzip_reader_close(r);
    return ok;
}

static void assert_reads(struct bytes file, struct bytes want)
{
    for (size_t size = 1; size <= 4096; size = size * 15 + 1) {
        struct buf out = {0};
        struct error err;
        assert_true(read_pieces(file, size, &out, &err));
        assert_bytes(buf_bytes(&out), want);
        buf_release(&out);
    }
}

static void assert_refused(struct bytes file, const char *message)
{
    struct buf out = {0};
    struct error err = {0};
    assert_false(read_pieces(file, 4096, &out, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, message);
    buf_release(&out);
}

static void what_is_not_compressed_is_given_as_it_is(void **unused)
{
    (void)unused;
    assert_reads(TEXT(""), TEXT(""));
    assert_reads(TEXT("\x1f"), TEXT("\x1f"));
    assert_reads(TEXT("\x1f\x8c or so"), TEXT("\x1f\x8c or so"));
    assert_reads(TEXT("a\0b"), TEXT("a\0b"));
}

static void what_was_compressed_comes_back(void **unused)
{
    struct buf text = {0}, file = {0};
    (void)unused;
    for (int i = 0; i < 40000; i++)
        buf_addf(&text, "line %d\n", i);
    compress_to(&file, buf_bytes(&text));
    assert_true(file.len < text.len);
    assert_reads(buf_bytes(&file), buf_bytes(&text));
    buf_release(&text);
    buf_release(&file);
}

static void members_in_a_row_are_one_content(void **unused)
{
    struct buf file = {0};
    (void)unused;
    compress_to(&file, TEXT("one, "));
    compress_to(&file, TEXT(""));
    compress_to(&file, TEXT("two"));
    assert_reads(buf_bytes(&file), TEXT("one, two"));
    buf_release(&file);
}

static void the_same_input_gives_the_same_bytes(void **unused)
{
    struct buf one = {0}, two = {0};
    (void)unused;
    compress_to(&one, TEXT("the same"));
    compress_to(&two, TEXT("the same"));
    assert_bytes(buf_bytes(&one), buf_bytes(&two));
    buf_release(&one);
    buf_release(&two);
}

static void a_file_that_ends_too_early_is_no_short_file(void **unused)
{
    struct buf file = {0};
    (void)unused;
    compress_to(&file, TEXT("some text, some more text"));
    for (size_t len = 2; len < file.len; len++) {
        char message[96];
        snprintf(message, sizeof message,
                 "cannot inflate 'x.gz': at byte %zu of the compressed file: it ends too early",
                 len);
        assert_refused(bytes_make(file.data, len), message);
    }
    buf_release(&file);
}

static void damage_is_found(void **unused)
{
    struct buf file = {0};
    (void)unused;
    compress_to(&file, TEXT("some text, some more text"));
    file.data[file.len - 6] ^= 1; /* of the checksum */
    assert_refused(
        buf_bytes(&file),
        "cannot inflate 'x.gz': at byte 34 of the compressed file: incorrect data check");
    file.data[file.len - 6] ^= 1;
    buf_add_str(&file, "more");
    assert_refused(buf_bytes(&file), "cannot inflate 'x.gz': at byte 38 of the compressed file: "
                                     "something follows the compressed data");
    buf_release(&file);
}

static void a_full_disk_is_an_error(void **unused)
{
    struct error err = {0};
    int fd = file_of(TEXT(""));
    (void)unused;
    struct gzip_writer *w = gzip_writer_open(fd, "x.gz");
    fault_set(FAULT_MODE_FAIL, 1);
    assert_false(gzip_write(w, TEXT("some text"), &err));
    gzip_writer_abandon(w);
    fault_set(FAULT_MODE_NONE, 0);
    assert_int_equal(err.code, ERR_IO);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_compressed_is_given_as_it_is),
        cmocka_unit_test(what_was_compressed_comes_back),
        cmocka_unit_test(members_in_a_row_are_one_content),
        cmocka_unit_test(the_same_input_gives_the_same_bytes),
        cmocka_unit_test(a_file_that_ends_too_early_is_no_short_file),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
