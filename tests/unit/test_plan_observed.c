/* What is kept of listed keys, and finding it again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/arena.h"
#include "plan/observe.h"

struct kept {
    struct arena arena;
    struct observed *o;
    struct observed_namespace *ns;
};

static void kept_start(struct kept *k)
{
    k->o = observed_new(&k->arena, NULL);
    assert_non_null(k->o);
    assert_int_equal(observed_add(k->o, bytes_of(""), bytes_of("id"), bytes_of("title")), 0);
    k->ns = &k->o->namespaces[0];
}

static void kept_end(struct kept *k)
{
    observed_free(k->o);
    arena_release(&k->arena);
}

#define KEPT(k)                                                                                    \
    struct kept k = {0};                                                                           \
    kept_start(&k)

static void add(struct kept *k, const char *name, const char *metadata, bool whole)
{
    struct store_key key = {.key = bytes_of(name), .metadata = bytes_of(metadata)};
    struct error err = {0};
    assert_true(observed_add_key(k->o, k->ns, &key, whole, &err));
}

static struct observed_key *find(const struct kept *k, const char *name, size_t *near)
{
    return observed_key(k->ns, bytes_of(name), near);
}

static void a_key_takes_forty_bytes_and_its_name(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct observed_key), 40);
}

static void keys_are_found_in_any_order_and_from_any_place(void **state)
{
    (void)state;
    char name[16];
    KEPT(k);
    for (int i = 0; i < 50; i++) {
        snprintf(name, sizeof name, "k%02d", 2 * i);
        add(&k, name, NULL, false);
    }
    for (size_t from = 0; from <= 51; from++) {
        for (int i = 0; i < 100; i++) {
            size_t near = from;
            snprintf(name, sizeof name, "k%02d", i);
            struct observed_key *key = find(&k, name, &near);
            assert_true((key != NULL) == (i % 2 == 0));
            assert_true(!key || bytes_equal(observed_name(key), bytes_of(name)));
            assert_int_equal(near, (i + 2) / 2);
        }
    }
    assert_null(find(&k, "", NULL));
    assert_null(find(&k, "z", NULL));
    kept_end(&k);
}

static void nothing_is_found_where_no_keys_are(void **state)
{
    (void)state;
    size_t near = 0;
    KEPT(k);
    assert_null(find(&k, "k", &near));
    assert_int_equal(near, 0);
    kept_end(&k);
}

static void a_listing_out_of_order_is_sorted_and_repeats_are_dropped(void **state)
{
    (void)state;
    KEPT(k);
    static const char *const names[] = {"b", "d", "a", "c", "b", "d"};
    for (size_t i = 0; i < 6; i++)
        add(&k, names[i], NULL, false);
    assert_int_equal(k.ns->n_keys, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(observed_name(&k.ns->keys[i]).data[0], 'a' + (int)i);
    kept_end(&k);
}

#define LONG "{\"note\":\"longer than thirty-two bytes, as notes are\"}"

static void metadata_longer_than_its_digest_is_kept_as_that(void **state)
{
    (void)state;
    struct digest digest, expected = hash_sha256(bytes_of(LONG));
    KEPT(k);
    add(&k, "digest", LONG, false);
    add(&k, "short", "{\"a\":1}", false);
    add(&k, "whole", LONG, true);
    const struct observed_key *key = find(&k, "digest", NULL);
    assert_true(observed_metadata_digest(key, &digest));
    assert_true(digest_equal(&digest, &expected));
    assert_null(observed_metadata(key).data);
    assert_true(observed_metadata_is(key, bytes_of(LONG)));
    assert_false(observed_metadata_is(key, bytes_of("{\"a\":1}")));
    assert_false(observed_metadata_is(key, bytes_make(NULL, 0)));
    key = find(&k, "short", NULL);
    assert_false(observed_metadata_digest(key, &digest));
    assert_true(bytes_equal(observed_metadata(key), bytes_of("{\"a\":1}")));
    key = find(&k, "whole", NULL);
    assert_true(bytes_equal(observed_metadata(key), bytes_of(LONG)));
    assert_true(observed_metadata_is(key, bytes_of(LONG)));
    kept_end(&k);
}

static void metadata_is_compared_in_its_canonical_form(void **state)
{
    (void)state;
    KEPT(k);
    add(&k, "k", "{ \"b\": 1.0, \"a\": 2 }", false);
    assert_true(observed_metadata_is(find(&k, "k", NULL), bytes_of("{\"a\":2,\"b\":1}")));
    kept_end(&k);
}

static void a_fingerprint_is_no_part_of_it(void **state)
{
    (void)state;
    KEPT(k);
    add(&k, "alone", "{\"cfkv\":\"AAAAAAAAAAAAAAAA\"}", false);
    add(&k, "beside", "{ \"z\":1, \"cfkv\":\"AAAAAAAAAAAAAAAA\", \"a\":2 }", false);
    const struct observed_key *key = find(&k, "alone", NULL);
    assert_true(key->marked);
    assert_true(observed_metadata_is(key, bytes_make(NULL, 0)));
    key = find(&k, "beside", NULL);
    assert_true(key->marked);
    assert_true(observed_metadata_is(key, bytes_of("{\"a\":2,\"z\":1}")));
    kept_end(&k);
}

static void metadata_null_is_none_and_broken_text_equals_nothing(void **state)
{
    (void)state;
    KEPT(k);
    add(&k, "null", "null", false);
    add(&k, "broken", "{\"a\":", false);
    assert_true(observed_metadata_is(find(&k, "null", NULL), bytes_make(NULL, 0)));
    const struct observed_key *key = find(&k, "broken", NULL);
    assert_true(key->damaged);
    assert_false(observed_metadata_is(key, bytes_of("{\"a\":")));
    assert_true(bytes_equal(observed_metadata(key), bytes_of("{\"a\":")));
    kept_end(&k);
}

static void a_key_longer_than_any_is_refused(void **state)
{
    (void)state;
    static char name[UINT16_MAX + 1];
    struct store_key key = {.key = bytes_make(name, sizeof name)};
    struct error err = {0};
    KEPT(k);
    assert_false(observed_add_key(k.o, k.ns, &key, false, &err));
    assert_int_equal(err.code, ERR_ANSWER);
    assert_string_equal(err.message, "a key of 65536 bytes is listed");
    kept_end(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_takes_forty_bytes_and_its_name),
        cmocka_unit_test(keys_are_found_in_any_order_and_from_any_place),
        cmocka_unit_test(nothing_is_found_where_no_keys_are),
        cmocka_unit_test(a_listing_out_of_order_is_sorted_and_repeats_are_dropped),
        cmocka_unit_test(metadata_longer_than_its_digest_is_kept_as_that),
        cmocka_unit_test(metadata_is_compared_in_its_canonical_form),
        cmocka_unit_test(a_fingerprint_is_no_part_of_it),
        cmocka_unit_test(metadata_null_is_none_and_broken_text_equals_nothing),
        cmocka_unit_test(a_key_longer_than_any_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
