/*
 * fuzz_json.c: any bytes at all through every reader of JSON.
 *
 * Beyond not crashing: pieces are read as the whole is, the canonical form is its own canonical
 * form, and the tree takes no document that the strict reader refuses.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool holds)
{
    if (!holds)
        abort();
}

static bool parse_bytewise(struct bytes text, struct error *err)
{
    struct json_stream *s = json_stream_new(NULL, NULL);
    insist(s != NULL);
    bool ok = true;
    for (size_t i = 0; ok && i < text.len; i++)
        ok = json_stream_feed(s, bytes_make(text.data + i, 1), err);
    ok = ok && json_stream_end(s, err);
    json_stream_free(s);
    return ok;
}

static bool parse_whole(struct bytes text, struct error *err)
{
    return json_parse(text, NULL, NULL, err);
}

static void check_canonical(struct bytes text, bool valid)
{
    struct buf once = {0}, twice = {0};
    struct error err;
    if (json_canonical(text, &once, &err)) {
        insist(valid);
        insist(json_canonical(buf_bytes(&once), &twice, &err));
        insist(bytes_equal(buf_bytes(&once), buf_bytes(&twice)));
    }
    buf_release(&once);
    buf_release(&twice);
}

static void check_tree(struct bytes text, bool valid)
{
    struct buf out = {0};
    struct error err;
    struct json *root = json_doc_parse(text, &err);
    if (root) {
        insist(valid);
        json_print(root, &out);
        insist(parse_whole(buf_bytes(&out), &err));
    } else
        insist(err.code == ERR_FORMAT);
    json_doc_free(root);
    buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes text = bytes_make((const char *)data, size);
    struct error whole = {.message = ""}, pieces = {.message = ""};
    bool valid = parse_whole(text, &whole);
    insist(parse_bytewise(text, &pieces) == valid);
    insist(text_is_utf16(text) || strcmp(whole.message, pieces.message) == 0);
    check_canonical(text, valid);
    check_tree(text, valid);
    return 0;
}
