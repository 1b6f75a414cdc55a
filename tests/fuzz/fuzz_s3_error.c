/*
 * fuzz_s3_error.c: any bytes at all as the body of an S3 service's refusal.
 *
 * Beyond not crashing: a code and a region are names, a message is one line that a terminal may
 * get, and what stands behind the part that is looked at changes nothing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "state/s3_error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool is_name(const char *text)
{
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") ==
           strlen(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct s3_error e, longer;
    struct buf body = {0};
    s3_error_read(bytes_make((const char *)data, size), &e);
    insist(is_name(e.code) && strlen(e.code) < sizeof e.code);
    insist(is_name(e.region) && strlen(e.region) < sizeof e.region);
    insist(memchr(e.message, '\0', sizeof e.message) && text_is_plain(bytes_of(e.message)));
    insist(!strpbrk(e.message, "\r\n\t"));

    buf_add(&body, data, size);
    while (body.len < S3_ERROR_READ)
        buf_add_char(&body, ' ');
    s3_error_read(buf_bytes(&body), &e);
    buf_add_str(&body, "<Error><Code>Late</Code></Error>");
    s3_error_read(buf_bytes(&body), &longer);
    insist(memcmp(e.code, longer.code, strlen(e.code) + 1) == 0 &&
           strcmp(e.message, longer.message) == 0 && strcmp(e.region, longer.region) == 0);
    buf_release(&body);
    return 0;
}
