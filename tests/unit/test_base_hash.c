#include "test_base.h"

#include "base/hash.h"

static void assert_hex(struct digest d, const char *want)
{
    char hex[HASH_HEX_SIZE];
    digest_hex(&d, hex);
    assert_string_equal(hex, want);
}

/* FIPS 180-2 and RFC 4231. */
static void known_answers_come_out(void **state)
{
    (void)state;
    assert_hex(hash_sha256(TEXT("abc")),
               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_hex(hash_sha256(bytes_make(NULL, 0)),
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_hex(hash_hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?")),
               "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_hex(hash_hmac_sha256(bytes_make(NULL, 0), bytes_make(NULL, 0)),
               "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void pieces_hash_as_the_whole(void **state)
{
    (void)state;
    struct hash h;
    hash_init(&h);
    hash_add(&h, TEXT("a"));
    hash_add(&h, bytes_make(NULL, 0));
    hash_add(&h, TEXT("bc"));
    struct digest pieces = hash_end(&h), whole = hash_sha256(TEXT("abc"));
    assert_true(digest_equal(&pieces, &whole));
}

static void numbers_are_eight_bytes_big_endian(void **state)
{
    (void)state;
    struct hash h;
    hash_init(&h);
    hash_add_u64(&h, 0x0102030405060708);
    struct digest number = hash_end(&h), bytes = hash_sha256(TEXT("\1\2\3\4\5\6\7\10"));
    assert_true(digest_equal(&number, &bytes));
}

static struct digest hash_of_fields(struct bytes a, struct bytes b)
{
    struct hash h;
    hash_init(&h);
    hash_add_field(&h, a);
    hash_add_field(&h, b);
    return hash_end(&h);
}

static void moving_a_byte_between_fields_changes_the_digest(void **state)
{
    (void)state;
    struct digest one = hash_of_fields(TEXT("ab"), TEXT("c"));
    struct digest two = hash_of_fields(TEXT("a"), TEXT("bc"));
    struct digest again = hash_of_fields(TEXT("ab"), TEXT("c"));
    assert_false(digest_equal(&one, &two));
    assert_true(digest_equal(&one, &again));
}

static void digests_differ_in_any_single_bit(void **state)
{
    (void)state;
    struct digest a = hash_sha256(TEXT("a"));
    for (unsigned bit = 0; bit < 8 * HASH_SIZE; bit++) {
        struct digest b = a;
        b.bytes[bit / 8] = (uint8_t)(b.bytes[bit / 8] ^ (1U << bit % 8));
        assert_false(digest_equal(&a, &b));
    }
}

static void hex_parses_back_and_nothing_else_does(void **state)
{
    (void)state;
    char hex[HASH_HEX_SIZE];
    struct digest a = hash_sha256(TEXT("a")), back;
    digest_hex(&a, hex);
    assert_true(digest_parse(bytes_of(hex), &back));
    assert_true(digest_equal(&a, &back));
    assert_false(digest_parse(bytes_make(hex, 63), &back));
    assert_false(digest_parse(bytes_make(hex, 65), &back));
    static const char bad[] = {'A', 'g', ' ', '\0', '/', ':', '`'};
    for (size_t i = 0; i < N_OF(bad); i++) {
        digest_hex(&a, hex);
        hex[40] = bad[i];
        assert_false(digest_parse(bytes_make(hex, 64), &back));
    }
    assert_true(digest_equal(&a, &back));
}

static void random_bytes_differ_each_time(void **state)
{
    (void)state;
    uint8_t a[1000] = {0}, b[1000] = {0}, zero[32] = {0};
    assert_true(hash_random(a, sizeof a));
    assert_true(hash_random(b, sizeof b));
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a + sizeof a - 32, zero, 32);
    assert_true(hash_random(a, 0));
}

static bool same_tag(struct hash_tag a, struct hash_tag b)
{
    return a.high == b.high && a.low == b.low;
}

static void tags_tell_texts_apart_and_mean_nothing_elsewhere(void **state)
{
    (void)state;
    static const char text[100] = {0}; /* its starts differ in length alone */
    struct hash_tagger here, elsewhere;
    hash_tagger_init(&here);
    hash_tagger_init(&elsewhere);
    for (size_t a = 0; a <= sizeof text; a++)
        for (size_t b = 0; b <= a; b++)
            assert_int_equal(same_tag(hash_tag(&here, bytes_make(text, a)),
                                      hash_tag(&here, bytes_make(text, b))),
                             a == b);
    assert_false(same_tag(hash_tag(&here, TEXT("a")), hash_tag(&elsewhere, TEXT("a"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers_come_out),
        cmocka_unit_test(pieces_hash_as_the_whole),
        cmocka_unit_test(numbers_are_eight_bytes_big_endian),
        cmocka_unit_test(moving_a_byte_between_fields_changes_the_digest),
        cmocka_unit_test(digests_differ_in_any_single_bit),
        cmocka_unit_test(hex_parses_back_and_nothing_else_does),
        cmocka_unit_test(random_bytes_differ_each_time),
        cmocka_unit_test(tags_tell_texts_apart_and_mean_nothing_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
