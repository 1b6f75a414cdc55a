/* The first pass over sources that are files. */
#include "test_seed_kit.h"

#define NOW INT64_C(1700000000)

/* A model with one namespace; files are added to it. */
static size_t add_source(struct model *m, size_t ns, const char *path)
{
    struct bulk_decl *bulk = model_add_bulk(m, ns);
    assert_non_null(bulk);
    *bulk = source(path);
    bulk->pos = (struct srcpos){"kv.lua", 20 + (int)m->namespaces[ns].n_bulks};
    return m->namespaces[ns].n_bulks - 1;
}

static void add_put(struct model *m, size_t ns, const char *key, int line)
{
    struct put_decl *put = model_add_put(m, ns);
    assert_non_null(put);
    put->seed.key = bytes_of(key);
    put->seed.pos = (struct srcpos){"kv.lua", line};
}

static void start(struct model *m)
{
    model_init(m);
    assert_non_null(model_add_namespace(m));
}

static void validate(const struct kit *k, struct model *m)
{
    struct error err = {0};
    if (!seed_validate(m, &k->root, NOW, &err))
        fail_msg("%s", err.message);
}

static void expect(const struct model *m, size_t i, const char *file, int line, const char *code,
                   const char *message)
{
    assert_true(i < m->diags.n);
    const struct diag *d = &m->diags.items[i];
    assert_string_equal(d->message, message);
    assert_string_equal(d->code, code);
    assert_string_equal(d->pos.file, file);
    assert_int_equal(d->pos.line, line);
}

static void good_sources_give_no_diagnostics(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json", TEXT("[{\"key\":\"a\",\"value\":\"1\"}]"));
    write_seed(k, "b.jsonl", TEXT("{\"key\":\"b\",\"value\":\"1\"}\n"));
    start(&m);
    add_source(&m, 0, "a.json");
    add_source(&m, 0, "b.jsonl");
    add_put(&m, 0, "c", 3);
    validate(k, &m);
    assert_int_equal(m.diags.n, 0);
    model_release(&m);
}

static void every_limit_of_a_key_is_checked_with_its_item(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json",
               TEXT("[{\"key\":\"\",\"value\":\"1\"},\n"
                    "{\"key\":\"b\",\"value\":\"1\",\"expiration_ttl\":59},\n"
                    "{\"key\":\"c\",\"value\":\"1\",\"expiration\":1600000000}]"));
    start(&m);
    add_source(&m, 0, "a.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 3);
    assert_int_equal(m.diags.errors, 2);
    expect(&m, 0, "a.json", 1, "key.length", "item 1 (byte 1): key '' is empty");
    expect(&m, 1, "a.json", 2, "key.expiration_ttl",
           "item 2 (byte 25): expiration_ttl '59 s' of key 'b' is too short");
    assert_int_equal(m.diags.items[2].severity, DIAG_WARNING);
    model_release(&m);
}

static void a_key_given_twice_is_named_at_both_places(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json",
               TEXT("[{\"key\":\"x\",\"value\":\"1\"},\n{\"key\":\"p\",\"value\":\"1\"},\n"
                    "{\"key\":\"x\",\"value\":\"1\"}]"));
    write_seed(k, "b.jsonl",
               TEXT("{\"key\":\"y\",\"value\":\"1\"}\n{\"key\":\"x\",\"value\":\"\"}\n"
                    "{\"key\":\"i\",\"value\":\"\"}\n"));
    start(&m);
    add_put(&m, 0, "p", 12);
    struct bulk_decl *bulk = model_add_bulk(&m, 0);
    assert_non_null(bulk);
    struct seed_key *item = model_add_bulk_item(&m, 0, 0);
    assert_non_null(item);
    item->key = TEXT("i");
    item->pos = (struct srcpos){"kv.lua", 14};
    add_source(&m, 0, "a.json");
    add_source(&m, 0, "b.jsonl");
    validate(k, &m);
    assert_int_equal(m.diags.n, 4);
    expect(&m, 0, "a.json", 2, "key.duplicate",
           "key 'p' at a.json:2 (item 2, byte 26) is also at kv.lua:12");
    expect(&m, 1, "a.json", 3, "key.duplicate",
           "key 'x' at a.json:3 (item 3, byte 51) is also at a.json:1 (item 1, byte 1)");
    expect(&m, 2, "b.jsonl", 2, "key.duplicate",
           "key 'x' at b.jsonl:2 (item 2, byte 24) is also at a.json:1 (item 1, byte 1)");
    expect(&m, 3, "b.jsonl", 3, "key.duplicate",
           "key 'i' at b.jsonl:3 (item 3, byte 47) is also at kv.lua:14");
    model_release(&m);
}

static void what_is_declared_twice_in_the_configuration_is_left_to_the_model(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json", TEXT("[]"));
    start(&m);
    add_put(&m, 0, "p", 12);
    add_put(&m, 0, "p", 13);
    add_source(&m, 0, "a.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 0);
    model_release(&m);
}

static void two_namespaces_may_have_the_same_key(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json", TEXT("[{\"key\":\"x\",\"value\":\"1\"}]"));
    start(&m);
    assert_non_null(model_add_namespace(&m));
    add_source(&m, 0, "a.json");
    add_source(&m, 1, "a.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 0);
    model_release(&m);
}

static void many_keys_are_all_compared(void **state)
{
    const struct kit *k = *state;
    struct buf text = {0};
    struct model m;
    for (int i = 0; i < 5000; i++)
        buf_addf(&text, "{\"key\":\"k%d\",\"value\":\"\"}\n", i);
    write_seed(k, "a.jsonl", buf_bytes(&text));
    buf_clear(&text);
    buf_add_str(&text, "[{\"key\":\"k0\",\"value\":\"\"},{\"key\":\"k2500\",\"value\":\"\"},"
                       "{\"key\":\"k4999\",\"value\":\"\"},{\"key\":\"k5000\",\"value\":\"\"}]");
    write_seed(k, "b.json", buf_bytes(&text));
    start(&m);
    add_source(&m, 0, "a.jsonl");
    add_source(&m, 0, "b.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 3);
    expect(&m, 2, "b.json", 1, "key.duplicate",
           "key 'k4999' at b.json:1 (item 3, byte 52) is also at a.jsonl:5000 (item 5000, byte "
           "133863)");
    model_release(&m);
    buf_release(&text);
}

static void a_broken_file_is_a_problem_like_any_other(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.json", TEXT("[{\"key\":\"\",\"value\":\"1\"},\n{\"key\" 1}]"));
    write_seed(k, "b.json", TEXT("{\"a\":\"b\"}"));
    start(&m);
    add_source(&m, 0, "a.json");
    add_source(&m, 0, "b.json");
    add_source(&m, 0, "none.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 4);
    expect(&m, 0, "a.json", 1, "key.length", "item 1 (byte 1): key '' is empty");
    expect(&m, 1, "a.json", 2, "source.syntax", "item 2: at byte 33: expected ':'");
    expect(&m, 2, "b.json", 1, "source.syntax",
           "the file must hold an array of items, not an object");
    assert_string_equal(m.diags.items[3].code, "source.missing");
    assert_string_equal(m.diags.items[3].pos.file, "kv.lua");
    assert_int_equal(m.diags.items[3].pos.line, 23);
    model_release(&m);
}

static void a_path_that_model_validation_refused_is_not_refused_twice(void **state)
{
    const struct kit *k = *state;
    struct model m;
    start(&m);
    add_source(&m, 0, "../a.json");
    validate(k, &m);
    assert_int_equal(m.diags.n, 1);
    assert_string_equal(m.diags.items[0].code, "source.path");
    validate(k, &m);
    assert_int_equal(m.diags.n, 1);
    model_release(&m);
}

static void a_file_of_problems_does_not_fill_the_memory(void **state)
{
    const struct kit *k = *state;
    struct buf text = {0};
    struct model m;
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, "{}\n");
    write_seed(k, "a.jsonl", buf_bytes(&text));
    start(&m);
    add_source(&m, 0, "a.jsonl");
    validate(k, &m);
    assert_int_equal(m.diags.n, 101);
    expect(&m, 100, "kv.lua", 21, "source.more", "'a.jsonl' has 1900 more problems");
    assert_int_equal(m.diags.items[100].severity, DIAG_ERROR);
    model_release(&m);
    buf_release(&text);
}

static void fingerprints_need_an_object_without_member_cfkv(void **state)
{
    const struct kit *k = *state;
    struct model m;
    write_seed(k, "a.jsonl",
               TEXT("{\"key\":\"a\",\"value\":\"\",\"metadata\":{\"x\":{\"cfkv\":1}}}\n"
                    "{\"key\":\"b\",\"value\":\"\",\"metadata\":[]}\n"
                    "{\"key\":\"c\",\"value\":\"\",\"metadata\":{\"cfkv\":1}}\n"
                    "{\"key\":\"d\",\"value\":\"\"}\n"));
    start(&m);
    m.namespaces[0].fingerprint = true;
    add_source(&m, 0, "a.jsonl");
    validate(k, &m);
    assert_int_equal(m.diags.n, 2);
    expect(&m, 0, "a.jsonl", 2, "metadata.fingerprint",
           "item 2 (byte 51): metadata '[]' of key 'b' is no object, but its namespace has "
           "fingerprint = true");
    assert_int_equal(m.diags.items[1].pos.line, 3);
    model_release(&m);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(good_sources_give_no_diagnostics),
        TEST(every_limit_of_a_key_is_checked_with_its_item),
        TEST(a_key_given_twice_is_named_at_both_places),
        TEST(what_is_declared_twice_in_the_configuration_is_left_to_the_model),
        TEST(two_namespaces_may_have_the_same_key),
        TEST(many_keys_are_all_compared),
        TEST(a_broken_file_is_a_problem_like_any_other),
        TEST(a_path_that_model_validation_refused_is_not_refused_twice),
        TEST(a_file_of_problems_does_not_fill_the_memory),
        TEST(fingerprints_need_an_object_without_member_cfkv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
