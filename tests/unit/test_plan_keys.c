/* Puts and their ends: what is written, what is left, what is deleted. */
#include "test_plan_kit.h"

#define K(verb) count(&w, ACTION_KEY, verb)

/* A namespace "a" with one put, applied; then a new configuration of the same namespace. */
static void applied(struct world *w, const char *key, const char *value)
{
    ns_titled(w, "a");
    put(w, 0, key, value);
    apply_all(w);
    redeclare(w);
    ns_titled(w, "a");
}

/* ---- Values ---------------------------------------------------------------------------------- */

static void a_changed_value_is_put_and_no_overwrite(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    put(&w, 0, "k", "2");
    plan(&w);
    const struct action *a = only(&w, ACTION_KEY, ACTION_PUT);
    assert_false(a->overwrite);
    assert_string_equal(a->reason, "its value or metadata differs");
    assert_before(&w, a, "{\"value\":\"1\"}");
    assert_after(&w, a, "{\"value\":\"2\"}");
    do_planned(&w);
    assert_int_equal(w.r.n_backups, 0);
    assert_string_equal(value_of(&w, "a", "k"), "2");
    assert_empty(&w);
    world_end(&w);
}

static void a_value_written_by_others_is_backed_up_and_overwritten(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    others_put(&w, "a", "k", "theirs");
    put(&w, 0, "k", "1");
    plan(&w);
    const struct action *a = only(&w, ACTION_KEY, ACTION_PUT);
    assert_true(a->overwrite);
    assert_string_equal(a->reason, "overwrites a value that cfkv did not write");
    assert_int_equal(w.p.summary.overwrite, 1);
    assert_int_equal(w.p.summary.put, 0);
    do_planned(&w);
    assert_int_equal(w.r.n_backups, 1);
    assert_string_equal(backup_text(&w, 0), "k=theirs");
    assert_string_equal(value_of(&w, "a", "k"), "1");
    assert_empty(&w);
    world_end(&w);
}

static void nothing_is_overwritten_when_the_backup_cannot_be_written(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    others_put(&w, "a", "k", "theirs");
    put(&w, 0, "k", "1");
    put(&w, 0, "new", "1");
    write_file(&w, ".cfkv", "in the way of the folder");
    plan(&w);
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_FAILED);
    assert_contains(w.r.failed[0].message, "cannot back up namespace 'a'");
    assert_int_equal(w.r.n_failed, 2);
    assert_string_equal(value_of(&w, "a", "k"), "theirs");
    assert_string_equal(value_of(&w, "a", "new"), "(absent)");
    world_end(&w);
}

static void nothing_is_overwritten_when_the_old_value_cannot_be_read(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    others_put(&w, "a", "k", "theirs");
    put(&w, 0, "k", "1");
    plan(&w);
    w.store.fail_at = w.store.n + 1;
    assert_false(try_do(&w));
    assert_string_equal(value_of(&w, "a", "k"), "theirs");
    assert_int_equal(w.r.n_backups, 0);
    world_end(&w);
}

static void a_value_put_by_others_that_is_as_declared_stays_theirs(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    others_put(&w, "a", "k", "v");
    ns_titled(&w, "a");
    put(&w, 0, "k", "v");
    apply_all(&w);
    assert_int_equal(w.r.applied.put, 0);
    assert_empty(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(w.p.n, 0);
    assert_contains(
        note(&w, "key.foreign")->message,
        "key 'k' in 'a' was there before cfkv ever wrote it; it stays and is forgotten");
    do_planned(&w);
    assert_string_equal(value_of(&w, "a", "k"), "v");
    assert_int_equal(entry(&w, "a")->n_keys, 0);
    world_end(&w);
}

static void a_value_that_was_found_is_overwritten_as_somebody_elses(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    apply_all(&w);
    others_put(&w, "a", "k", "v");
    put(&w, 0, "k", "v");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "ours");
    apply_as_forecast(&w);
    assert_int_equal(w.r.applied.overwrite, 1);
    assert_string_equal(backup_text(&w, 0), "k=v");
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w); /* from then on it is ours */
    assert_int_equal(K(ACTION_DELETE), 1);
    world_end(&w);
}

static void what_others_changed_to_what_is_declared_next_is_theirs(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    others_put(&w, "a", "k", "2");
    put(&w, 0, "k", "2");
    apply_all(&w);
    assert_int_equal(w.r.applied.put, 0);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 0);
    assert_contains(note(&w, "key.foreign")->message, "before cfkv ever wrote it");
    world_end(&w);
}

/* As a version left it that did not tell whose a key is. */
static void forget_origin(struct world *w, const char *key)
{
    run_end(w);
    check(w, try_open(w));
    struct state_key known = *state_find_key(entry(w, "a"), B(key));
    known.origin = KEY_UNKNOWN;
    check(w, state_set_key(&w->t.state, bytes_make(NULL, 0), B("a"), &known, &w->err));
    check(w, state_save(&w->t.state, &w->err));
}

static void what_an_older_version_recorded_was_written_where_the_namespace_was_made(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    forget_origin(&w, "k");
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_DELETE)->reason,
                        "it is not declared any more; recorded before cfkv knew whose it was");
    world_end(&w);
}

static void what_an_older_version_recorded_was_found_where_the_namespace_was_adopted(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    applied(&w, "k", "1");
    forget_origin(&w, "k");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 0);
    assert_contains(note(&w, "key.foreign")->message, "before cfkv ever wrote it");
    world_end(&w);
}

static void after_a_lost_state_what_is_there_was_found(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "1");
    buf_clear(&w.disk.document);
    put(&w, 0, "k", "1");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(w.p.n, 0);
    redeclare(&w);
    plan(&w);
    assert_int_equal(count(&w, ACTION_NAMESPACE, ACTION_DELETE), 0);
    world_end(&w);
}

static void an_empty_value_is_a_value(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "");
    put(&w, 0, "k", "");
    assert_empty(&w);
    others_put(&w, "a", "k", "x");
    apply_all(&w);
    assert_string_equal(value_of(&w, "a", "k"), "");
    world_end(&w);
}

static void a_key_deleted_by_others_is_put_again(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    others_delete_key(&w, "a", "k");
    put(&w, 0, "k", "v");
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason, "the key is absent");
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void a_value_joined_from_pieces_is_put_whole(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    struct part *parts = arena_alloc(&w.m.arena, 2, sizeof *parts);
    parts[0] = (struct part){.kind = PART_TEXT, .text = B("one ")};
    parts[1] = (struct part){.kind = PART_TEXT, .text = B("two")};
    put(&w, 0, "k", "")->seed.value = (struct deferred){.parts = parts, .n = 2};
    apply_all(&w);
    assert_string_equal(value_of(&w, "a", "k"), "one two");
    assert_empty(&w);
    world_end(&w);
}

/* ---- Ids in values
 * -------------------------------------------------------------------------------- */

static void an_id_in_a_value_is_known_after_apply(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    put(&w, 0, "k", "")->seed.value = with_id(&w.m, 1);
    plan(&w);
    assert_after(&w, only(&w, ACTION_KEY, ACTION_PUT), "{\"value\":{\"known_after_apply\":true}}");
    do_planned(&w);
    struct id b = id_copy(&w, "b");
    assert_string_equal(value_of(&w, "a", "k") + 3, b.s);
    assert_empty(&w);
    others_delete(&w, "b"); /* its id will change */
    plan(&w);
    assert_false(only(&w, ACTION_KEY, ACTION_PUT)->overwrite);
    do_planned(&w);
    b = id_copy(&w, "b");
    assert_string_equal(value_of(&w, "a", "k") + 3, b.s);
    assert_empty(&w);
    world_end(&w);
}

static void a_value_with_the_id_of_a_namespace_that_failed_is_not_put(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    put(&w, 0, "k", "")->seed.value = with_id(&w.m, 1);
    put(&w, 0, "plain", "v");
    w.store.fail_at = 3; /* the create of b */
    assert_false(try_apply(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.n_failed, 2);
    assert_string_equal(keys_of(&w, "a"), "plain");
    meddle_reset(&w);
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "k plain");
    assert_empty(&w);
    world_end(&w);
}

/* ---- once
 * ---------------------------------------------------------------------------------------- */

static void once_puts_only_when_absent(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "first")->policy = SEED_ONCE;
    apply_all(&w);
    assert_string_equal(value_of(&w, "a", "k"), "first");
    others_put(&w, "a", "k", "theirs");
    assert_empty(&w);
    assert_int_equal(w.p.summary.unchanged, 1);
    others_delete_key(&w, "a", "k");
    apply_all(&w);
    assert_string_equal(value_of(&w, "a", "k"), "first");
    world_end(&w);
}

static void once_leaves_what_was_there_before_and_never_deletes_it(void **state)
{
    (void)state;
    WORLD(w);
    others_create(&w, "a");
    others_put(&w, "a", "k", "first");
    ns_titled(&w, "a");
    put(&w, 0, "k", "first")->policy = SEED_ONCE;
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 0);
    world_end(&w);
}

/* ---- Removed puts
 * -------------------------------------------------------------------------------- */

static void a_removed_put_is_deleted_while_it_is_ours(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    plan(&w);
    const struct action *a = only(&w, ACTION_KEY, ACTION_DELETE);
    assert_string_equal(a->reason, "it is not declared any more");
    assert_before(&w, a, "{\"bytes\":1}"); /* the value may have been secret */
    assert_false(a->pruned);
    do_planned(&w);
    assert_int_equal(w.r.applied.delete_keys, 1);
    assert_string_equal(keys_of(&w, "a"), "");
    assert_string_equal(backup_text(&w, 0), "k=v");
    assert_empty(&w);
    world_end(&w);
}

static void a_removed_put_that_others_changed_stays_and_is_forgotten(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    others_put(&w, "a", "k", "theirs");
    plan(&w);
    assert_int_equal(w.p.n, 0);
    assert_contains(note(&w, "key.foreign")->message,
                    "key 'k' in 'a' is not what cfkv wrote any more; it stays and is forgotten");
    do_planned(&w);
    assert_string_equal(value_of(&w, "a", "k"), "theirs");
    assert_int_equal(entry(&w, "a")->n_keys, 0);
    assert_empty(&w);
    assert_int_equal(w.p.notes.n, 0);
    world_end(&w);
}

static void a_removed_put_that_is_gone_is_forgotten_silently(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    others_delete_key(&w, "a", "k");
    apply_all(&w);
    assert_int_equal(w.p.n + w.p.notes.n, 0);
    assert_int_equal(entry(&w, "a")->n_keys, 0);
    world_end(&w);
}

static void a_key_moved_from_put_to_bulk_is_not_deleted_nor_called_foreign(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "k", "w");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 0);
    assert_int_equal(w.p.summary.overwrite, 0);
    assert_int_equal(w.p.summary.put, 1);
    do_planned(&w);
    assert_string_equal(value_of(&w, "a", "k"), "w");
    assert_int_equal(entry(&w, "a")->n_keys, 0);
    assert_empty(&w);
    world_end(&w);
}

/* ---- Expiry
 * --------------------------------------------------------------------------------------- */

static void an_expired_key_is_put_again(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->ttl_seconds = 600;
    put(&w, 0, "k", "v");
    apply_all(&w);
    later(&w, 601);
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason, "the key is absent");
    do_planned(&w);
    assert_int_equal(expiration_of(&w, "a", "k"), NOW + 601 + 600);
    assert_empty(&w);
    world_end(&w);
}

static void a_key_is_not_rewritten_to_live_longer(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->ttl_seconds = 600;
    put(&w, 0, "k", "v");
    apply_all(&w);
    later(&w, 590);
    assert_empty(&w);
    world_end(&w);
}

static void live_until(struct world *w, int64_t expiration)
{
    others_put_pair(w, "a",
                    (struct store_pair){.key = B("k"), .value = B("v"), .expiration = expiration});
}

static void a_key_that_outlives_its_ttl_by_more_than_a_minute_is_rewritten(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a")->ttl_seconds = 600;
    put(&w, 0, "k", "v");
    apply_all(&w);
    live_until(&w, NOW + 660);
    assert_empty(&w);
    live_until(&w, NOW + 661);
    plan(&w);
    const struct action *a = only(&w, ACTION_KEY, ACTION_PUT);
    assert_string_equal(a->reason, "its expiry differs");
    assert_false(a->overwrite);
    assert_before(&w, a, "{\"expiration\":1700000661,\"value\":\"v\"}");
    assert_after(&w, a, "{\"expiration_ttl\":600,\"value\":\"v\"}");
    do_planned(&w);
    assert_int_equal(expiration_of(&w, "a", "k"), NOW + 600);
    live_until(&w, 0); /* never */
    plan(&w);
    assert_int_equal(K(ACTION_PUT), 1);
    world_end(&w);
}

static void a_changed_ttl_is_rewritten_in_either_direction(void **state)
{
    (void)state;
    for (int64_t ttl = 300; ttl <= 900; ttl += 600) {
        WORLD(w);
        ns_titled(&w, "a");
        put(&w, 0, "k", "v")->seed.expiration_ttl = 600;
        apply_all(&w);
        redeclare(&w);
        ns_titled(&w, "a");
        put(&w, 0, "k", "v")->seed.expiration_ttl = ttl;
        apply_all(&w);
        assert_int_equal(w.r.applied.put, 1);
        assert_int_equal(expiration_of(&w, "a", "k"), NOW + ttl);
        assert_empty(&w);
        world_end(&w);
    }
}

static void a_changed_default_ttl_is_rewritten_where_it_counts(void **state)
{
    (void)state;
    WORLD(w);
    for (int64_t ttl = 600; ttl <= 1200; ttl += 600) {
        redeclare(&w);
        ns_titled(&w, "a")->ttl_seconds = ttl;
        put(&w, 0, "default", "v");
        put(&w, 0, "own", "v")->seed.expiration_ttl = 900;
        put(&w, 0, "until", "v")->seed.expiration = NOW + 5000;
        bulk_inline(&w, 0);
        item(&w, 0, 0, "item", "v");
        item(&w, 0, 0, "item-own", "v")->expiration_ttl = 900;
        apply_all(&w);
    }
    assert_int_equal(w.r.applied.update, 1);
    assert_int_equal(w.r.applied.put, 2);
    assert_int_equal(expiration_of(&w, "a", "default"), NOW + 1200);
    assert_int_equal(expiration_of(&w, "a", "own"), NOW + 900);
    assert_int_equal(expiration_of(&w, "a", "until"), NOW + 5000);
    assert_int_equal(expiration_of(&w, "a", "item"), NOW + 1200);
    assert_int_equal(expiration_of(&w, "a", "item-own"), NOW + 900);
    assert_empty(&w);
    world_end(&w);
}

static void a_default_ttl_whose_rewriting_failed_is_finished_by_the_next_apply(void **state)
{
    (void)state;
    WORLD(w);
    for (int64_t ttl = 600; ttl <= 1200; ttl += 600) {
        redeclare(&w);
        ns_titled(&w, "a")->ttl_seconds = ttl;
        bulk_inline(&w, 0);
        item(&w, 0, 0, "item", "v");
        plan(&w);
        w.store.fail_at = ttl == 1200 ? w.store.n + 1 : 0;
        assert_int_equal(try_do(&w), ttl == 600);
    }
    assert_int_equal(expiration_of(&w, "a", "item"), NOW + 600);
    meddle_reset(&w);
    apply_all(&w);
    assert_int_equal(expiration_of(&w, "a", "item"), NOW + 1200);
    assert_empty(&w);
    world_end(&w);
}

static void an_absolute_expiration_is_kept_exactly(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v")->seed.expiration = NOW + 1000;
    apply_all(&w);
    assert_int_equal(expiration_of(&w, "a", "k"), NOW + 1000);
    later(&w, 990); /* too near to be put, but it is there */
    assert_empty(&w);
    live_until(&w, NOW + 2000);
    later(&w, -500);
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_PUT)->reason, "its expiry differs");
    world_end(&w);
}

static void a_past_expiration_means_that_the_key_is_absent(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v")->seed.expiration = NOW - 10;
    put(&w, 0, "near", "v")->seed.expiration = NOW + 59;
    put(&w, 0, "far", "v")->seed.expiration = NOW + 60;
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "far");
    assert_empty(&w);
    world_end(&w);
}

static void a_key_whose_expiration_is_declared_past_is_deleted_while_it_is_ours(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "a1", "v");
    put(&w, 0, "b1", "v");
    put(&w, 0, "c1", "v");
    apply_all(&w);
    redeclare(&w);
    others_put(&w, "a", "c1", "theirs");
    ns_titled(&w, "a");
    put(&w, 0, "a1", "new");
    put(&w, 0, "b1", "v")->seed.expiration = NOW - 10;
    put(&w, 0, "b2", "new");
    put(&w, 0, "c1", "v")->seed.expiration = NOW - 10;
    plan(&w);
    assert_string_equal(only(&w, ACTION_KEY, ACTION_DELETE)->reason, "its expiration is past");
    assert_non_null(note(&w, "key.foreign"));
    apply_as_forecast(&w); /* the delete does not split the row of puts */
    assert_string_equal(keys_of(&w, "a"), "a1 b2 c1");
    assert_empty(&w);
    world_end(&w);
}

/* ---- Metadata
 * --------------------------------------------------------------------------------------- */

static void metadata_is_compared_as_canonical_json(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "v")->seed.metadata = B("{\"a\":1,\"b\":[true]}");
    apply_all(&w);
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("k"),
                                        .value = B("v"),
                                        .metadata = B("{ \"b\": [true], \"a\": 1.0 }")});
    assert_empty(&w);
    others_put_pair(
        &w, "a", (struct store_pair){.key = B("k"), .value = B("v"), .metadata = B("{\"a\":2}")});
    plan(&w);
    assert_true(only(&w, ACTION_KEY, ACTION_PUT)->overwrite);
    assert_before(&w, only(&w, ACTION_KEY, ACTION_PUT), "{\"metadata\":{\"a\":2},\"value\":\"v\"}");
    world_end(&w);
}

static void null_metadata_is_none(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    put(&w, 0, "k", "v");
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("k"), .value = B("v"), .metadata = B("null")});
    assert_empty(&w);
    world_end(&w);
}

/* ---- Secrets
 * ------------------------------------------------------------------------------------------ */

/* Applies `k` as a secret, then declares it plainly with `value` and plans. */
static void secret_made_plain(struct world *w, const char *value)
{
    ns_titled(w, "a");
    put(w, 0, "k", "hunter2")->seed.value.secret = true;
    apply_all(w);
    redeclare(w);
    ns_titled(w, "a");
    put(w, 0, "k", value);
    plan(w);
}

static void what_was_put_as_a_secret_stays_hidden_when_it_is_declared_plainly(void **state)
{
    (void)state;
    WORLD(w);
    secret_made_plain(&w, "public");
    const struct action *a = only(&w, ACTION_KEY, ACTION_PUT);
    assert_before(&w, a, "{\"value\":{\"secret\":true}}");
    assert_after(&w, a, "{\"value\":\"public\"}");
    assert_lacks(plan_text(&w), "hunter2");
    do_planned(&w);
    assert_empty(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "next");
    plan(&w); /* what is live now never was a secret */
    assert_before(&w, only(&w, ACTION_KEY, ACTION_PUT), "{\"value\":\"public\"}");
    world_end(&w);
}

static void that_an_unchanged_value_is_a_secret_now_is_recorded_once(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "k", "v");
    put(&w, 0, "k", "v")->seed.value.secret = true;
    plan(&w);
    assert_int_equal(w.p.n, 0);
    do_planned(&w);
    assert_true(entry(&w, "a")->keys[0].secret);
    world_end(&w);
}

static void secrets_are_never_shown(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "k", "hunter2")->seed.value.secret = true;
    put(&w, 0, "password", "letmein");
    apply_all(&w);
    others_put(&w, "a", "k", "theirsecret");
    others_put(&w, "a", "password", "othersecret");
    plan(&w);
    assert_int_equal(w.p.summary.overwrite, 2);
    assert_lacks(plan_json(&w), "hunter2");
    assert_lacks(plan_json(&w), "theirsecret");
    assert_lacks(plan_json(&w), "othersecret"); /* it looks like one */
    assert_contains(plan_json(&w), "\"secret\":true");
    assert_lacks(plan_text(&w), "hunter2");
    assert_lacks(plan_text(&w), "theirsecret");
    redeclare(&w);
    ns_titled(&w, "a"); /* the put is removed: still not shown */
    others_put(&w, "a", "k", "hunter2");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 1);
    assert_lacks(plan_json(&w), "hunter2");
    assert_lacks(plan_text(&w), "hunter2");
    buf_add_char(&w.disk.document, '\0');
    assert_lacks(w.disk.document.data, "hunter2");
    world_end(&w);
}

/* ---- Prune
 * ----------------------------------------------------------------------------------------- */

static void prune_deletes_what_is_not_declared_after_a_backup(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    put(&w, 0, "legacy/kept", "v");
    put(&w, 0, "other", "v");
    bulk_inline(&w, 0);
    item(&w, 0, 0, "legacy/item", "v");
    prune(&w, 0, "legacy/");
    apply_all(&w);
    others_put(&w, "a", "legacy/x", "1");
    others_put(&w, "a", "legacy/y", "2");
    others_put(&w, "a", "legacyz", "3");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 2);
    assert_string_equal(w.p.actions[0].reason, "pruned: not declared, under 'legacy/'");
    assert_int_equal(w.p.summary.delete_keys, 2);
    do_planned(&w);
    assert_string_equal(backup_text(&w, 0), "legacy/x=1 legacy/y=2");
    assert_string_equal(keys_of(&w, "a"), "legacy/item legacy/kept legacyz other");
    assert_empty(&w);
    world_end(&w);
}

static void a_removed_put_under_a_pruned_prefix_is_pruned(void **state)
{
    (void)state;
    WORLD(w);
    applied(&w, "legacy/k", "v");
    others_put(&w, "a", "legacy/k", "theirs");
    prune(&w, 0, "");
    plan(&w);
    assert_true(only(&w, ACTION_KEY, ACTION_DELETE)->pruned);
    assert_int_equal(w.p.notes.n, 0);
    do_planned(&w);
    assert_string_equal(backup_text(&w, 0), "legacy/k=theirs");
    assert_empty(&w);
    world_end(&w);
}

static void keys_are_deleted_only_after_every_put_worked(void **state)
{
    (void)state;
    WORLD(w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    put(&w, 0, "old", "v");
    apply_all(&w);
    redeclare(&w);
    ns_titled(&w, "a");
    ns_titled(&w, "b");
    put(&w, 0, "new", "v");
    put(&w, 1, "refused", "v");
    w.store.refused_key = B("refused");
    plan(&w);
    assert_int_equal(K(ACTION_DELETE), 1);
    assert_false(try_do(&w));
    assert_int_equal(w.err.code, ERR_PARTIAL);
    assert_int_equal(w.r.n_failed, 2);
    assert_contains(w.r.failed[1].message, "not deleted, since an action before it failed");
    assert_string_equal(keys_of(&w, "a"), "new old");
    meddle_reset(&w);
    apply_all(&w);
    assert_string_equal(keys_of(&w, "a"), "new");
    assert_empty(&w);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_changed_value_is_put_and_no_overwrite),
        cmocka_unit_test(a_value_written_by_others_is_backed_up_and_overwritten),
        cmocka_unit_test(nothing_is_overwritten_when_the_backup_cannot_be_written),
        cmocka_unit_test(nothing_is_overwritten_when_the_old_value_cannot_be_read),
        cmocka_unit_test(a_value_put_by_others_that_is_as_declared_stays_theirs),
        cmocka_unit_test(a_value_that_was_found_is_overwritten_as_somebody_elses),
        cmocka_unit_test(what_others_changed_to_what_is_declared_next_is_theirs),
        cmocka_unit_test(what_an_older_version_recorded_was_written_where_the_namespace_was_made),
        cmocka_unit_test(what_an_older_version_recorded_was_found_where_the_namespace_was_adopted),
        cmocka_unit_test(after_a_lost_state_what_is_there_was_found),
        cmocka_unit_test(an_empty_value_is_a_value),
        cmocka_unit_test(a_key_deleted_by_others_is_put_again),
        cmocka_unit_test(a_value_joined_from_pieces_is_put_whole),
        cmocka_unit_test(an_id_in_a_value_is_known_after_apply),
        cmocka_unit_test(a_value_with_the_id_of_a_namespace_that_failed_is_not_put),
        cmocka_unit_test(once_puts_only_when_absent),
        cmocka_unit_test(once_leaves_what_was_there_before_and_never_deletes_it),
        cmocka_unit_test(a_removed_put_is_deleted_while_it_is_ours),
        cmocka_unit_test(a_removed_put_that_others_changed_stays_and_is_forgotten),
        cmocka_unit_test(a_removed_put_that_is_gone_is_forgotten_silently),
        cmocka_unit_test(a_key_moved_from_put_to_bulk_is_not_deleted_nor_called_foreign),
        cmocka_unit_test(an_expired_key_is_put_again),
        cmocka_unit_test(a_key_is_not_rewritten_to_live_longer),
        cmocka_unit_test(a_key_that_outlives_its_ttl_by_more_than_a_minute_is_rewritten),
        cmocka_unit_test(a_changed_ttl_is_rewritten_in_either_direction),
        cmocka_unit_test(a_changed_default_ttl_is_rewritten_where_it_counts),
        cmocka_unit_test(a_default_ttl_whose_rewriting_failed_is_finished_by_the_next_apply),
        cmocka_unit_test(an_absolute_expiration_is_kept_exactly),
        cmocka_unit_test(a_past_expiration_means_that_the_key_is_absent),
        cmocka_unit_test(a_key_whose_expiration_is_declared_past_is_deleted_while_it_is_ours),
        cmocka_unit_test(metadata_is_compared_as_canonical_json),
        cmocka_unit_test(null_metadata_is_none),
        cmocka_unit_test(secrets_are_never_shown),
        cmocka_unit_test(what_was_put_as_a_secret_stays_hidden_when_it_is_declared_plainly),
        cmocka_unit_test(that_an_unchanged_value_is_a_secret_now_is_recorded_once),
        cmocka_unit_test(prune_deletes_what_is_not_declared_after_a_backup),
        cmocka_unit_test(a_removed_put_under_a_pruned_prefix_is_pruned),
        cmocka_unit_test(keys_are_deleted_only_after_every_put_worked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
