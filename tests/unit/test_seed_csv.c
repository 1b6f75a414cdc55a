/* Items out of CSV. */
#include "test_seed_kit.h"

#include "base/duration.h"

struct expectation {
    const char *content, *items; /* as read_all shows them */
    const char *message, *hint;  /* of the first diagnostic; NULL: there is none */
    int line;                    /* of it */
};

static void expect(const struct kit *k, const struct expectation *x)
{
    struct diag_list diags = {0};
    struct buf out = {0};
    struct bulk_decl bulk = source("a.csv");
    write_seed(k, "a.csv", bytes_of(x->content));
    read_all(k, &bulk, &out, &diags);
    if (strcmp(out.data, x->items) != 0)
        fail_msg("%s\ngives %s\nnot   %s", x->content, out.data, x->items);
    assert_int_equal(diags.n > 0, x->message != NULL);
    if (x->message) {
        assert_string_equal(diags.items[0].message, x->message);
        assert_int_equal(diags.items[0].pos.line, x->line);
    }
    if (x->hint)
        assert_string_equal(diags.items[0].hint, x->hint);
    diag_release(&diags);
    buf_release(&out);
}

static const struct expectation good[] = {
    {"key,value\na,1\nb,2\n", "1:a=1 2:b=2 END", NULL, NULL, 0},
    {"key,value\r\na,1\r\nb,2", "1:a=1 2:b=2 END", NULL, NULL, 0},
    {"\xef\xbb\xbfkey,value\na,1\n", "1:a=1 END", NULL, NULL, 0},
    {"value,key\n1,a\n", "1:a=1 END", NULL, NULL, 0},
    {"\"key\",\"value\"\n\"a\",\"1\"\n", "1:a=1 END", NULL, NULL, 0},
    {"key,value\n\n\r\na,1\n\n", "1:a=1 END", NULL, NULL, 0},
    {"key,value\n\"a,b\",\"x\ny\"\n\"\"\"q\"\"\",\"\"\nz, 1 \n", "1:a,b=x\ny 2:\"q\"= 3:z= 1  END",
     NULL, NULL, 0},
    {"key,value,base64,expiration,expiration_ttl,metadata\n"
     "a,aGk=,true,,60,\nb,2,false,1800000000,,\"{\"\"y\"\": 1, \"\"x\"\":[]}\"\nc,,,,,null\n"
     "d,,,,0,\n",
     "1:a=hi+60 2:b=2@1800000000#{\"x\":[],\"y\":1} 3:c= 4:d=+0 END", NULL, NULL, 0},
    {"key,value\n", "END", NULL, NULL, 0},
    {"key,value,expiration_ttl\na,1,3600\nb,1,1h\nc,1,1h30m\nd,1,0s\n",
     "1:a=1+3600 2:b=1+3600 3:c=1+5400 4:d=1+0 END", NULL, NULL, 0},
    {"key,value,expiration\na,1,1801396800\nb,1,2027-01-31T13:00:00+01:00\n",
     "1:a=1@1801396800 2:b=1@1801396800 END", NULL, NULL, 0},
};

static void rows_are_items(void **state)
{
    for (size_t i = 0; i < N_OF(good); i++)
        expect(*state, &good[i]);
}

static const struct expectation wrong_headers[] = {
    {"", "FAILED: a.csv:1: there is no header", NULL, NULL, 0},
    {"a,1\n", "BAD FAILED: a.csv:1: the header has no column 'key'", NULL, NULL, 0},
    {"key,valeu\na,1\n", "BAD 1:a= END", "header: unknown column 'valeu'", "did you mean 'value'?",
     1},
    {"key,value,key\na,1,b\n", "BAD 1:a=1 END", "header: column 'key' is there twice", NULL, 1},
    {"Key,value,ttl\na,1,1h\nb,2,\n", "BAD END", "header: unknown column 'Key'",
     "did you mean 'key'?", 1},
    {"key;value;ttl\na;1;1h\n", "BAD END",
     "header: the cells are separated by ';', not by commas: 'key;value;ttl'",
     "save it with commas, or put its rows by a script: cfkv.rows.csv(path, { delimiter = \";\" })",
     1},
    {"key\tvalue\na\t1\n", "BAD END",
     "header: the cells are separated by '\\t', not by commas: 'key\\x09value'",
     "save it with commas, or put its rows by a script: cfkv.rows.csv(path, { delimiter = \"\\t\" "
     "})",
     1},
    {"key,value,a;b\na,1,\n", "BAD 1:a=1 END", "header: unknown column 'a;b'",
     "accepted: key, value, base64, expiration, expiration_ttl, metadata", 1},
    {"key,value,x y z\na,1,b\n", "BAD 1:a=1 END", "header: unknown column 'x y z'",
     "accepted: key, value, base64, expiration, expiration_ttl, metadata", 1},
};

static const struct expectation wrong_rows[] = {
    {"key,value\na\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): it has 1 cells, but the header has 2",
     "put a cell that holds a comma into quotes", 2},
    {"key,value\na,1,2\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): it has 3 cells, but the header has 2", NULL, 2},
    {"key,value\na,1\n\nb,\"x\ny\nc,3\n", "1:a=1 BAD END",
     "item 2 (byte 15): the quote at byte 17 (line 4) is never closed",
     "a quote inside quotes is written twice", 4},
    {"key,value\na,x\"y\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): at byte 13 (line 2): a quote in a cell that does not begin with one",
     "put the cell into quotes, and double each quote in it", 2},
    {"key,value\na,\"x\"y\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): at byte 15 (line 2): text behind the closing quote of a cell", NULL, 2},
    {"key,value\na,x\ry\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): at byte 14 (line 2): a carriage return outside quotes", NULL, 2},
    {"key,value\na,\xff\nb,2\n", "BAD 2:b=2 END",
     "item 1 (byte 10): its value is not valid UTF-8: byte 1",
     "write bytes in base64, with a column base64 that says true", 2},
    {"key,value,base64\na,?,true\nb,2,yes\n", "BAD BAD END",
     "item 1 (byte 17): the value of key 'a' is not base64: base64 of 1 characters, not a multiple "
     "of 4",
     NULL, 2},
    {"key,value,expiration_ttl\na,1,soon\nb,1,3600\nc,1,1h30m\n", "BAD 2:b=1+3600 3:c=1+5400 END",
     "item 1 (byte 25): field 'expiration_ttl' of a bulk item must be " DURATION_WANTED
     ", got 'soon'",
     "give at least 60 seconds, 0 for a key that does not expire, or leave it out", 2},
    {"key,value,expiration_ttl\na,1,1 hour\n", "BAD END",
     "item 1 (byte 25): field 'expiration_ttl' of a bulk item must be " DURATION_WANTED
     ", got '1 hour'",
     "write '1h'", 2},
    {"key,value,expiration\na,1,2026-12-31\n", "BAD END",
     "item 1 (byte 21): field 'expiration' of a bulk item must be " MOMENT_WANTED
     ", got '2026-12-31'",
     "write '2026-12-31T00:00:00Z'; Z is UTC, +01:00 an offset from it", 2},
    {"key,value,metadata\na,1,x\n", "BAD END",
     "item 1 (byte 19): its metadata is not JSON: at byte 1: unexpected character", NULL, 2},
};

static void a_wrong_header_is_explained(void **state)
{
    const struct kit *k = *state;
    expect(k, &wrong_headers[0]);
    for (size_t i = 2; i < N_OF(wrong_headers); i++)
        expect(k, &wrong_headers[i]);
}

static void a_wrong_row_is_named_and_the_next_is_read(void **state)
{
    for (size_t i = 0; i < N_OF(wrong_rows); i++)
        expect(*state, &wrong_rows[i]);
}

static void cells_may_lie_across_chunks(void **state)
{
    const struct kit *k = *state;
    for (size_t pad = 0; pad < 24; pad++) {
        struct diag_list diags = {0};
        struct buf text = {0}, want = {0}, out = {0};
        struct bulk_decl bulk = source("a.csv");
        buf_add_str(&text, "value,key\n");
        for (int i = 1; i <= 6000; i++) {
            buf_addf(&text, "\"v\"\"%d\",k%d\r\n", i, i);
            buf_addf(&want, "%d:k%d=v\"%d ", i, i, i);
            for (size_t p = 0; i == 1 && p < pad; p++)
                buf_add_char(&text, '\n');
        }
        buf_add_str(&want, "END");
        write_seed(k, "a.csv", buf_bytes(&text));
        read_all(k, &bulk, &out, &diags);
        assert_bytes(buf_bytes(&out), buf_bytes(&want));
        assert_int_equal(diags.n, 0);
        buf_release(&text);
        buf_release(&want);
        buf_release(&out);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(rows_are_items),
        TEST(a_wrong_header_is_explained),
        TEST(a_wrong_row_is_named_and_the_next_is_read),
        TEST(cells_may_lie_across_chunks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
