/* Restoring a backup, and pruning what is not in it. */
#include "test_kv_files.h"

#include "base/mem.h"
#include "kv/restore.h"

#define LATER (NOW + 3600)

static const struct store_pair several[] = {
    {.key = {"a/1", 3}, .value = {"one", 3}, .metadata = {"{\"n\":1}", 7}},
    {.key = {"a/2", 3}, .value = {"", 0}, .expiration = LATER},
    {.key = {"a/gone", 6}, .value = {"x", 1}, .expiration = NOW - 5},
    {.key = {"a/soon", 6}, .value = {"x", 1}, .expiration = NOW + 60},
    {.key = {"b", 1}, .value = {"bytes", 5}, .metadata = {"null", 4}},
};

struct run {
    struct kit *kit;
    struct restore_file file;
    struct restore_options o;
    struct restore_report report;
    struct kv_counts counts;
    struct buf failed;
    struct error err;
};

static struct run *verified(struct kit *kit, struct store *store, const char *path,
                            const char *prefix)
{
    static struct run r;
    r = (struct run){.kit = kit};
    if (!restore_verify(path, bytes_of(prefix), NOW, &kit->arena, &r.file, &r.err))
        fail_msg("%s", r.err.message);
    r.o.put = (struct put_options){.store = store,
                                   .id = TEXT("ns"),
                                   .default_ttl = 0,
                                   .on_failed = note_failed,
                                   .on_failed_ctx = &r.failed,
                                   .counts = &r.counts};
    return &r;
}

static bool restore(struct run *r)
{
    return restore_keys(&r->file, &r->o, &r->report, &r->err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void all_but_expired_keys_are_written_as_they_were(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    assert_bytes(r->file.info.title, TEXT("shop"));
    assert_int_equal(r->file.wanted, 3);
    assert_int_equal(r->file.expired, 2);
    assert_true(r->file.ordered);
    assert_true(restore(r));
    assert_int_equal(r->report.expired, 2);
    assert_int_equal(r->counts.keys, 3);
    assert_string_equal(content(kit, "ns"), "a/1=one#{\"n\":1} a/2=@1700003600 b=bytes#null ");
}

static void a_prefix_narrows_what_is_written(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "a/");
    assert_int_equal(r->file.wanted, 2);
    assert_true(restore(r));
    assert_string_equal(content(kit, "ns"), "a/1=one#{\"n\":1} a/2=@1700003600 ");
}

static void if_missing_leaves_what_is_there(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    expect_ok(put(kit, "ns", PAIR("a/1", "mine")));
    expect_ok(put(kit, "ns", PAIR("aa", "mine")));
    expect_ok(put(kit, "ns", PAIR("z", "mine")));
    struct run *r = verified(kit, &shaky->base, path, "");
    r->o.if_missing = true;
    assert_true(restore(r));
    assert_int_equal(r->report.present, 1);
    assert_int_equal(r->counts.keys, 2);
    assert_string_equal(content(kit, "ns"),
                        "a/1=mine a/2=@1700003600 aa=mine b=bytes#null z=mine ");
}

static void a_file_that_is_another_one_now_is_told(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    write_file(kit, "b.jsonl", several, 2);
    assert_false(restore(r));
    assert_int_equal(r->err.code, ERR_STALE);
}

static void a_damaged_file_does_not_verify(void **state)
{
    struct kit *kit = *state;
    struct restore_file file;
    struct error err = {0};
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    assert_int_equal(truncate(path, 200), 0);
    assert_false(restore_verify(path, TEXT(""), NOW, &kit->arena, &file, &err));
    assert_int_equal(err.code, ERR_FORMAT);
}

static void keys_that_are_refused_are_named_and_all_others_written(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    shaky->refuse = TEXT("a/2");
    assert_true(restore(r));
    assert_int_equal(r->counts.failed, 1);
    assert_non_null(strstr(r->failed.data, "a/2: "));
    assert_string_equal(content(kit, "ns"), "a/1=one#{\"n\":1} b=bytes#null ");
    buf_release(&r->failed);
}

/* ---- Pruning --------------------------------------------------------------------------------- */

static struct prune_options prune_of(struct run *r, const char *prefix)
{
    return (struct prune_options){.store = r->o.put.store,
                                  .id = TEXT("ns"),
                                  .title = TEXT("shop"),
                                  .prefix = bytes_of(prefix),
                                  .root = r->kit->root,
                                  .now = NOW,
                                  .stays = restore_stays_next};
}

static char *save(struct run *r, const char *prefix, uint64_t doomed)
{
    struct prune_options o = prune_of(r, prefix);
    struct prune_found found;
    char *path;
    o.stays_ctx = restore_stays_open(&r->file, &r->err);
    assert_true(prune_survey(&o, &found, &r->err));
    restore_stays_close(o.stays_ctx);
    assert_int_equal(found.doomed, doomed);
    o.stays_ctx = restore_stays_open(&r->file, &r->err);
    if (!prune_save(&o, &path, &r->err))
        fail_msg("%s", r->err.message);
    restore_stays_close(o.stays_ctx);
    return path;
}

static bool prune(struct run *r, const char *path)
{
    struct remove_options remove = {.store = r->o.put.store,
                                    .id = TEXT("ns"),
                                    .on_failed = note_failed,
                                    .on_failed_ctx = &r->failed,
                                    .counts = &r->counts};
    return prune_delete(&remove, path, &r->err);
}

static void pruning_saves_and_deletes_what_is_not_in_the_backup(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    expect_ok(put(kit, "ns", PAIR("0", "first")));
    expect_ok(put(kit, "ns", PAIR("a/1", "old")));
    expect_ok(put(kit, "ns", PAIR("a/soon", "in the backup, if expired there")));
    expect_ok(put(kit, "ns", PAIR("z", "last")));
    char *saved = save(r, "", 2);
    assert_true(prune(r, saved));
    assert_int_equal(r->counts.keys, 2);
    assert_string_equal(content(kit, "ns"), "a/1=old a/soon=in the backup, if expired there ");
    struct run *back = verified(kit, &shaky->base, saved, "");
    assert_bytes(back->file.info.reason, TEXT("prune"));
    assert_true(restore(back));
    assert_string_equal(content(kit, "ns"),
                        "0=first a/1=old a/soon=in the backup, if expired there z=last ");
    mem_free(saved);
}

static void pruning_keeps_to_the_prefix(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "a/");
    expect_ok(put(kit, "ns", PAIR("a/9", "doomed")));
    expect_ok(put(kit, "ns", PAIR("b", "stays")));
    expect_ok(put(kit, "ns", PAIR("c", "stays")));
    char *saved = save(r, "a/", 1);
    assert_true(prune(r, saved));
    assert_string_equal(content(kit, "ns"), "b=stays c=stays ");
    mem_free(saved);
}

static void there_is_no_backup_of_nothing(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    expect_ok(put(kit, "ns", PAIR("b", "stays")));
    assert_null(save(r, "", 0));
    assert_false(file_exists(in_root(kit, ".cfkv/backups")));
}

static void many_keys_are_pruned_in_batches(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    struct row row = {.n = 2345, .size = 10};
    struct put_options to = {.store = &shaky->base, .id = TEXT("ns")};
    struct error err = {0};
    struct put *p = put_begin(&to, &err);
    assert_true(put_stream(p, pull_row, &row, &err) && put_end(p, &err));
    row_release(&row);
    const char *path = write_file(kit, "b.jsonl", PAIR("k000777", "v"), 1);
    struct run *r = verified(kit, &shaky->base, path, "");
    char *saved = save(r, "", 2344);
    assert_true(prune(r, saved));
    assert_string_equal(content(kit, "ns"), "k000777=vvvvvvvvvv ");
    assert_int_equal(verified(kit, &shaky->base, saved, "")->file.wanted, 2344);
    mem_free(saved);
}

static void what_cannot_be_saved_is_not_deleted(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    struct prune_options o = prune_of(r, "");
    char *saved;
    expect_ok(put(kit, "ns", PAIR("0", "first")));
    o.stays_ctx = restore_stays_open(&r->file, &r->err);
    shaky->fail_at = shaky->started + 2; /* a listing, then the values */
    shaky->fail_code = ERR_IO;
    assert_false(prune_save(&o, &saved, &r->err));
    restore_stays_close(o.stays_ctx);
    assert_null(saved);
    assert_non_null(strstr(r->err.message, "cannot back up namespace 'shop'"));
    assert_string_equal(content(kit, "ns"), "0=first ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start_files, stop_files)
    const struct CMUnitTest tests[] = {
        TEST(all_but_expired_keys_are_written_as_they_were),
        TEST(a_prefix_narrows_what_is_written),
        TEST(if_missing_leaves_what_is_there),
        TEST(a_file_that_is_another_one_now_is_told),
        TEST(a_damaged_file_does_not_verify),
        TEST(keys_that_are_refused_are_named_and_all_others_written),
        TEST(pruning_saves_and_deletes_what_is_not_in_the_backup),
        TEST(pruning_keeps_to_the_prefix),
        TEST(there_is_no_backup_of_nothing),
        TEST(many_keys_are_pruned_in_batches),
        TEST(what_cannot_be_saved_is_not_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
