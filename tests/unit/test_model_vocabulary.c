/* What a name that nobody knows was meant to be, at each place that takes names. */
#include "test_base.h"

#include "model/fields.h"
#include "model/vocabulary.h"
#include "seed/item.h"

static const char *const put_options[] = {"expiration_ttl", "expiration", "metadata", "policy",
                                          NULL};
static const char *const bulk_options[] = {"ttl", "backup", NULL};
static const char *const line_options[] = {"namespace", "namespace-id", "ttl", "expiration",
                                           "metadata",  "path",         "env", NULL};

static void assert_meant(const char *const *candidates, const char *name, const char *want)
{
    const char *meant = vocabulary_meant(bytes_of(name), candidates);
    if (!meant || strcmp(meant, want) != 0)
        fail_msg("'%s' is taken for '%s', not '%s'", name, meant ? meant : "nothing", want);
}

static void assert_field(const struct fields *fields, const char *name, const char *want)
{
    const char *names[64] = {NULL};
    for (size_t i = 0; i < fields->n; i++)
        names[i] = fields->rows[i].name;
    assert_meant(names, name, want);
}

static const char *const lengths[] = {
    "TTL",         "Ttl",           "expirationTtl", "expirationTTL", "expireTtl",
    "expires_in",  "expiresIn",     "expires-in",    "max_age",       "maxAge",
    "lifetime",    "time_to_live",  "timeToLive",    "ttlSeconds",    "expiry_ttl",
    "expireAfter", "expires_after", "Expiration TTL"};

static const char *const moments[] = {"expires",    "expiry",     "expires_at",
                                      "expiresAt",  "expire_at",  "expiration_date",
                                      "validUntil", "Expiration", "expire"};

static void every_word_for_a_lifetime_leads_to_the_one_that_is_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(lengths); i++) {
        assert_meant(put_options, lengths[i], "expiration_ttl");
        assert_meant(line_options, lengths[i], "ttl");
        assert_meant(bulk_options, lengths[i], "ttl");
        assert_field(&namespace_fields, lengths[i], "ttl_seconds");
        assert_field(&namespace_defaults, lengths[i], "ttl_seconds");
    }
    assert_meant(put_options, "ttl", "expiration_ttl");
    assert_meant(put_options, "ttl_seconds", "expiration_ttl");
    assert_meant(bulk_options, "expiration_ttl", "ttl");
    assert_meant(bulk_options, "ttl_seconds", "ttl");
    assert_meant(line_options, "expiration-ttl", "ttl");
    assert_field(&namespace_fields, "ttl", "ttl_seconds");
    assert_field(&namespace_fields, "expiration_ttl", "ttl_seconds");
}

static void every_word_for_its_end_leads_to_what_says_it_or_else_to_the_lifetime(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_OF(moments); i++) {
        assert_meant(put_options, moments[i], "expiration");
        assert_meant(line_options, moments[i], "expiration");
        assert_meant(bulk_options, moments[i], "ttl");
        assert_field(&namespace_fields, moments[i], "ttl_seconds");
    }
}

static void items_know_the_same_words(void **state)
{
    static const struct {
        const char *theirs, *ours;
    } words[] = {
        {"ttl", "expiration_ttl"},
        {"expirationTtl", "expiration_ttl"},
        {"Key", "key"},
        {"name", "key"},
        {"expires", "expiration"},
        {"Value", "value"},
        {"data", "value"},
        {"BASE64", "base64"},
        {"meta", "metadata"},
        {"valeu", "value"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(words); i++) {
        const char *nearest = NULL;
        assert_int_equal(item_member_named(bytes_of(words[i].theirs), &nearest), ITEM_MEMBERS);
        assert_non_null(nearest);
        assert_string_equal(nearest, words[i].ours);
    }
}

static void words_of_other_things_are_known_too(void **state)
{
    (void)state;
    assert_field(&namespace_fields, "name", "title");
    assert_field(&namespace_fields, "environment", "env");
    assert_field(&namespace_fields, "onRemove", "on_remove");
    assert_field(&namespace_fields, "prevent_destroy", "protect");
    assert_field(&namespace_fields, "renamedFrom", "renamed_from");
    assert_field(&namespace_fields, "comment", "description");
    assert_field(&project_fields, "title", "name");
    assert_field(&project_fields, "envs", "environments");
    assert_field(&project_fields, "account", "account_id");
    assert_field(&removed_fields, "name", "title");
    assert_field(&wrangler_fields, "env", "environments");
    assert_field(&wrangler_fields, "file", "path");
    assert_meant(line_options, "environment", "env");
    assert_meant(line_options, "title", "namespace");
}

static void options_of_calls_are_known_by_what_they_are_elsewhere(void **state)
{
    static const char *const list[] = {"prefix", "limit", NULL};
    static const char *const var[] = {"default", "type", "oneof", "doc", NULL};
    static const char *const purge[] = {"keep", "days", NULL};
    (void)state;
    assert_meant(list, "starts_with", "prefix");
    assert_meant(list, "pattern", "prefix");
    assert_meant(list, "count", "limit");
    assert_meant(list, "pageSize", "limit");
    assert_meant(var, "choices", "oneof");
    assert_meant(var, "enum", "oneof");
    assert_meant(var, "description", "doc");
    assert_meant(purge, "older-than", "days");
}

static void a_name_that_says_nothing_means_nothing(void **state)
{
    static const char *const silent[] = {"", "_", "- ", "colour", "xyz", "\xff\xfe", "t\001tl"};
    static const char *const few[] = {"metadata", "backup", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    for (size_t i = 0; i < N_OF(silent); i++)
        assert_null(vocabulary_meant(bytes_of(silent[i]), few));
    assert_null(vocabulary_meant(bytes_of("ttl"), few));
    assert_null(vocabulary_meant(bytes_of("ttl"), none));
    assert_null(vocabulary_meant(bytes_make("ttl\0x", 5), few));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_for_a_lifetime_leads_to_the_one_that_is_taken),
        cmocka_unit_test(every_word_for_its_end_leads_to_what_says_it_or_else_to_the_lifetime),
        cmocka_unit_test(items_know_the_same_words),
        cmocka_unit_test(words_of_other_things_are_known_too),
        cmocka_unit_test(options_of_calls_are_known_by_what_they_are_elsewhere),
        cmocka_unit_test(a_name_that_says_nothing_means_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
