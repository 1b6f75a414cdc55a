/* Changing a state, its journal, and what survives being killed. */
#include <stdio.h>
#include <stdlib.h>

#include "test_state_kit.h"

#define LOCAL bytes_of(NULL)

/* What the state would be if the process died now. */
static void reopen(struct state *s, struct disk *d)
{
    state_close(s);
    open_state(s, d);
}

/* ---- Fresh states ---------------------------------------------------------------------------- */

static void a_fresh_state_is_empty_and_has_a_salt_of_its_own(void **unused)
{
    struct disk d = {0}, e = {0};
    struct state s, t;
    uint8_t zero[16] = {0};
    (void)unused;
    open_state(&s, &d);
    open_state(&t, &e);
    assert_true(s.fresh);
    assert_int_equal(s.n_accounts, 0);
    assert_memory_not_equal(s.salt, zero, 16);
    assert_memory_not_equal(s.salt, t.salt, 16);
    state_close(&s);
    state_close(&t);
}

static void the_salt_is_durable_with_the_first_change(void **unused)
{
    struct disk d = {0};
    struct state s;
    uint8_t salt[16];
    (void)unused;
    open_state(&s, &d);
    memcpy(salt, s.salt, 16);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    reopen(&s, &d);
    assert_memory_equal(s.salt, salt, 16);
    assert_false(s.fresh);
    save(&s);
    reopen(&s, &d);
    assert_memory_equal(s.salt, salt, 16);
    state_close(&s);
    disk_release(&d);
}

/* ---- Changing -------------------------------------------------------------------------------- */

static void attributes_are_updated_and_keys_stay(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct state_namespace ns = {.address = TEXT("a"),
                                 .id = TEXT("i"),
                                 .title = TEXT("new"),
                                 .origin = STATE_ADOPTED,
                                 .on_remove = ON_REMOVE_DELETE,
                                 .protect = true,
                                 .ttl_seconds = 60,
                                 .env = TEXT("prod")};
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "old");
    put_key(&s, "a", "k", "1");
    put_bulk(&s, "a", "inline:1", 3);
    assert_true(state_set_namespace(&s, LOCAL, &ns, &err));
    commit(&s);
    for (int again = 0; again < 2; again++) {
        struct state_namespace *got = find(&s, "a");
        assert_bytes(got->title, TEXT("new"));
        assert_bytes(got->env, TEXT("prod"));
        assert_null(got->binding.data);
        assert_int_equal(got->origin, STATE_ADOPTED);
        assert_int_equal(state_on_remove(got), ON_REMOVE_DELETE);
        assert_true(got->protect);
        assert_int_equal(got->ttl_seconds, 60);
        assert_int_equal(got->n_keys, 1);
        assert_int_equal(got->n_bulks, 1);
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

static void on_remove_follows_the_origin_unless_declared(void **unused)
{
    (void)unused;
    assert_int_equal(state_on_remove(&(struct state_namespace){.origin = STATE_CREATED}),
                     ON_REMOVE_DELETE);
    assert_int_equal(state_on_remove(&(struct state_namespace){.origin = STATE_ADOPTED}),
                     ON_REMOVE_KEEP);
    assert_int_equal(state_on_remove(&(struct state_namespace){.origin = STATE_CREATED,
                                                               .on_remove = ON_REMOVE_KEEP}),
                     ON_REMOVE_KEEP);
}

static void a_change_that_changes_nothing_writes_no_line(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    put_key(&s, "a", "k", "1");
    put_bulk(&s, "a", "f", 1);
    assert_true(state_set_project(&s, TEXT("shop"), &err));
    assert_true(state_set_output(&s, "o", TEXT("1"), NULL, 0, &err));
    assert_true(state_set_creating(&s, LOCAL, TEXT("x"), &err));
    put_binding(&s, "w", "", "KV", "i");
    commit(&s);
    put_namespace(&s, "a", "i", "t");
    put_key(&s, "a", "k", "1");
    put_bulk(&s, "a", "f", 1);
    assert_true(state_set_project(&s, TEXT("shop"), &err));
    assert_true(state_set_output(&s, "o", TEXT("1"), NULL, 0, &err));
    assert_true(state_set_creating(&s, LOCAL, TEXT("x"), &err));
    assert_true(state_end_creating(&s, LOCAL, TEXT("y"), &err));
    assert_true(state_remove_namespace(&s, LOCAL, TEXT("b"), &err));
    assert_true(state_remove_key(&s, LOCAL, TEXT("a"), TEXT("l"), &err));
    assert_true(state_remove_key(&s, LOCAL, TEXT("b"), TEXT("l"), &err));
    assert_true(state_remove_bulk(&s, LOCAL, TEXT("a"), TEXT("g"), &err));
    assert_true(state_remove_output(&s, "p", &err));
    put_binding(&s, "w", "", "KV", "i");
    assert_true(state_remove_binding(&s, TEXT("w"), TEXT("dev"), TEXT("KV"), &err));
    assert_true(state_set_id(&s, LOCAL, TEXT("i"), TEXT("i"), &err));
    assert_int_equal(s.queue.len, 0);
    commit(&s);
    assert_int_equal(d.appends, 1);
    state_close(&s);
    disk_release(&d);
}

static void what_is_removed_is_gone_and_may_come_back(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    for (int i = 0; i < 3; i++) {
        char key[2] = {(char)('x' + i), 0};
        put_key(&s, "a", key, "1");
        put_bulk(&s, "a", key, 1);
    }
    assert_true(state_remove_key(&s, LOCAL, TEXT("a"), TEXT("x"), &err));
    assert_true(state_remove_bulk(&s, LOCAL, TEXT("a"), TEXT("x"), &err));
    assert_null(find_key(&s, "a", "x"));
    assert_non_null(find_key(&s, "a", "y"));
    assert_non_null(find_key(&s, "a", "z"));
    assert_null(state_find_bulk(find(&s, "a"), TEXT("x")));
    assert_non_null(state_find_bulk(find(&s, "a"), TEXT("z")));
    put_key(&s, "a", "x", "2");
    assert_int_equal(find(&s, "a")->n_keys, 3);
    assert_true(state_remove_namespace(&s, LOCAL, TEXT("a"), &err));
    assert_null(find(&s, "a"));
    assert_null(state_find_id(&s, LOCAL, TEXT("i")));
    assert_null(state_find_title(&s, LOCAL, TEXT("t")));
    put_namespace(&s, "a", "i", "t");
    assert_int_equal(find(&s, "a")->n_keys, 0);
    commit(&s);
    reopen(&s, &d);
    assert_int_equal(find(&s, "a")->n_keys, 0);
    state_close(&s);
    disk_release(&d);
}

static void creating_lasts_until_the_namespace_is_recorded(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_creating(&s, LOCAL, TEXT("t"), &err));
    assert_true(state_set_creating(&s, LOCAL, TEXT("u"), &err));
    commit(&s);
    reopen(&s, &d);
    assert_true(state_is_creating(&s, TEXT("local"), TEXT("t")));
    put_namespace(&s, "a", "i", "t");
    assert_false(state_is_creating(&s, LOCAL, TEXT("t")));
    assert_true(state_is_creating(&s, LOCAL, TEXT("u")));
    assert_true(state_end_creating(&s, LOCAL, TEXT("u"), &err));
    commit(&s);
    reopen(&s, &d);
    assert_false(state_is_creating(&s, LOCAL, TEXT("t")));
    assert_false(state_is_creating(&s, LOCAL, TEXT("u")));
    state_close(&s);
    disk_release(&d);
}

static bool is_pending(struct state *s, const struct state_namespace *ns, const char *title,
                       const char *key)
{
    const struct state_writing *w = state_writing(s, LOCAL, ns, bytes_of(title));
    return state_find_writing(w, bytes_of(key)) != NULL;
}

static void set_pending(struct state *s, const struct state_namespace *ns, const char *title,
                        const char *key)
{
    struct error err;
    struct digest value = hash_sha256(TEXT("2"));
    struct state_key record = {
        .key = bytes_of(key),
        .hmac = {.digest = state_hmac(s, bytes_of(key), &value, bytes_make(NULL, 0), 60)},
        .expiration_ttl = 60,
        .origin = KEY_WROTE,
        .secret = true};
    assert_true(state_set_writing(s, LOCAL, ns, bytes_of(title), &record, &err));
}

static void what_is_about_to_be_put_stays_so_until_it_is_known_what_came_of_it(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    put_key(&s, "a", "k", "1");
    const char *const keys[] = {"k", "l", "m", "n", "o"};
    for (size_t i = 0; i < 5; i++)
        set_pending(&s, find(&s, "a"), "t", keys[i]);
    commit(&s);
    reopen(&s, &d);
    save(&s);
    reopen(&s, &d);
    struct state_namespace *ns = find(&s, "a");
    const struct digest put = state_find_writing(&ns->writing, TEXT("k"))->hmac.digest;
    assert_false(digest_equal(&put, &state_find_key(ns, TEXT("k"))->hmac.digest));
    assert_true(state_end_writing(&s, LOCAL, ns, TEXT("t"), TEXT("k"), true, &err));
    assert_true(state_end_writing(&s, LOCAL, ns, TEXT("t"), TEXT("l"), false, &err));
    assert_true(state_end_writing(&s, LOCAL, ns, TEXT("t"), TEXT("l"), false, &err));
    assert_true(state_remove_key(&s, LOCAL, TEXT("a"), TEXT("m"), &err));
    put_key(&s, "a", "n", "1");
    assert_false(state_end_writing(&s, LOCAL, ns, TEXT("t"), TEXT("m"), true, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    commit(&s);
    reopen(&s, &d);
    ns = find(&s, "a");
    const struct state_key *k = state_find_key(ns, TEXT("k"));
    assert_true(digest_equal(&put, &k->hmac.digest));
    assert_int_equal(k->origin, KEY_WROTE);
    assert_int_equal(k->expiration_ttl, 60);
    assert_true(k->secret);
    for (size_t i = 0; i < 4; i++)
        assert_false(is_pending(&s, ns, "t", keys[i]));
    assert_true(is_pending(&s, ns, "t", "o"));
    assert_null(state_find_key(ns, TEXT("l")));
    state_close(&s);
    disk_release(&d);
}

static void what_is_about_to_be_put_under_a_title_goes_into_the_entry(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_creating(&s, LOCAL, TEXT("t"), &err));
    set_pending(&s, NULL, "t", "k");
    assert_true(state_set_creating(&s, LOCAL, TEXT("refused"), &err));
    set_pending(&s, NULL, "refused", "k");
    save(&s);
    reopen(&s, &d);
    assert_true(is_pending(&s, NULL, "t", "k"));
    assert_false(state_end_writing(&s, LOCAL, NULL, TEXT("t"), TEXT("k"), true, &err));
    assert_true(state_end_creating(&s, LOCAL, TEXT("refused"), &err));
    assert_false(is_pending(&s, NULL, "refused", "k"));
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    reopen(&s, &d);
    assert_false(is_pending(&s, NULL, "t", "k"));
    assert_true(is_pending(&s, find(&s, "a"), "t", "k"));
    state_close(&s);
    disk_release(&d);
}

static void accounts_do_not_see_each_other(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct bytes one = TEXT("11111111111111111111111111111111");
    struct state_namespace ns = {.address = TEXT("a"), .id = TEXT("j"), .title = TEXT("t")};
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    assert_true(state_set_namespace(&s, one, &ns, &err));
    assert_bytes(state_find(&s, one, TEXT("a"))->id, TEXT("j"));
    assert_bytes(find(&s, "a")->id, TEXT("i"));
    assert_true(state_remove_namespace(&s, one, TEXT("a"), &err));
    assert_non_null(find(&s, "a"));
    commit(&s);
    reopen(&s, &d);
    assert_null(state_find(&s, one, TEXT("a")));
    assert_non_null(find(&s, "a"));
    assert_null(state_account(&s, TEXT("22222222222222222222222222222222")));
    state_close(&s);
    disk_release(&d);
}

static void keys_of_an_unknown_namespace_are_refused(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct state_key key = {.key = TEXT("k")};
    struct state_bulk bulk = {.source = TEXT("f")};
    (void)unused;
    open_state(&s, &d);
    assert_false(state_set_key(&s, LOCAL, TEXT("a"), &key, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(state_set_bulk(&s, LOCAL, TEXT("a"), &bulk, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    state_close(&s);
}

static void text_that_could_not_be_read_back_is_refused(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct state_namespace ns = {.address = TEXT("b"), .id = TEXT("j"), .title = TEXT("t\xff")};
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    assert_false(state_set_namespace(&s, LOCAL, &ns, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "cannot record title 't\\xFF': it is not valid UTF-8");
    assert_int_equal(s.queue.len, 0);
    assert_null(find(&s, "b"));
    struct state_binding b = {.file = TEXT("w\xff"), .binding = TEXT("KV")};
    assert_false(state_set_binding(&s, &b, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "cannot record file 'w\\xFF': it is not valid UTF-8");
    assert_int_equal(s.n_bindings, 0);
    assert_false(state_set_id(&s, LOCAL, TEXT("i"), TEXT("\xff"), &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(state_set_id(&s, LOCAL, TEXT("i"), TEXT(""), &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_int_equal(s.queue.len, 0);
    ns.title = TEXT("t");
    ns.id = TEXT("");
    assert_false(state_set_namespace(&s, LOCAL, &ns, &err));
    assert_int_equal(err.code, ERR_INVALID);
    state_close(&s);
    disk_release(&d);
}

/* ---- Moving ---------------------------------------------------------------------------------- */

static void a_moved_entry_takes_its_keys_along(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    put_namespace(&s, "c", "j", "u");
    put_key(&s, "a", "k", "1");
    assert_true(state_move(&s, LOCAL, TEXT("a"), TEXT("b"), &err));
    assert_null(find(&s, "a"));
    assert_non_null(find_key(&s, "b", "k"));
    assert_false(state_move(&s, LOCAL, TEXT("a"), TEXT("x"), &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(state_move(&s, LOCAL, TEXT("b"), TEXT("c"), &err));
    assert_int_equal(err.code, ERR_EXISTS);
    commit(&s);
    reopen(&s, &d);
    assert_null(find(&s, "a"));
    assert_non_null(find_key(&s, "b", "k"));
    state_close(&s);
    disk_release(&d);
}

static void an_entry_follows_its_id_to_a_new_address(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "old", "i", "t");
    put_key(&s, "old", "k", "1");
    put_namespace(&s, "new", "i", "t2");
    assert_null(find(&s, "old"));
    assert_non_null(find_key(&s, "new", "k"));
    assert_bytes(state_find_id(&s, LOCAL, TEXT("i"))->title, TEXT("t2"));
    state_close(&s);
    disk_release(&d);
}

static void entries_that_trade_addresses_keep_their_keys(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    put_namespace(&s, "b", "j", "u");
    put_key(&s, "a", "of-i", "1");
    put_key(&s, "b", "of-j", "1");
    put_namespace(&s, "a", "j", "t");
    put_namespace(&s, "b", "i", "u");
    commit(&s);
    for (int again = 0; again < 2; again++) {
        assert_bytes(find(&s, "a")->id, TEXT("j"));
        assert_bytes(find(&s, "b")->id, TEXT("i"));
        assert_non_null(find_key(&s, "a", "of-j"));
        assert_non_null(find_key(&s, "b", "of-i"));
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

/* ---- Another id ------------------------------------------------------------------------------ */

static void an_entry_with_another_id_keeps_all_that_is_recorded(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct state_namespace ns = {.address = TEXT("a"),
                                 .id = TEXT("i"),
                                 .title = TEXT("t"),
                                 .origin = STATE_ADOPTED,
                                 .protect = true,
                                 .env = TEXT("prod")};
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_namespace(&s, LOCAL, &ns, &err));
    put_key(&s, "a", "k", "1");
    put_bulk(&s, "a", "f", 1);
    commit(&s);
    assert_true(state_set_id(&s, LOCAL, TEXT("i"), TEXT("j"), &err));
    put_key(&s, "a", "l", "1");
    commit(&s);
    for (int again = 0; again < 2; again++) {
        struct state_namespace *got = state_find_id(&s, LOCAL, TEXT("j"));
        assert_ptr_equal(got, find(&s, "a"));
        assert_null(state_find_id(&s, LOCAL, TEXT("i")));
        assert_bytes(got->title, TEXT("t"));
        assert_bytes(got->env, TEXT("prod"));
        assert_int_equal(got->origin, STATE_ADOPTED);
        assert_true(got->protect);
        assert_int_equal(got->n_keys, 2);
        assert_int_equal(got->n_bulks, 1);
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

static void an_id_is_not_given_twice_nor_to_nobody(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    put_namespace(&s, "b", "j", "u");
    commit(&s);
    assert_false(state_set_id(&s, LOCAL, TEXT("i"), TEXT("j"), &err));
    assert_int_equal(err.code, ERR_EXISTS);
    assert_false(state_set_id(&s, LOCAL, TEXT("x"), TEXT("y"), &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(state_set_id(&s, TEXT("other"), TEXT("i"), TEXT("y"), &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_int_equal(s.queue.len, 0);
    assert_true(state_remove_namespace(&s, LOCAL, TEXT("b"), &err));
    assert_true(state_set_id(&s, LOCAL, TEXT("i"), TEXT("j"), &err));
    assert_bytes(find(&s, "a")->id, TEXT("j"));
    state_close(&s);
    disk_release(&d);
}

/* ---- Bindings -------------------------------------------------------------------------------- */

static const struct state_binding *find_binding(const struct state *s, const char *file,
                                                const char *env, const char *binding)
{
    return state_find_binding(s, bytes_of(file), bytes_of(env), bytes_of(binding));
}

static void bindings_are_recorded_as_they_were_written(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    char file[] = "wrangler.toml", preview[] = "p";
    struct state_binding b = {.file = bytes_of(file),
                              .binding = TEXT("KV"),
                              .id = TEXT("i"),
                              .preview_id = bytes_of(preview)};
    (void)unused;
    open_state(&s, &d);
    put_binding(&s, file, "prod", "KV", "k");
    put_binding(&s, file, "prod", "BARE", NULL);
    assert_true(state_set_binding(&s, &b, &err));
    file[0] = preview[0] = 'x'; /* texts were copied */
    commit(&s);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(s.n_bindings, 3);
        assert_bytes(find_binding(&s, "wrangler.toml", "", "KV")->id, TEXT("i"));
        assert_bytes(find_binding(&s, "wrangler.toml", "", "KV")->preview_id, TEXT("p"));
        assert_bytes(find_binding(&s, "wrangler.toml", "prod", "KV")->id, TEXT("k"));
        assert_null(find_binding(&s, "wrangler.toml", "prod", "KV")->preview_id.data);
        assert_null(find_binding(&s, "wrangler.toml", "prod", "BARE")->id.data);
        assert_null(find_binding(&s, "wrangler.toml", "dev", "KV"));
        assert_null(find_binding(&s, "x", "", "KV"));
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

static void bindings_are_sorted_replaced_and_removed(void **unused)
{
    static const char *const files[] = {"b", "a", "b", "a"}, *const envs[] = {"", "x", "x", ""};
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    for (size_t i = 0; i < 4; i++)
        put_binding(&s, files[i], envs[i], "KV", "old");
    put_binding(&s, "a", "x", "KV", "new");
    assert_int_equal(s.n_bindings, 4);
    assert_true(state_remove_binding(&s, TEXT("b"), TEXT(""), TEXT("KV"), &err));
    put_binding(&s, "a", "", "KV", NULL);
    commit(&s);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(s.n_bindings, 3);
        assert_bytes(s.bindings[0].file, TEXT("a"));
        assert_bytes(s.bindings[0].env, TEXT(""));
        assert_null(s.bindings[0].id.data);
        assert_bytes(s.bindings[1].env, TEXT("x"));
        assert_bytes(s.bindings[1].id, TEXT("new"));
        assert_bytes(s.bindings[2].file, TEXT("b"));
        assert_bytes(s.bindings[2].env, TEXT("x"));
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

/* ---- Outputs --------------------------------------------------------------------------------- */

static void outputs_are_sorted_replaced_and_removed(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_output(&s, "b", TEXT("1"), NULL, 0, &err));
    assert_true(state_set_output(&s, "a", TEXT("\"\\u0000\""), NULL, 0, &err));
    assert_true(state_set_output(&s, "c", TEXT("{\"x\":[1,2]}"), NULL, 0, &err));
    assert_true(state_set_output(&s, "b", TEXT("2"), NULL, 0, &err));
    assert_true(state_remove_output(&s, "c", &err));
    commit(&s);
    for (int again = 0; again < 2; again++) {
        assert_int_equal(s.n_outputs, 2);
        assert_string_equal(s.outputs[0].name, "a");
        assert_bytes(s.outputs[0].json, TEXT("\"\\u0000\""));
        assert_string_equal(s.outputs[1].name, "b");
        assert_bytes(s.outputs[1].json, TEXT("2"));
        reopen(&s, &d);
    }
    state_close(&s);
    disk_release(&d);
}

/* ---- Digests --------------------------------------------------------------------------------- */

static void the_digest_depends_on_salt_value_metadata_and_ttl(void **unused)
{
    struct state s = {.salt = {1}}, t = {.salt = {2}};
    struct digest v = digest_of("v"), w = digest_of("w"), ds[8];
    (void)unused;
    ds[0] = state_hmac(&s, TEXT("k"), &v, bytes_make(NULL, 0), 0);
    ds[1] = state_hmac(&t, TEXT("k"), &v, bytes_make(NULL, 0), 0);
    ds[2] = state_hmac(&s, TEXT("k"), &w, bytes_make(NULL, 0), 0);
    ds[3] = state_hmac(&s, TEXT("k"), &v, TEXT(""), 0);
    ds[4] = state_hmac(&s, TEXT("k"), &v, TEXT("1"), 0);
    ds[5] = state_hmac(&s, TEXT("k"), &v, TEXT("2"), 0);
    ds[6] = state_hmac(&s, TEXT("k"), &v, bytes_make(NULL, 0), 60);
    ds[7] = state_hmac(&s, TEXT("k"), &v, bytes_make(NULL, 0), 61);
    for (size_t i = 0; i < N_OF(ds); i++)
        for (size_t k = 0; k < i; k++)
            assert_false(digest_equal(&ds[i], &ds[k]));
    struct digest again = state_hmac(&s, TEXT("k"), &v, bytes_make(NULL, 0), 0);
    assert_true(digest_equal(&again, &ds[0]));
}

static void no_value_is_ever_in_document_or_journal(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    struct digest value = digest_of("hunter2");
    struct state_key key = {.key = TEXT("k")};
    char hex[HASH_HEX_SIZE];
    (void)unused;
    digest_hex(&value, hex);
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    key.hmac.digest = state_hmac(&s, key.key, &value, bytes_make(NULL, 0), 0);
    assert_true(state_set_key(&s, LOCAL, TEXT("a"), &key, &err));
    commit(&s);
    assert_null(strstr(d.journal.data, hex));
    save(&s);
    assert_null(strstr(d.document.data, hex));
    state_close(&s);
    disk_release(&d);
}

/* ---- Projects -------------------------------------------------------------------------------- */

static void the_state_of_another_project_is_refused(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_project(&s, TEXT("shop"), &err));
    save(&s);
    state_close(&s);
    assert_false(state_open(&s, disk_backend(&d), TEXT("blog"), &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_string_equal(err.message, "state 'kv.state.json' belongs to project 'shop', not 'blog'");
    assert_string_not_equal(err.hint, "");
    assert_true(state_open(&s, disk_backend(&d), TEXT("shop"), &err));
    reopen(&s, &d);
    state_close(&s);
    disk_release(&d);
}

/* ---- Keeping --------------------------------------------------------------------------------- */

static void nothing_is_written_when_nothing_changed(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    save(&s);
    assert_int_equal(d.saves, 1);
    assert_int_equal(d.appends, 0);
    save(&s);
    reopen(&s, &d);
    put_namespace(&s, "a", "i", "t");
    save(&s);
    /* Nor when something was changed and changed back. */
    assert_true(state_set_output(&s, "o", TEXT("1"), NULL, 0, &err));
    assert_true(state_remove_output(&s, "o", &err));
    save(&s);
    assert_int_equal(s.queue.len, 0);
    assert_int_equal(d.saves, 1);
    state_close(&s);
    disk_release(&d);
}

static void saving_drops_the_journal_even_when_the_document_is_current(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    save(&s);
    buf_add_str(&d.journal, "{\"op\":\"end_creating\",\"account\":\"local\",\"title\":\"x\"}\n");
    reopen(&s, &d);
    assert_true(s.journaled);
    save(&s);
    assert_int_equal(d.journal.len, 0);
    assert_int_equal(d.saves, 2);
    state_close(&s);
    disk_release(&d);
}

static void a_project_may_lose_its_name(void **unused)
{
    struct disk d = {0};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    assert_true(state_set_project(&s, TEXT("shop"), &err));
    assert_true(state_set_project(&s, bytes_of(NULL), &err));
    assert_null(s.project.data);
    commit(&s);
    reopen(&s, &d);
    assert_null(s.project.data);
    state_close(&s);
    disk_release(&d);
}

static void lines_that_could_not_be_committed_stay_queued(void **unused)
{
    struct disk d = {.full = true};
    struct state s;
    struct error err;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    assert_false(state_commit(&s, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(state_save(&s, &err));
    d.full = false;
    commit(&s);
    reopen(&s, &d);
    assert_non_null(find(&s, "a"));
    state_close(&s);
    disk_release(&d);
}

static void what_was_queued_but_not_committed_is_lost(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    put_namespace(&s, "b", "j", "u");
    reopen(&s, &d);
    assert_non_null(find(&s, "a"));
    assert_null(find(&s, "b"));
    state_close(&s);
    disk_release(&d);
}

/* ---- The journal ----------------------------------------------------------------------------- */

static void a_torn_last_line_is_dropped(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    size_t whole = d.journal.len;
    put_namespace(&s, "b", "j", "u");
    commit(&s);
    state_close(&s);
    /* Wherever it was torn: even when only the newline is missing. */
    for (size_t len = d.journal.len - 1; len >= whole; len--) {
        d.journal.len = len;
        open_state(&s, &d);
        assert_non_null(find(&s, "a"));
        assert_null(find(&s, "b"));
        assert_true(s.journaled);
        state_close(&s);
    }
    disk_release(&d);
}

static void a_journal_that_is_only_a_torn_line_is_a_fresh_state(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    buf_add_str(&d.journal, "{\"op\":\"sal");
    open_state(&s, &d);
    assert_true(s.fresh);
    save(&s);
    assert_int_equal(d.journal.len, 0);
    state_close(&s);
    disk_release(&d);
}

#define SHA "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static const struct {
    const char *line, *message;
} bad_lines[] = {
    {"", "at byte 0: the document ends too early"},
    {"x", "at byte 1: unexpected character"},
    {"1", "it must be an object"},
    {"[]", "unexpected array"},
    {"{}", "member 'op' is missing"},
    {"{\"op\":\"explode\"}", "unknown operation 'explode'"},
    {"{\"op\":1}", "unknown operation ''"},
    {"{\"op\":\"salt\"}", "member 'salt' is missing"},
    {"{\"op\":\"salt\",\"salt\":\"00\"}", "'salt' must be 32 hexadecimal digits"},
    {"{\"op\":\"project\",\"name\":\"x\",\"colour\":\"t\",\"colour\":1}",
     "member 'colour' is there twice"},
    {"{\"name\":\"x\",\"op\":\"project\"}", "member 'op' does not come first"},
    {"{\"op\":\"project\",\"name\":\"x\",\"name\":\"t\"}", "member 'name' is there twice"},
    {"{\"op\":\"project\",\"op\":\"project\"}", "member 'op' is there twice"},
    {"{\"op\":\"project\",\"name\":{}}", "unexpected object"},
    {"{\"op\":\"output\",\"name\":\"x\",\"json\":\"{\"}", "at byte 1: the document ends too early"},
    {"{\"op\":\"output\",\"name\":\"x\",\"json\":\"[ 1]\"}", "'json' is not in canonical form"},
    {"{\"op\":\"output\",\"name\":\"x\\u0000\",\"json\":\"1\"}",
     "the name of an output has a NUL in it"},
    {"{\"op\":\"namespace\",\"account\":\"local\",\"address\":\"a\",\"id\":\"\",\"origin\":"
     "\"created\",\"title\":\"t\"}",
     "'id' is empty"},
    {"{\"op\":\"set_id\",\"account\":\"local\",\"id\":\"i\",\"to\":\"\"}", "'to' is empty"},
    {"{\"op\":\"set_id\",\"account\":\"local\",\"to\":\"i\"}", "member 'id' is missing"},
    {"{\"op\":\"binding\",\"name\":\"KV\"}", "member 'file' is missing"},
    {"{\"op\":\"key\",\"account\":\"local\",\"id\":\"i\",\"name\":\"k\",\"hmac\":\"" SHA
     "\",\"origin\":\"wrote\"}",
     "unexpected member 'origin'"},
    {"{\"op\":\"key\",\"account\":\"local\",\"id\":\"i\",\"name\":\"k\",\"hmac\":\"" SHA
     "\",\"ttl\":-1}",
     "'ttl' must be 0 or more"},
};

static void a_bad_line_in_the_middle_is_named(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_OF(bad_lines); i++) {
        struct disk d = {0};
        struct error err;
        char want[256];
        snprintf(want, sizeof want, "journal of state 'kv.state.json' is broken at line 2: %s",
                 bad_lines[i].message);
        buf_addf(&d.journal, "{\"op\":\"project\",\"name\":\"x\"}\n%s\n", bad_lines[i].line);
        open_fails(&d, &err);
        assert_int_equal(err.code, ERR_FORMAT);
        assert_string_equal(err.message, want);
        assert_string_not_equal(err.hint, "");
        disk_release(&d);
    }
}

static void members_of_a_line_that_are_not_known_are_kept(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    buf_add_str(
        &d.journal,
        "{\"op\":\"salt\",\"salt\":\"000102030405060708090a0b0c0d0e0f\"}\n"
        "{\"op\":\"namespace\",\"zone\":{\"b\":[1, {}],\"a\":\"}\"},\"account\":\"local\","
        "\"address\":\"a\",\"id\":\"i\",\"origin\":\"created\",\"owner\":\"me\",\"title\":\"t\"}\n"
        "{\"op\":\"key\",\"account\":\"local\",\"id\":\"i\",\"name\":\"k\",\"at\" : "
        "null,\"hmac\":\"" SHA "\"}\n"
        "{\"op\":\"bulk\",\"account\":\"local\",\"id\":\"i\",\"name\":\"f\",\"count\":1,\"sha256\":"
        "\"" SHA "\",\"size\":9007199254740993}\n"
        "{\"op\":\"output\",\"name\":\"o\",\"json\":\"1\",\"title\":true}\n"
        "{\"op\":\"binding\",\"file\":\"w\",\"name\":\"KV\",\"id\":\"i\",\"remote\":\"x\"}\n"
        "{\"op\":\"remove_binding\",\"file\":\"v\",\"name\":\"KV\",\"id\":\"i\"}\n"
        "{\"op\":\"project\",\"name\":\"x\",\"colour\":[[]],\"\":{}}\n"
        "{\"op\":\"namespace\",\"account\":\"local\",\"address\":\"a\",\"id\":\"i\",\"origin\":"
        "\"created\","
        "\"owner\":\"you\",\"title\":\"new\"}\n");
    open_state(&s, &d);
    save(&s);
    state_close(&s);
    assert_buf(
        &d.document,
        "{\n  \"version\": 2,\n  \"accounts\": {\n    \"local\": {\n"
        "      \"namespaces\": {\n        \"a\": {\n"
        "          \"bulk\": {\n            \"f\": {\n              \"count\": 1,\n"
        "              \"sha256\": \"" SHA "\",\n"
        "              \"size\": 9007199254740993\n            }\n          },\n"
        "          \"id\": \"i\",\n"
        "          \"keys\": {\n            \"k\": {\n              \"at\": null,\n"
        "              \"hmac\": \"" SHA "\"\n            }\n          },\n"
        "          \"origin\": \"created\",\n          \"owner\": \"you\",\n"
        "          \"title\": \"new\",\n          \"ttl_seconds\": 0,\n"
        "          \"zone\": {\n            \"a\": \"}\",\n            \"b\": [\n"
        "              1,\n              {}\n            ]\n          }\n"
        "        }\n      }\n    }\n  },\n"
        "  \"outputs\": {\n    \"o\": {\n      \"title\": true,\n      \"value\": 1\n    }\n  },\n"
        "  \"project\": \"x\",\n  \"salt\": \"000102030405060708090a0b0c0d0e0f\",\n"
        "  \"wrangler\": {\n    \"w\": {\n      \"\": {\n        \"KV\": {\n"
        "          \"id\": \"i\",\n          \"remote\": \"x\"\n        }\n      }\n    }\n  "
        "}\n}\n");
    disk_release(&d);
}

static void lines_about_what_is_gone_do_nothing(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    buf_add_str(
        &d.journal,
        "{\"op\":\"key\",\"account\":\"local\",\"id\":\"i\",\"name\":\"k\",\"hmac\":\"" SHA "\"}\n"
        "{\"op\":\"remove_key\",\"account\":\"local\",\"id\":\"i\",\"name\":\"k\"}\n"
        "{\"op\":\"bulk\",\"account\":\"local\",\"id\":\"i\",\"name\":\"f\",\"count\":1,"
        "\"sha256\":\"" SHA "\"}\n"
        "{\"op\":\"remove_bulk\",\"account\":\"local\",\"id\":\"i\",\"name\":\"f\"}\n"
        "{\"op\":\"move\",\"account\":\"local\",\"id\":\"i\",\"address\":\"a\",\"to\":\"b\"}\n"
        "{\"op\":\"remove_namespace\",\"account\":\"local\",\"id\":\"i\",\"address\":\"a\"}\n"
        "{\"op\":\"end_creating\",\"account\":\"local\",\"title\":\"t\"}\n"
        "{\"op\":\"remove_output\",\"name\":\"o\"}\n"
        "{\"op\":\"set_id\",\"account\":\"local\",\"id\":\"i\",\"to\":\"j\"}\n"
        "{\"op\":\"remove_binding\",\"file\":\"w\",\"name\":\"KV\"}\n");
    open_state(&s, &d);
    assert_int_equal(s.n_accounts, 0);
    assert_int_equal(s.n_outputs, 0);
    assert_int_equal(s.n_bindings, 0);
    state_close(&s);
    disk_release(&d);
}

/* ---- Any changes ---------------------------------------------------------------------------- */

static unsigned roll(unsigned *seed, unsigned n)
{
    *seed = *seed * 1103515245U + 12345U;
    return (*seed >> 16) % n;
}

static struct bytes pick(unsigned *seed, const char *names)
{
    return bytes_make(names + roll(seed, (unsigned)strlen(names)), 1);
}

static const char numbers[] = "0123456789";

/* One random change out of few names, so that they meet. */
static void random_change(struct state *s, unsigned *seed)
{
    struct error err = {0};
    struct bytes account = roll(seed, 2) ? LOCAL : TEXT("other");
    struct bytes a = pick(seed, "abc"), b = pick(seed, "abc"), k = pick(seed, "kl");
    struct state_namespace ns = {.address = a, .id = pick(seed, "123"), .title = pick(seed, "tuv")};
    struct state_key key = {
        .key = k, .hmac = {.digest = hash_sha256(pick(seed, numbers))}, .secret = roll(seed, 2)};
    struct state_bulk bulk = {.source = k, .count = roll(seed, 9), .digest = digest_of("x")};
    bool ok;
    struct state_binding binding = {.file = a, .env = b, .binding = k, .id = ns.id};
    switch (roll(seed, 15)) {
    case 0:
    case 1:
    case 2:
        ok = state_set_namespace(s, account, &ns, &err);
        break;
    case 3:
    case 4:
        ok = state_set_key(s, account, a, &key, &err);
        break;
    case 5:
        ok = state_remove_key(s, account, a, k, &err);
        break;
    case 6:
        ok = state_set_bulk(s, account, a, &bulk, &err);
        break;
    case 7:
        ok = state_remove_bulk(s, account, a, k, &err);
        break;
    case 8:
        ok = state_remove_namespace(s, account, a, &err);
        break;
    case 9:
        ok = state_move(s, account, a, b, &err);
        break;
    case 10:
        ok = state_set_creating(s, account, ns.title, &err);
        break;
    case 11:
        ok = state_set_id(s, account, ns.id, pick(seed, "123"), &err);
        break;
    case 12:
        ok = state_set_binding(s, &binding, &err);
        break;
    case 13:
        ok = state_remove_binding(s, a, b, k, &err);
        break;
    default:
        ok = roll(seed, 2) ? state_set_output(s, "o", pick(seed, numbers), NULL, 0, &err)
                           : state_remove_output(s, "o", &err);
    }
    assert_true(ok || err.code == ERR_NOT_FOUND || err.code == ERR_EXISTS);
}

static void replaying_the_journal_gives_what_was_in_memory(void **unused)
{
    struct buf live = {0}, replayed = {0};
    (void)unused;
    for (unsigned round = 0; round < 400; round++) {
        struct disk d = {0};
        struct state s;
        unsigned seed = round;
        open_state(&s, &d);
        for (unsigned i = roll(&seed, 12); i > 0; i--)
            random_change(&s, &seed);
        save(&s);
        for (unsigned i = 1 + roll(&seed, 12); i > 0; i--)
            random_change(&s, &seed);
        commit(&s);
        print_state(&s, &live);
        reopen(&s, &d);
        print_state(&s, &replayed);
        if (strcmp(replayed.data, live.data) != 0)
            fail_msg("round %u: after\n%sit is\n%sinstead of\n%s", round, d.journal.data,
                     replayed.data, live.data);
        state_close(&s);
        disk_release(&d);
    }
    buf_release(&live);
    buf_release(&replayed);
}

/* ---- Size ------------------------------------------------------------------------------------ */

static void many_keys_cost_time_in_proportion(void **unused)
{
    enum { NAMESPACES = 200, KEYS = 100 };
    struct disk d = {0};
    struct state s;
    (void)unused;
    open_state(&s, &d);
    for (int n = 0; n < NAMESPACES; n++) {
        char address[16], key[16];
        snprintf(address, sizeof address, "ns-%d", n);
        put_namespace(&s, address, address, address);
        for (int k = 0; k < KEYS; k++) {
            snprintf(key, sizeof key, "key-%d", k);
            put_key(&s, address, key, "1");
        }
    }
    commit(&s);
    reopen(&s, &d);
    save(&s);
    reopen(&s, &d);
    assert_int_equal(find(&s, "ns-199")->n_keys, KEYS);
    assert_non_null(find_key(&s, "ns-7", "key-99"));
    state_close(&s);
    disk_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_state_is_empty_and_has_a_salt_of_its_own),
        cmocka_unit_test(the_salt_is_durable_with_the_first_change),
        cmocka_unit_test(attributes_are_updated_and_keys_stay),
        cmocka_unit_test(on_remove_follows_the_origin_unless_declared),
        cmocka_unit_test(a_change_that_changes_nothing_writes_no_line),
        cmocka_unit_test(what_is_removed_is_gone_and_may_come_back),
        cmocka_unit_test(creating_lasts_until_the_namespace_is_recorded),
        cmocka_unit_test(what_is_about_to_be_put_stays_so_until_it_is_known_what_came_of_it),
        cmocka_unit_test(what_is_about_to_be_put_under_a_title_goes_into_the_entry),
        cmocka_unit_test(accounts_do_not_see_each_other),
        cmocka_unit_test(keys_of_an_unknown_namespace_are_refused),
        cmocka_unit_test(text_that_could_not_be_read_back_is_refused),
        cmocka_unit_test(a_moved_entry_takes_its_keys_along),
        cmocka_unit_test(an_entry_follows_its_id_to_a_new_address),
        cmocka_unit_test(entries_that_trade_addresses_keep_their_keys),
        cmocka_unit_test(an_entry_with_another_id_keeps_all_that_is_recorded),
        cmocka_unit_test(an_id_is_not_given_twice_nor_to_nobody),
        cmocka_unit_test(bindings_are_recorded_as_they_were_written),
        cmocka_unit_test(bindings_are_sorted_replaced_and_removed),
        cmocka_unit_test(outputs_are_sorted_replaced_and_removed),
        cmocka_unit_test(the_digest_depends_on_salt_value_metadata_and_ttl),
        cmocka_unit_test(no_value_is_ever_in_document_or_journal),
        cmocka_unit_test(the_state_of_another_project_is_refused),
        cmocka_unit_test(nothing_is_written_when_nothing_changed),
        cmocka_unit_test(saving_drops_the_journal_even_when_the_document_is_current),
        cmocka_unit_test(a_project_may_lose_its_name),
        cmocka_unit_test(lines_that_could_not_be_committed_stay_queued),
        cmocka_unit_test(what_was_queued_but_not_committed_is_lost),
        cmocka_unit_test(a_torn_last_line_is_dropped),
        cmocka_unit_test(a_journal_that_is_only_a_torn_line_is_a_fresh_state),
        cmocka_unit_test(a_bad_line_in_the_middle_is_named),
        cmocka_unit_test(members_of_a_line_that_are_not_known_are_kept),
        cmocka_unit_test(lines_about_what_is_gone_do_nothing),
        cmocka_unit_test(replaying_the_journal_gives_what_was_in_memory),
        cmocka_unit_test(many_keys_cost_time_in_proportion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
