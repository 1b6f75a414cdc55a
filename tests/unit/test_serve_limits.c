#include "test_base.h"

#include "serve/limits.h"

#define NOW 1700000000

static struct limits_number number(const char *text)
{
    return text ? limits_number_of(bytes_of(text)) : (struct limits_number){0};
}

/* The code that a ttl and an expiration end in; 0: they are fine. */
static int expiry(const char *ttl, const char *expiration, struct store_pair *pair)
{
    struct reply reply = {0};
    struct limits_number a = number(ttl), b = number(expiration);
    *pair = (struct store_pair){0};
    bool ok = limits_expiry(&a, &b, NOW, "put", pair, &reply);
    assert_int_equal(ok, reply.code == 0);
    reply_release(&reply);
    return reply.code;
}

static void a_ttl_is_a_whole_number_from_60(void **state)
{
    struct store_pair pair;
    (void)state;
    assert_int_equal(expiry("60", NULL, &pair), 0);
    assert_int_equal(pair.expiration_ttl, 60);
    assert_int_equal(expiry("59", NULL, &pair), 10034);
    assert_int_equal(expiry("0", NULL, &pair), 10034);
    assert_int_equal(expiry("-60", NULL, &pair), 10034);
    assert_int_equal(expiry("60.5", NULL, &pair), 10034);
    assert_int_equal(expiry("soon", NULL, &pair), 10034);
    assert_int_equal(expiry("2147483648", NULL, &pair), 10034);
}

static void an_expiration_is_at_least_a_minute_ahead_and_no_milliseconds(void **state)
{
    struct store_pair pair;
    (void)state;
    assert_int_equal(expiry(NULL, "1700000060", &pair), 0);
    assert_int_equal(pair.expiration, NOW + 60);
    assert_int_equal(expiry(NULL, "1700000059", &pair), 10033);
    assert_int_equal(expiry(NULL, "1700000000", &pair), 10033);
    assert_int_equal(expiry(NULL, "1700000060000", &pair), 10033);
    assert_int_equal(expiry(NULL, "x", &pair), 10033);
    assert_int_equal(expiry(NULL, NULL, &pair), 0);
    assert_int_equal(pair.expiration, 0);
}

static void a_ttl_wins_over_an_expiration(void **state)
{
    struct store_pair pair;
    (void)state;
    assert_int_equal(expiry("60", "1", &pair), 0);
    assert_int_equal(pair.expiration, 0);
    assert_int_equal(expiry("1", "1700000060", &pair), 10034);
}

static int key_code(struct bytes key)
{
    struct reply reply = {0};
    limits_key(key, "put", &reply);
    reply_release(&reply);
    return reply.code;
}

static void a_key_has_1_to_512_bytes_and_is_not_a_dot(void **state)
{
    char longest[513];
    (void)state;
    memset(longest, 'k', sizeof longest);
    assert_int_equal(key_code(bytes_make(longest, 512)), 0);
    assert_int_equal(key_code(bytes_make(longest, 513)), 10030);
    assert_int_equal(key_code(TEXT("")), 10042);
    assert_int_equal(key_code(TEXT(".")), 10042);
    assert_int_equal(key_code(TEXT("..")), 10042);
    assert_int_equal(key_code(TEXT("...")), 0);
    assert_int_equal(key_code(TEXT("a\0 \n/\xc3\xa9")), 0);
    assert_int_equal(key_code(TEXT("\xff")), 10042);
}

static int metadata(struct bytes json, struct arena *arena, struct bytes *compact)
{
    struct reply reply = {0};
    limits_metadata(json, "put", arena, compact, &reply);
    reply_release(&reply);
    return reply.code;
}

static void metadata_is_stored_without_white_space_and_otherwise_as_it_is(void **state)
{
    struct arena arena = {0};
    struct bytes compact;
    (void)state;
    assert_int_equal(metadata(TEXT(" { \"b\" : 1.50 , \"a\":[ true,null ] }\n"), &arena, &compact),
                     0);
    assert_bytes(compact, TEXT("{\"b\":1.50,\"a\":[true,null]}"));
    assert_int_equal(metadata(TEXT("null"), &arena, &compact), 0);
    assert_null(compact.data);
    assert_int_equal(metadata(TEXT("{"), &arena, &compact), 10147);
    assert_int_equal(metadata(TEXT(""), &arena, &compact), 10147);
    arena_release(&arena);
}

static void metadata_has_1024_bytes_without_its_white_space(void **state)
{
    struct arena arena = {0};
    struct bytes compact;
    char text[1100];
    (void)state;
    memset(text, ' ', sizeof text);
    memset(text + 50, 'm', 1022);
    text[50] = text[50 + 1023] = '"';
    memset(text + 51, 'm', 1022);
    assert_int_equal(metadata(bytes_make(text, sizeof text), &arena, &compact), 0);
    assert_int_equal(compact.len, 1024);
    text[50 + 1023] = 'm';
    text[50 + 1024] = '"';
    assert_int_equal(metadata(bytes_make(text, sizeof text), &arena, &compact), 10047);
    arena_release(&arena);
}

static void a_title_has_1_to_512_characters(void **state)
{
    char text[1026];
    struct reply reply = {0};
    (void)state;
    for (size_t i = 0; i < sizeof text; i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    assert_true(limits_title(bytes_make(text, 1024), "create", &reply));
    assert_false(limits_title(bytes_make(text, 1026), "create", &reply));
    assert_int_equal(reply.code, 10010);
    assert_false(limits_title(TEXT(""), "create", &reply));
    assert_int_equal(reply.code, 10019);
    reply_release(&reply);
}

static void an_id_is_32_hex_digits(void **state)
{
    (void)state;
    assert_true(limits_hex_id(TEXT("0123456789abcdef0123456789abcdef")));
    assert_false(limits_hex_id(TEXT("0123456789abcdef0123456789abcde")));
    assert_false(limits_hex_id(TEXT("0123456789abcdef0123456789abcdef0")));
    assert_false(limits_hex_id(TEXT("0123456789abcdef0123456789abcdeg")));
    assert_false(limits_hex_id(TEXT("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ttl_is_a_whole_number_from_60),
        cmocka_unit_test(an_expiration_is_at_least_a_minute_ahead_and_no_milliseconds),
        cmocka_unit_test(a_ttl_wins_over_an_expiration),
        cmocka_unit_test(a_key_has_1_to_512_bytes_and_is_not_a_dot),
        cmocka_unit_test(metadata_is_stored_without_white_space_and_otherwise_as_it_is),
        cmocka_unit_test(metadata_has_1024_bytes_without_its_white_space),
        cmocka_unit_test(a_title_has_1_to_512_characters),
        cmocka_unit_test(an_id_is_32_hex_digits),
    };
    return cmocka_run_group_tests_name("serve/limits", tests, NULL, NULL);
}
