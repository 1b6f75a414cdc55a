#include "test_base.h"

static void additions_follow_each_other_and_end_in_a_nul(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_add(&b, "a\0b", 3);
    buf_add_str(&b, "cd");
    buf_add_char(&b, 'e');
    buf_addf(&b, "%d", 12);
    buf_add_bytes(&b, bytes_make(NULL, 0));
    assert_bytes(buf_bytes(&b), TEXT("a\0bcde12"));
    assert_int_equal(b.data[b.len], 0);
    buf_release(&b);
    assert_null(b.data);
}

static void adding_nothing_still_gives_a_c_string(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_add(&b, NULL, 0);
    assert_non_null(b.data);
    assert_string_equal(b.data, "");
    buf_release(&b);
}

static void long_additions_grow_it(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 10000; i++)
        buf_addf(&b, "%07d", i);
    assert_int_equal(b.len, 70000);
    assert_memory_equal(b.data + 69993, "0009999", 8);
    buf_addf(&b, "%100000d", 1);
    assert_int_equal(b.len, 170000);
    buf_release(&b);
}

static void reserve_what_overflows_the_length(void)
{
    struct buf b = {0};
    buf_add_str(&b, "x");
    buf_reserve(&b, SIZE_MAX - 1);
}

static void reserve_half_of_everything(void)
{
    struct buf b = {0};
    buf_reserve(&b, SIZE_MAX / 2);
}

static void a_length_that_overflows_ends_the_process(void **state)
{
    (void)state;
    assert_out_of_memory(reserve_what_overflows_the_length);
    assert_out_of_memory(reserve_half_of_everything);
}

static void clearing_keeps_the_storage(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_clear(&b);
    buf_add_str(&b, "abc");
    size_t cap = b.cap;
    buf_clear(&b);
    assert_buf(&b, "");
    assert_int_equal(b.cap, cap);
    buf_release(&b);
}

static void hex_is_lowercase(void **state)
{
    (void)state;
    struct buf b = {0};
    buf_add_hex(&b, "\x00\xff\x1a", 3);
    assert_buf(&b, "00ff1a");
    buf_release(&b);
}

static const struct {
    struct bytes plain;
    const char *text;
} base64_cases[] = {
    {{"", 0}, ""},
    {{"f", 1}, "Zg=="},
    {{"fo", 2}, "Zm8="},
    {{"foo", 3}, "Zm9v"},
    {{"foob", 4}, "Zm9vYg=="},
    {{"\0\xff\xfe", 3}, "AP/+"},
    {{"\xfb\xef", 2}, "++8="},
};

static void base64_encodes_and_decodes_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(base64_cases); i++) {
        struct buf b = {0};
        struct error err;
        buf_add_base64(&b, base64_cases[i].plain);
        assert_buf(&b, base64_cases[i].text);
        buf_clear(&b);
        assert_true(buf_add_base64_decoded(&b, bytes_of(base64_cases[i].text), &err));
        assert_bytes(buf_bytes(&b), base64_cases[i].plain);
        buf_release(&b);
    }
}

static void base64_round_trips_every_byte_at_every_phase(void **state)
{
    (void)state;
    char all[258];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(unsigned char)(i & 0xFF);
    for (size_t len = 255; len <= sizeof all; len++) {
        struct buf text = {0}, back = {0};
        struct error err;
        buf_add_base64(&text, bytes_make(all, len));
        assert_true(buf_add_base64_decoded(&back, buf_bytes(&text), &err));
        assert_bytes(buf_bytes(&back), bytes_make(all, len));
        buf_release(&text);
        buf_release(&back);
    }
}

static void base64_that_is_not_strict_is_refused_and_adds_nothing(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "Z",    "Zg",   "Zg=",  "Zg==\n",     "Zm 9v",    "Zm9v====",
        "====", "=m9v", "Z===", "Zg=A",       "Zg==Zg==", "Zm9vZh==",
        "Zm9=", "Zm-v", "Zm_v", "Zm\xc3\xa9", "    ",     "Zm9v    ",
    };
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct buf b = {0};
        struct error err = {.code = ERR_NONE};
        buf_add_str(&b, "before");
        assert_false(buf_add_base64_decoded(&b, bytes_of(bad[i]), &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_buf(&b, "before");
        buf_release(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(additions_follow_each_other_and_end_in_a_nul),
        cmocka_unit_test(adding_nothing_still_gives_a_c_string),
        cmocka_unit_test(long_additions_grow_it),
        cmocka_unit_test(a_length_that_overflows_ends_the_process),
        cmocka_unit_test(clearing_keeps_the_storage),
        cmocka_unit_test(hex_is_lowercase),
        cmocka_unit_test(base64_encodes_and_decodes_bytes),
        cmocka_unit_test(base64_round_trips_every_byte_at_every_phase),
        cmocka_unit_test(base64_that_is_not_strict_is_refused_and_adds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
