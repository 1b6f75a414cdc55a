/* Namespaces with fingerprint = true: listings tell what changed, values are not read. */
#include "test_plan_kit.h"

#include "model/fingerprint.h"

static struct namespace_decl *marked(struct world *w, bool fingerprint)
{
    redeclare(w);
    struct namespace_decl *ns = ns_titled(w, "a");
    ns->fingerprint = fingerprint;
    return ns;
}

static void seed_lines(struct world *w, const char *text)
{
    write_file(w, "seed.jsonl", text);
    bulk_file(w, 0, "seed.jsonl")->format = SOURCE_JSONL;
}

#define LINE(key, value)       "{\"key\":\"" key "\",\"value\":\"" value "\"}\n"
#define LINE_OF(key, value, m) "{\"key\":\"" key "\",\"value\":\"" value "\"," m "}\n"

static const struct action *only_put(const struct world *w)
{
    return only(w, ACTION_KEY, ACTION_PUT);
}

static const struct action *only_bulk(const struct world *w)
{
    return only(w, ACTION_BULK, ACTION_PUT);
}

static uint64_t reads(const struct world *w)
{
    return w->store.by_kind[STORE_BULK_GET];
}

static void assert_backups(const struct world *w, size_t n)
{
    assert_int_equal(w->r.n_backups, n);
}

/* ---- What is written ------------------------------------------------------------------------- */

static void every_key_carries_its_fingerprint_beside_the_users_metadata(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v");
    put(&w, 0, "m", "v")->seed.metadata = B("{\"a\":1,\"z\":2}");
    seed_lines(&w, LINE("x", "1"));
    apply_all(&w);
    assert_string_equal(metadata_of(&w, "a", "k"), "{\"cfkv\":\"IXtt1KQvBhvjInI3\"}");
    assert_contains(metadata_of(&w, "a", "m"), "{\"a\":1,\"cfkv\":\"");
    assert_contains(metadata_of(&w, "a", "m"), "\",\"z\":2}");
    assert_contains(metadata_of(&w, "a", "x"), "{\"cfkv\":\"");
    assert_string_equal(value_of(&w, "a", "m"), "v");
    assert_empty(&w);
    world_end(&w);
}

static void metadata_of_1024_bytes_with_it_is_taken(void **state)
{
    (void)state;
    WORLD(w);
    char text[KV_METADATA_MAX - FINGERPRINT_COST + 1];
    memset(text, 'x', sizeof text - 1);
    memcpy(text, "{\"a\":\"", 6);
    strcpy(text + sizeof text - 3, "\"}");
    marked(&w, true);
    put(&w, 0, "k", "v")->seed.metadata = B(text);
    apply_all(&w);
    assert_int_equal(strlen(metadata_of(&w, "a", "k")), KV_METADATA_MAX);
    assert_empty(&w);
    world_end(&w);
}

/* ---- What is read ---------------------------------------------------------------------------- */

static void unchanged_keys_are_listed_and_not_read(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v");
    seed_lines(&w, LINE("x", "1") LINE("y", "2"));
    apply_all(&w);
    meddle_reset(&w);
    assert_empty(&w);
    assert_int_equal(reads(&w), 0);
    assert_int_equal(w.store.by_kind[STORE_KEY_LIST], 1);
    assert_int_equal(w.p.summary.unchanged, 3);
    world_end(&w);
}

static void one_change_is_one_write_and_nothing_is_read_or_saved(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE("x", "1") LINE("y", "2"));
    apply_all(&w);
    write_file(&w, "seed.jsonl", LINE("x", "1") LINE("y", "3"));
    meddle_reset(&w);
    w.store.refused_key = B("x"); /* it would fail if it were sent */
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 1);
    assert_int_equal(only_bulk(&w)->bulk->counts.unchanged, 1);
    assert_int_equal(w.p.cost.execute.writes, 1);
    assert_int_equal(w.p.cost.execute.reads, 0);
    assert_int_equal(reads(&w), 0);
    assert_int_equal(w.store.by_kind[STORE_BULK_PUT], 1);
    assert_backups(&w, 0);
    meddle_reset(&w);
    assert_string_equal(value_of(&w, "a", "y"), "3");
    assert_empty(&w);
    world_end(&w);
}

static void a_put_that_changed_is_one_write_too(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v");
    apply_all(&w);
    marked(&w, true);
    put(&w, 0, "k", "w");
    meddle_reset(&w);
    apply_as_forecast(&w);
    assert_false(only_put(&w)->overwrite);
    assert_string_equal(only_put(&w)->reason, "its value or metadata differs");
    assert_int_equal(reads(&w), 0);
    assert_backups(&w, 0);
    assert_empty(&w);
    world_end(&w);
}

static void a_new_relative_ttl_shows(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE_OF("x", "1", "\"expiration_ttl\":600"));
    apply_all(&w);
    later(&w, 100);
    assert_empty(&w);
    write_file(&w, "seed.jsonl", LINE_OF("x", "1", "\"expiration_ttl\":900"));
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 1);
    assert_int_equal(expiration_of(&w, "a", "x"), NOW + 1000);
    assert_empty(&w);
    world_end(&w);
}

static void a_new_default_ttl_shows(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true)->ttl_seconds = 600;
    seed_lines(&w, LINE("x", "1"));
    apply_all(&w);
    marked(&w, true)->ttl_seconds = 900;
    seed_lines(&w, LINE("x", "1"));
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 1);
    assert_int_equal(expiration_of(&w, "a", "x"), NOW + 900);
    assert_empty(&w);
    world_end(&w);
}

static void an_absolute_expiration_is_compared_as_it_is_listed(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE_OF("x", "1", "\"expiration\":1700009000"));
    apply_all(&w);
    assert_empty(&w);
    write_file(&w, "seed.jsonl", LINE_OF("x", "1", "\"expiration\":1700009999"));
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 1);
    assert_int_equal(expiration_of(&w, "a", "x"), 1700009999);
    assert_empty(&w);
    world_end(&w);
}

/* ---- Others
 * --------------------------------------------------------------------------------------
 */

static void a_value_written_without_the_fingerprint_is_somebody_elses(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v");
    seed_lines(&w, LINE("x", "1") LINE("y", "1"));
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    others_put(&w, "a", "y", "theirs");
    apply_as_forecast(&w);
    assert_true(only_put(&w)->overwrite);
    assert_int_equal(only_bulk(&w)->bulk->counts.overwrite, 1);
    assert_int_equal(only_bulk(&w)->bulk->counts.unchanged, 1);
    assert_string_equal(backup_text(&w, 0), "k=theirs y=theirs");
    assert_empty(&w);
    world_end(&w);
}

static void metadata_changed_beside_the_fingerprint_is_somebody_elses(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE("x", "1"));
    apply_all(&w);
    char theirs[128];
    snprintf(theirs, sizeof theirs, "{\"b\":1,%s", metadata_of(&w, "a", "x") + 1);
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("x"), .value = B("1"), .metadata = B(theirs)});
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.overwrite, 1);
    assert_backups(&w, 1);
    assert_empty(&w);
    world_end(&w);
}

/* Fingerprints of another project do not make its keys ours. */
static void a_fingerprint_in_an_adopted_namespace_is_another_configurations(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE("x", "1") LINE("y", "1"));
    apply_all(&w);
    buf_clear(&w.disk.document);
    write_file(&w, "seed.jsonl", LINE("x", "1") LINE("y", "2"));
    assert_guarded(&w, "guard.data_loss");
    w.o.permits.data_loss.bare = true;
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.overwrite, 1);
    assert_int_equal(only_bulk(&w)->bulk->counts.unchanged, 1);
    assert_string_equal(backup_text(&w, 0), "y=1");
    assert_empty(&w);
    world_end(&w);
}

static void a_lost_state_does_not_write_unchanged_keys_again(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE("x", "1"));
    apply_all(&w);
    buf_clear(&w.disk.document);
    plan(&w);
    assert_int_equal(count(&w, ACTION_BULK, ACTION_PUT), 0);
    do_planned(&w);
    assert_empty(&w);
    world_end(&w);
}

static void a_backup_holds_the_users_metadata_alone(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "old/k", "v")->seed.metadata = B("{\"a\":1}");
    apply_all(&w);
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("old/l"),
                                        .value = B("v"),
                                        .metadata = B("{\"b\":1,\"cfkv\":\"AAAAAAAAAAAAAAAA\"}")});
    marked(&w, true);
    prune(&w, 0, "old/");
    apply_all(&w);
    char path[256];
    struct buf text = {0};
    assert_string_equal(backup_text(&w, 0), "old/k=v old/l=v");
    snprintf(path, sizeof path, "%.*s", BYTES_FMT(w.r.backups[0]));
    assert_true(file_read(path, 1 << 20, &text, &w.err));
    assert_contains(text.data, "\"metadata\":{\"a\":1}");
    assert_contains(text.data, "\"metadata\":{\"b\":1}");
    assert_lacks(text.data, "\"cfkv\":");
    buf_release(&text);
    world_end(&w);
}

/* ---- On and off
 * ----------------------------------------------------------------------------------
 */

static void declare_both(struct world *w, bool fingerprint)
{
    marked(w, fingerprint);
    put(w, 0, "k", "v")->seed.metadata = B("{\"a\":1}");
    seed_lines(w, LINE("x", "1") LINE("y", "2"));
}

static void turning_it_on_is_planned_as_the_writes_it_is(void **state)
{
    (void)state;
    WORLD(w);
    declare_both(&w, false);
    apply_all(&w);
    declare_both(&w, true);
    apply_as_forecast(&w);
    assert_string_equal(only_put(&w)->reason, "adds the fingerprint");
    assert_string_equal(only_bulk(&w)->reason, "adds the fingerprints");
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 2);
    assert_int_equal(w.p.summary.put, 3);
    assert_int_equal(w.p.summary.overwrite, 0);
    assert_int_equal(w.p.cost.execute.writes, 3);
    assert_int_equal(w.p.cost.execute.reads, 0);
    assert_backups(&w, 0);
    meddle_reset(&w);
    assert_empty(&w);
    assert_int_equal(reads(&w), 0);
    world_end(&w);
}

static void turning_it_on_saves_what_others_wrote_meanwhile(void **state)
{
    (void)state;
    WORLD(w);
    declare_both(&w, false);
    apply_all(&w);
    others_put(&w, "a", "k", "theirs");
    others_put(&w, "a", "y", "theirs");
    declare_both(&w, true);
    apply_as_forecast(&w);
    assert_true(only_put(&w)->overwrite);
    assert_int_equal(only_bulk(&w)->bulk->counts.overwrite, 1);
    assert_int_equal(only_bulk(&w)->bulk->counts.changed, 1);
    assert_string_equal(backup_text(&w, 0), "k=theirs y=theirs");
    assert_empty(&w);
    world_end(&w);
}

static void turning_it_on_without_reading_saves_everything(void **state)
{
    (void)state;
    WORLD(w);
    declare_both(&w, false);
    apply_all(&w);
    declare_both(&w, true);
    w.o.refresh = REFRESH_KEYS;
    meddle_reset(&w);
    plan(&w);
    assert_int_equal(reads(&w), 0);
    do_planned(&w);
    assert_string_equal(backup_text(&w, 0), "k=v x=1 y=2");
    w.o.refresh = REFRESH_VALUES;
    assert_empty(&w);
    world_end(&w);
}

static void turning_it_off_takes_the_fingerprints_out(void **state)
{
    (void)state;
    WORLD(w);
    declare_both(&w, true);
    apply_all(&w);
    declare_both(&w, false);
    apply_as_forecast(&w);
    assert_string_equal(only_put(&w)->reason, "drops the fingerprint");
    assert_string_equal(only_bulk(&w)->reason, "drops the fingerprints");
    assert_int_equal(w.p.summary.overwrite, 0);
    assert_backups(&w, 0);
    assert_string_equal(metadata_of(&w, "a", "k"), "{\"a\":1}");
    assert_string_equal(metadata_of(&w, "a", "x"), "");
    assert_empty(&w);
    world_end(&w);
}

/* The record is of what the user declared, whatever metadata went out with it. */
static void a_put_taken_out_while_it_is_turned_off_is_still_ours(void **state)
{
    (void)state;
    WORLD(w);
    declare_both(&w, true);
    apply_all(&w);
    marked(&w, false);
    plan(&w);
    only(&w, ACTION_KEY, ACTION_DELETE);
    do_planned(&w);
    assert_string_equal(keys_of(&w, "a"), "x y");
    world_end(&w);
}

static void without_it_a_member_of_that_name_is_the_users(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, false);
    put(&w, 0, "k", "v")->seed.metadata = B("{\"cfkv\":\"AAAAAAAAAAAAAAAA\"}");
    put(&w, 0, "l", "v")->seed.metadata = B("{\"cfkv\":1}");
    apply_all(&w);
    assert_empty(&w);
    marked(&w, false);
    plan(&w);
    assert_int_equal(count(&w, ACTION_KEY, ACTION_DELETE), 2);
    world_end(&w);
}

static void an_empty_object_is_no_metadata(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v")->seed.metadata = B("{}");
    apply_all(&w);
    assert_empty(&w);
    marked(&w, true);
    plan(&w);
    only(&w, ACTION_KEY, ACTION_DELETE); /* it is recognised as ours */
    world_end(&w);
}

/* ---- Policies, prunes, ids
 * -----------------------------------------------------------------------
 */

static void once_leaves_what_is_there_be(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    seed_lines(&w, LINE("x", "1") LINE("y", "1"));
    w.m.namespaces[0].bulks[0].policy = SEED_ONCE;
    others_create(&w, "a");
    others_put(&w, "a", "x", "theirs");
    meddle_reset(&w);
    apply_as_forecast(&w);
    assert_int_equal(only_bulk(&w)->bulk->counts.added, 1);
    assert_int_equal(only_bulk(&w)->bulk->counts.unchanged, 1);
    assert_int_equal(reads(&w), 0);
    assert_string_equal(value_of(&w, "a", "x"), "theirs");
    assert_string_equal(metadata_of(&w, "a", "x"), "");
    assert_contains(metadata_of(&w, "a", "y"), "cfkv");
    write_file(&w, "seed.jsonl", LINE("x", "1") LINE("y", "2"));
    plan(&w);
    assert_int_equal(count(&w, ACTION_BULK, ACTION_PUT), 0);
    world_end(&w);
}

static void pruned_keys_are_those_that_no_item_names(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    prune(&w, 0, "");
    seed_lines(&w, LINE("x", "1") LINE("y", "1"));
    apply_all(&w);
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("w"),
                                        .value = B("1"),
                                        .metadata = B("{\"long\":\"more than a digest takes\"}")});
    write_file(&w, "seed.jsonl", LINE("y", "1"));
    meddle_reset(&w);
    apply_as_forecast(&w);
    assert_int_equal(count(&w, ACTION_KEY, ACTION_DELETE), 2);
    assert_before(&w, &w.p.actions[0],
                  "{\"metadata\":{\"sha256\":"
                  "\"5ab28313ee7b8e046927088b2f885ed2f361839cb9fac37388956b6eb745ea39\"}}");
    assert_before(&w, &w.p.actions[1], "{}");
    assert_string_equal(backup_text(&w, 0), "w=1 x=1");
    assert_string_equal(keys_of(&w, "a"), "y");
    assert_empty(&w);
    world_end(&w);
}

static void what_is_shown_leaves_the_fingerprint_out(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v")->seed.metadata = B("{\"a\":1}");
    apply_all(&w);
    marked(&w, true);
    put(&w, 0, "k", "w")->seed.metadata = B("{\"a\":2}");
    plan(&w);
    assert_before(&w, only_put(&w), "{\"metadata\":{\"a\":1}}");
    assert_after(&w, only_put(&w), "{\"metadata\":{\"a\":2},\"value\":\"w\"}");
    world_end(&w);
}

static void a_value_with_an_id_that_is_not_known_yet_is_written(void **state)
{
    (void)state;
    WORLD(w);
    marked(&w, true);
    put(&w, 0, "k", "v");
    apply_all(&w);
    others_put_pair(&w, "a",
                    (struct store_pair){.key = B("k"),
                                        .value = B("v"),
                                        .metadata = B("{\"cfkv\":\"AAAAAAAAAAAAAAAA\"}")});
    marked(&w, true);
    ns_titled(&w, "b");
    put(&w, 0, "k", "")->seed.value = with_id(&w.m, 1);
    apply_as_forecast(&w);
    assert_contains(value_of(&w, "a", "k"), "id=");
    assert_empty(&w);
    world_end(&w);
}

/* Metadata of an item is kept by its digest, and still compared. */
static void long_metadata_of_an_item_is_compared(void **state)
{
    (void)state;
    static const char text[] = "{\"note\":\"%s than its digest, so that the digest is kept\"}";
    char line[256], metadata[128];
    WORLD(w);
    for (int fingerprint = 0; fingerprint < 2; fingerprint++) {
        for (int i = 0; i < 2; i++) {
            snprintf(metadata, sizeof metadata, text, i ? "longer" : "larger");
            snprintf(line, sizeof line, "{\"key\":\"x\",\"value\":\"1\",\"metadata\":%s}\n",
                     metadata);
            marked(&w, fingerprint != 0);
            seed_lines(&w, line);
            plan(&w);
            assert_int_equal(w.p.summary.put + w.p.summary.overwrite, 1);
            do_planned(&w);
            assert_empty(&w);
        }
    }
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_carries_its_fingerprint_beside_the_users_metadata),
        cmocka_unit_test(metadata_of_1024_bytes_with_it_is_taken),
        cmocka_unit_test(unchanged_keys_are_listed_and_not_read),
        cmocka_unit_test(one_change_is_one_write_and_nothing_is_read_or_saved),
        cmocka_unit_test(a_put_that_changed_is_one_write_too),
        cmocka_unit_test(a_new_relative_ttl_shows),
        cmocka_unit_test(a_new_default_ttl_shows),
        cmocka_unit_test(an_absolute_expiration_is_compared_as_it_is_listed),
        cmocka_unit_test(a_value_written_without_the_fingerprint_is_somebody_elses),
        cmocka_unit_test(metadata_changed_beside_the_fingerprint_is_somebody_elses),
        cmocka_unit_test(a_fingerprint_in_an_adopted_namespace_is_another_configurations),
        cmocka_unit_test(a_lost_state_does_not_write_unchanged_keys_again),
        cmocka_unit_test(a_backup_holds_the_users_metadata_alone),
        cmocka_unit_test(turning_it_on_is_planned_as_the_writes_it_is),
        cmocka_unit_test(turning_it_on_saves_what_others_wrote_meanwhile),
        cmocka_unit_test(turning_it_on_without_reading_saves_everything),
        cmocka_unit_test(turning_it_off_takes_the_fingerprints_out),
        cmocka_unit_test(a_put_taken_out_while_it_is_turned_off_is_still_ours),
        cmocka_unit_test(without_it_a_member_of_that_name_is_the_users),
        cmocka_unit_test(an_empty_object_is_no_metadata),
        cmocka_unit_test(once_leaves_what_is_there_be),
        cmocka_unit_test(pruned_keys_are_those_that_no_item_names),
        cmocka_unit_test(what_is_shown_leaves_the_fingerprint_out),
        cmocka_unit_test(a_value_with_an_id_that_is_not_known_yet_is_written),
        cmocka_unit_test(long_metadata_of_an_item_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
