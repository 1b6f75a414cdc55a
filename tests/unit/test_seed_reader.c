/* Items out of sources: inline, JSON arrays, JSON Lines. */
#include "test_seed_kit.h"

#include "base/duration.h"

struct expectation {
    const char *content, *items; /* as read_all shows them */
    const char *message, *hint;  /* of the first diagnostic; NULL: there is none */
    int line;                    /* of it */
};

static void expect(const struct kit *k, const char *name, const struct expectation *x)
{
    struct diag_list diags = {0};
    struct buf out = {0};
    struct bulk_decl bulk = source(name);
    write_seed(k, name, bytes_of(x->content));
    read_all(k, &bulk, &out, &diags);
    if (strcmp(out.data, x->items) != 0)
        fail_msg("%s\ngives %s\nnot   %s", x->content, out.data, x->items);
    if (!x->message) {
        assert_int_equal(diags.n, 0);
    } else {
        assert_true(diags.n > 0);
        assert_string_equal(diags.items[0].message, x->message);
        assert_string_equal(diags.items[0].pos.file, name);
        assert_int_equal(diags.items[0].pos.line, x->line);
        if (x->hint)
            assert_string_equal(diags.items[0].hint, x->hint);
    }
    diag_release(&diags);
    buf_release(&out);
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

static const struct expectation arrays[] = {
    {"[]", "END", NULL, NULL, 0},
    {" [\n] \n", "END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"}]", "1:a=b END", NULL, NULL, 0},
    {"\xef\xbb\xbf[{\"key\":\"a\",\"value\":\"b\"}]", "1:a=b END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"\"},\r\n{\"value\":\"2\",\"key\":\"b\"}]\r\n", "1:a= 2:b=2 END",
     NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"]}\\\"[{,\"},{\"key\":\"b\\\\\",\"value\":\"\"}]",
     "1:a=]}\"[{, 2:b\\= END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"aGk=\",\"base64\":true}]", "1:a=hi END", NULL, NULL, 0},
    {"[{\"base64\":true,\"key\":\"a\",\"value\":\"\"}]", "1:a= END", NULL, NULL, 0},
    {"[{\"base64\":false,\"key\":\"a\",\"value\":\"aGk=\"}]", "1:a=aGk= END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"expiration_ttl\":60,\"expiration\":1.7e9}]",
     "1:a=b+60@1700000000 END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"expiration_ttl\":0},{\"key\":\"c\",\"value\":\"\"}]",
     "1:a=b+0 2:c= END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"y\": [1, 2.50, {\"n\":null}], \"x\":1e2}}]",
     "1:a=b#{\"x\":100,\"y\":[1,2.5,{\"n\":null}]} END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"expiration_ttl\":\"1h30m\","
     "\"expiration\":\"2027-01-31T12:00:00.5Z\"}]",
     "1:a=b+5400@1801396800 END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"expiration_ttl\":\"0s\"}]", "1:a=b+0 END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"metadata\":null}]", "1:a=b END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"metadata\":\"\"}]", "1:a=b#\"\" END", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\",\"metadata\":false}]", "1:a=b#false END", NULL, NULL, 0},
};

static void an_array_gives_its_items_in_order(void **state)
{
    for (size_t i = 0; i < N_OF(arrays); i++)
        expect(*state, "a.json", &arrays[i]);
}

static void bytes_of_any_kind_survive(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct error err = {0};
    struct bulk_decl bulk = source("a.json");
    struct seed_item item;
    write_seed(k, "a.json",
               bytes_of("[{\"key\":\"\\u00e9/\\ud83d\\ude00\",\"value\":\"a\\u0000b\"},"
                        "{\"key\":\"b\",\"value\":\"AP8A\",\"base64\":true}]"));
    struct seed_reader *r = seed_open(&k->root, &bulk, &err);
    assert_non_null(r);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
    assert_bytes(item.seed.key, TEXT("\xc3\xa9/\xf0\x9f\x98\x80"));
    assert_bytes(item.value, TEXT("a\0b"));
    assert_int_equal(item.seed.value.n, 1);
    assert_bytes(item.seed.value.parts[0].text, TEXT("a\0b"));
    assert_int_equal(item.offset, 1);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
    assert_bytes(item.value, TEXT("\0\xff\0"));
    assert_int_equal(item.offset, 50);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_END);
    seed_close(r);
}

#define SHAPE_HINT "a value is stored as text: stringify objects, arrays and numbers first"
#define TTL_HINT   "give at least 60 seconds, 0 for a key that does not expire, or leave it out"
#define KNOWN      "accepted: key, value, base64, expiration, expiration_ttl, metadata"

static const struct expectation wrong_items[] = {
    {"[{\"key\":\"a\",\n\"value\":{\"x\":[1]}},\n{\"key\":\"b\",\"value\":\"\"}]", "BAD 2:b= END",
     "item 1 (byte 1): the value must be a string, got an object", SHAPE_HINT, 1},
    {"[{\"key\":\"b\",\"value\":\"\"},\n  {\"key\":\"a\",\"value\":12}]", "1:b= BAD END",
     "item 2 (byte 27): the value must be a string, got a number", SHAPE_HINT, 2},
    {"[{\"key\":\"a\",\"value\":null}]", "BAD END",
     "item 1 (byte 1): the value must be a string, got null", SHAPE_HINT, 1},
    {"[{\"key\":1.5,\"value\":\"\"}]", "BAD END",
     "item 1 (byte 1): field 'key' of a bulk item must be a string, got 1.5", NULL, 1},
    {"[{\"key\":[],\"value\":\"\"}]", "BAD END",
     "item 1 (byte 1): field 'key' of a bulk item must be a string, got an array", NULL, 1},
    {"[{\"key\":\"a\"}]", "BAD END", "item 1 (byte 1): a bulk item needs field 'value'", NULL, 1},
    {"[{\"value\":\"a\"}]", "BAD END", "item 1 (byte 1): a bulk item needs field 'key'", NULL, 1},
    {"[{}]", "BAD END", "item 1 (byte 1): a bulk item needs field 'key'", NULL, 1},
    {"[1, {\"key\":\"a\",\"value\":\"\"}, \"x\", [[{}]], null]", "BAD 2:a= BAD BAD BAD END",
     "item 1 (byte 1): an item must be an object, not a number",
     "an item looks like {\"key\": \"a\", \"value\": \"b\"}", 1},
    {"[{\"key\":\"a\",\"valeu\":\"\"}]", "BAD END",
     "item 1 (byte 1): unknown field 'valeu' in a bulk item", "did you mean 'value'?", 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"colour\":{\"key\":\"x\"}}]", "BAD END",
     "item 1 (byte 1): unknown field 'colour' in a bulk item", KNOWN, 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"key\":\"b\"}]", "BAD END",
     "item 1 (byte 1): member 'key' is there twice", NULL, 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"base64\":\"yes\"}]", "BAD END",
     "item 1 (byte 1): field 'base64' of a bulk item must be true or false, got 'yes'", NULL, 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"expiration_ttl\":60.5}]", "BAD END",
     "item 1 (byte 1): field 'expiration_ttl' of a bulk item must be " DURATION_WANTED ", got 60.5",
     TTL_HINT, 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"expiration\":\"soon\"}]", "BAD END",
     "item 1 (byte 1): field 'expiration' of a bulk item must be " MOMENT_WANTED ", got 'soon'",
     "leave it out for a key that does not expire", 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"expiration\":\"1h\"}]", "BAD END",
     "item 1 (byte 1): field 'expiration' of a bulk item must be " MOMENT_WANTED ", got '1h'",
     "a duration is what expiration_ttl takes", 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"expiration_ttl\":\"60\"}]", "BAD END",
     "item 1 (byte 1): field 'expiration_ttl' of a bulk item must be " DURATION_WANTED ", got '60'",
     "write 60, without quotes", 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"expiration\":1e30}]", "BAD END",
     "item 1 (byte 1): field 'expiration' of a bulk item must be " MOMENT_WANTED ", got 1e30", NULL,
     1},
    {"[{\"key\":\"a\",\"value\":\"\",\"metadata\":{\"x\":1,\"x\":2}}]", "BAD END",
     "item 1 (byte 1): metadata: member 'x' appears twice", NULL, 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"metadata\":{\"x\":[12345678901234567890]}}]", "BAD END",
     "item 1 (byte 1): metadata: the integer '12345678901234567890' does not fit 64 bits",
     "write it as a string: JSON's readers would round it", 1},
    {"[{\"key\":\"a\",\"value\":\"\",\"metadata\":{\"x\":9007199254740993.0}}]", "BAD END",
     "item 1 (byte 1): metadata: the number '9007199254740993.0' has more digits than can be kept "
     "beyond 2^53",
     "write it as a string: JSON's readers would round it", 1},
};

/* A long string comes in pieces, and the last of them may look like a duration. */
static void the_end_of_a_long_text_is_no_duration(void **state)
{
    for (size_t len = 128 * 1024 - 60; len < 128 * 1024 + 8; len++) {
        struct buf content = {0};
        buf_add_str(&content, "[{\"key\":\"a\",\"value\":\"\",\"expiration_ttl\":\"");
        for (size_t i = 0; i < len; i++)
            buf_add_char(&content, 'x');
        buf_add_str(&content, "2m\"},{\"key\":\"b\",\"value\":\"\",\"expiration_ttl\":\"2m\"}]");
        struct bulk_decl bulk = source("a.json");
        struct diag_list diags = {0};
        struct buf out = {0};
        write_seed(*state, "a.json", buf_bytes(&content));
        read_all(*state, &bulk, &out, &diags);
        assert_string_equal(out.data, "BAD 2:b=+120 END");
        diag_release(&diags);
        buf_release(&out);
        buf_release(&content);
    }
}

static void a_wrong_item_is_named_and_the_next_is_read(void **state)
{
    for (size_t i = 0; i < N_OF(wrong_items); i++)
        expect(*state, "a.json", &wrong_items[i]);
}

static void bad_base64_is_said_to_be_bad(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct buf out = {0};
    struct bulk_decl bulk = source("a.json");
    write_seed(k, "a.json", bytes_of("[{\"key\":\"a\",\"value\":\"***\",\"base64\":true}]"));
    read_all(k, &bulk, &out, &diags);
    assert_buf(&out, "BAD END");
    assert_int_equal(diags.n, 1);
    assert_true(bytes_starts_with(bytes_of(diags.items[0].message),
                                  TEXT("item 1 (byte 1): the value of key 'a' is not base64: ")));
    diag_release(&diags);
    buf_release(&out);
}

static void all_problems_of_an_item_are_found(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct buf out = {0};
    struct bulk_decl bulk = source("a.json");
    write_seed(k, "a.json", bytes_of("[{\"kay\":1,\"value\":2,\"expiration\":true,\"zzz\":3}]"));
    read_all(k, &bulk, &out, &diags);
    assert_int_equal(diags.n, 4);
    diag_release(&diags);
    buf_release(&out);
}

static const struct expectation broken[] = {
    {"", "FAILED: a.json:1: at byte 0: the document ends too early", NULL, NULL, 0},
    {"{\"key\":\"a\",\n\"value\":\"b\"}",
     "FAILED: a.json:1: the file must hold an array of items, not an object", NULL, NULL, 0},
    {"\n\"text\"", "FAILED: a.json:1: the file must hold an array of items, not a string", NULL,
     NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"}\n,\n{\"key\":\"b\" \"value\":\"\"}]",
     "1:a=b FAILED: a.json:3: item 2: at byte 40: expected ',' or '}'", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"} {}]",
     "1:a=b FAILED: a.json:1: item 2: at byte 26: expected ',' or ']'", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"},\n{\"key\":\"b\",\n\"val",
     "1:a=b FAILED: a.json:3: item 2: at byte 42: the document ends too early", NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"},]", "1:a=b FAILED: a.json:1: at byte 26: unexpected token",
     NULL, NULL, 0},
    {"[{\"key\":\"a\",\"value\":\"b\"}]\nx",
     "1:a=b FAILED: a.json:2: at byte 27: something follows the document", NULL, NULL, 0},
    {"\xef\xbb\xbf[x]", "FAILED: a.json:1: item 1: at byte 5: unexpected character", NULL, NULL, 0},
};

static void broken_json_ends_the_reading_with_its_place(void **state)
{
    for (size_t i = 0; i < N_OF(broken); i++)
        expect(*state, "a.json", &broken[i]);
}

static void an_object_at_the_top_is_explained(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct error err = {0};
    struct seed_item item;
    struct bulk_decl bulk = source("a.json");
    write_seed(k, "a.json", bytes_of("{\"a\":\"b\"}"));
    struct seed_reader *r = seed_open(&k->root, &bulk, &err);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_FAILED);
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.hint, "wrangler's bulk format is ["));
    seed_close(r);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

static const struct expectation lines[] = {
    {"", "END", NULL, NULL, 0},
    {"\n \r\n\t\n", "END", NULL, NULL, 0},
    {"{\"key\":\"a\",\"value\":\"b\"}", "1:a=b END", NULL, NULL, 0},
    {"\xef\xbb\xbf{\"key\":\"a\",\"value\":\"b\"}\r\n\r\n  {\"key\":\"c\",\"value\":\"d\"}  \r\n",
     "1:a=b 2:c=d END", NULL, NULL, 0},
    {"{\"key\":\"a\",\n{\"key\":\"b\",\"value\":\"\"}\n", "BAD 2:b= END",
     "item 1 (byte 0): at byte 11: the document ends too early", NULL, 1},
    {"\n{\"key\":\"b\",\"value\":\"\"}\nx y z\n{\"key\":\"c\",\"value\":\"\"}", "1:b= BAD 3:c= END",
     "item 2 (byte 24): at byte 25: unexpected character", NULL, 3},
    {"{\"key\":\"b\",\"value\":\"\"} {\"key\":\"c\",\"value\":\"\"}\n", "BAD END",
     "item 1 (byte 0): at byte 24: something follows the document", NULL, 1},
    {"[{\"key\":\"b\",\"value\":\"\"}]\n", "BAD END",
     "item 1 (byte 0): an item must be an object, not an array",
     "JSON Lines has one object a line; read an array with cfkv.source.json", 1},
    {"7\n{\"key\":\"b\",\"value\":\"\"}\n", "BAD 2:b= END",
     "item 1 (byte 0): an item must be an object, not a number", NULL, 1},
    {"{\"key\":{\n{\"key\":\"b\",\"value\":\"\"}\n", "BAD 2:b= END",
     "item 1 (byte 0): field 'key' of a bulk item must be a string, got an object", NULL, 1},
};

static void every_line_stands_for_itself(void **state)
{
    for (size_t i = 0; i < N_OF(lines); i++)
        expect(*state, "a.jsonl", &lines[i]);
}

/* ---- Chunks ---------------------------------------------------------------------------------- */

/* Items of growing size around the size of a chunk, so that each part of an item is cut once. */
static void add_items(struct buf *text, bool array, size_t pad)
{
    buf_add_str(text, array ? "[" : "");
    for (size_t i = 0; i < pad; i++)
        buf_add_char(text, ' ');
    for (int i = 0; i < 1500; i++)
        buf_addf(text, "{\"key\":\"k%d\",\"value\":\"\\u00e9 %d\",\"metadata\":{\"n\":[%d]}}%s\n",
                 i, i, i, array && i < 1499 ? "," : "");
    buf_add_str(text, array ? "]" : "");
}

static void check_items(const struct kit *k, const char *name)
{
    struct diag_list diags = {0};
    struct error err = {0};
    struct seed_item item;
    struct bulk_decl bulk = source(name);
    struct seed_reader *r = seed_open(&k->root, &bulk, &err);
    char key[16], value[32], metadata[32];
    assert_non_null(r);
    for (int i = 0; i < 1500; i++) {
        assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
        snprintf(key, sizeof key, "k%d", i);
        snprintf(value, sizeof value, "\xc3\xa9 %d", i);
        snprintf(metadata, sizeof metadata, "{\"n\":[%d]}", i);
        assert_bytes(item.seed.key, bytes_of(key));
        assert_bytes(item.value, bytes_of(value));
        assert_bytes(item.seed.metadata, bytes_of(metadata));
        assert_int_equal(item.seed.pos.line, i + 1);
    }
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_END);
    seed_close(r);
}

static void items_may_lie_across_chunks(void **state)
{
    const struct kit *k = *state;
    for (size_t pad = 0; pad < 60; pad += 5) {
        struct buf text = {0};
        add_items(&text, pad % 2, pad);
        const char *name = pad % 2 ? "a.json" : "a.jsonl";
        write_seed(k, name, buf_bytes(&text));
        check_items(k, name);
        buf_release(&text);
    }
}

static void an_item_may_be_larger_than_many_chunks(void **state)
{
    const struct kit *k = *state;
    enum { SIZE = 3 * 1024 * 1024 };
    for (int array = 0; array < 2; array++) {
        struct diag_list diags = {0};
        struct error err = {0};
        struct seed_item item;
        struct buf text = {0};
        struct bulk_decl bulk = source(array ? "a.json" : "a.jsonl");
        buf_add_str(&text, array ? "[{\"key\":\"a\",\"value\":\"" : "{\"key\":\"a\",\"value\":\"");
        for (int i = 0; i < SIZE; i++)
            buf_add_char(&text, (char)('a' + i % 26));
        buf_add_str(&text, array ? "\"}]" : "\"}");
        write_seed(k, array ? "a.json" : "a.jsonl", buf_bytes(&text));
        struct seed_reader *r = seed_open(&k->root, &bulk, &err);
        assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
        assert_int_equal(item.value.len, SIZE);
        assert_int_equal(item.value.data[SIZE - 1], 'a' + (SIZE - 1) % 26);
        assert_int_equal(seed_next(r, &item, &diags, &err), SEED_END);
        seed_close(r);
        buf_release(&text);
    }
}

/* ---- Content --------------------------------------------------------------------------------- */

static void the_content_of_a_file_is_all_its_bytes(void **state)
{
    const struct kit *k = *state;
    static const char *const names[] = {"a.json", "a.jsonl"};
    static const char *const texts[] = {"\xef\xbb\xbf[{\"key\":\"a\",\"value\":\"b\"}] \n\n",
                                        "\xef\xbb\xbf{\"key\":\"a\",\"value\":\"b\"}\n \n"};
    for (int i = 0; i < 2; i++) {
        struct diag_list diags = {0};
        struct error err = {0};
        struct seed_item item;
        struct bulk_decl bulk = source(names[i]);
        struct digest digest, want = hash_sha256(bytes_of(texts[i]));
        uint64_t size;
        write_seed(k, names[i], bytes_of(texts[i]));
        struct seed_reader *r = seed_open(&k->root, &bulk, &err);
        while (seed_next(r, &item, &diags, &err) != SEED_END) {
        }
        seed_content(r, &size, &digest);
        assert_int_equal(size, strlen(texts[i]));
        assert_true(digest_equal(&digest, &want));
        seed_close(r);
    }
}

static struct digest inline_digest(struct seed_key *items, size_t n)
{
    struct bulk_decl bulk = {.format = SOURCE_INLINE, .items = items, .n = n};
    struct diag_list diags = {0};
    struct error err = {0};
    struct seed_item item;
    struct digest digest;
    uint64_t size;
    struct seed_reader *r = seed_open(NULL, &bulk, &err);
    while (seed_next(r, &item, &diags, &err) == SEED_ITEM) {
    }
    seed_content(r, &size, &digest);
    seed_close(r);
    return digest;
}

static void the_content_of_inline_items_is_all_that_is_written(void **unused)
{
    struct part one[] = {{PART_TEXT, TEXT("ab"), 0}}, two[] = {{PART_TEXT, TEXT("a"), 0}};
    struct part id[] = {{PART_ID, {NULL, 0}, 1}}, other_id[] = {{PART_ID, {NULL, 0}, 2}};
    struct seed_key keys[] = {
        {.key = TEXT("k"), .value = {one, 1, false}},
        {.key = TEXT("l"), .value = {one, 1, false}},
        {.key = TEXT("k"), .value = {two, 1, false}},
        {.key = TEXT("ka"), .value = {two, 1, false}},
        {.key = TEXT("k"), .value = {id, 1, false}},
        {.key = TEXT("k"), .value = {other_id, 1, false}},
        {.key = TEXT("k"), .value = {one, 1, false}, .metadata = TEXT("1")},
        {.key = TEXT("k"), .value = {one, 1, false}, .expiration_ttl = 60},
        {.key = TEXT("k"), .value = {one, 1, false}, .expiration = 60},
        {.key = TEXT("k"), .value = {NULL, 0, false}},
    };
    (void)unused;
    struct digest empty = inline_digest(keys, 0);
    for (size_t i = 0; i < N_OF(keys); i++) {
        struct digest a = inline_digest(&keys[i], 1), again = inline_digest(&keys[i], 1);
        assert_true(digest_equal(&a, &again));
        assert_false(digest_equal(&a, &empty));
        for (size_t j = 0; j < i; j++) {
            struct digest b = inline_digest(&keys[j], 1);
            assert_false(digest_equal(&a, &b));
        }
    }
}

static void inline_items_are_given_as_declared(void **unused)
{
    struct part text[] = {{PART_TEXT, TEXT("a"), 0}, {PART_TEXT, TEXT("b"), 0}};
    struct part id[] = {{PART_TEXT, TEXT("a"), 0}, {PART_ID, {NULL, 0}, 1}};
    struct seed_key items[] = {
        {.key = TEXT("k"), .value = {text, 2, true}, .pos = {"kv.lua", 3}},
        {.key = TEXT("l"), .value = {id, 2, false}, .pos = {"kv.lua", 4}},
        {.key = TEXT("m"), .value = {NULL, 0, false}, .pos = {"kv.lua", 5}},
    };
    struct bulk_decl bulk = {.format = SOURCE_INLINE, .items = items, .n = 3};
    struct diag_list diags = {0};
    struct error err = {0};
    struct seed_item item;
    (void)unused;
    struct seed_reader *r = seed_open(NULL, &bulk, &err);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
    assert_bytes(item.value, TEXT("ab"));
    assert_true(item.seed.value.secret);
    assert_int_equal(item.number, 1);
    assert_int_equal(seed_position(r).line, 3);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
    assert_null(item.value.data);
    assert_int_equal(item.seed.value.n, 2);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_ITEM);
    assert_non_null(item.value.data);
    assert_int_equal(item.value.len, 0);
    assert_int_equal(seed_next(r, &item, &diags, &err), SEED_END);
    seed_close(r);
}

/* ---- The rest -------------------------------------------------------------------------------- */

static void a_file_that_is_not_there_is_said_so(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct bulk_decl bulk = source("none.json");
    assert_null(seed_open(&k->root, &bulk, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    bulk.path = TEXT("../etc/passwd");
    assert_null(seed_open(&k->root, &bulk, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void sources_are_named_by_path_or_number(void **unused)
{
    struct bulk_decl bulks[] = {{.format = SOURCE_INLINE},
                                {.format = SOURCE_JSON, .path = TEXT("seed/a.json")},
                                {.format = SOURCE_INLINE}};
    struct namespace_decl ns = {.bulks = bulks, .n_bulks = 3};
    struct arena arena = {0};
    (void)unused;
    assert_bytes(seed_source_name(&arena, &ns, 0), TEXT("inline:1"));
    assert_bytes(seed_source_name(&arena, &ns, 1), TEXT("seed/a.json"));
    assert_bytes(seed_source_name(&arena, &ns, 2), TEXT("inline:2"));
    arena_release(&arena);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_array_gives_its_items_in_order),
        TEST(bytes_of_any_kind_survive),
        TEST(the_end_of_a_long_text_is_no_duration),
        TEST(a_wrong_item_is_named_and_the_next_is_read),
        TEST(bad_base64_is_said_to_be_bad),
        TEST(all_problems_of_an_item_are_found),
        TEST(broken_json_ends_the_reading_with_its_place),
        TEST(an_object_at_the_top_is_explained),
        TEST(every_line_stands_for_itself),
        TEST(items_may_lie_across_chunks),
        TEST(an_item_may_be_larger_than_many_chunks),
        TEST(the_content_of_a_file_is_all_its_bytes),
        TEST(the_content_of_inline_items_is_all_that_is_written),
        TEST(inline_items_are_given_as_declared),
        TEST(a_file_that_is_not_there_is_said_so),
        TEST(sources_are_named_by_path_or_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
