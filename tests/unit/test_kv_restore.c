/* Restoring a backup, and pruning what is not in it. */
#include "test_kv_files.h"

#include <sys/stat.h>

#include "kv/delete.h"
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
    r.o.put = (struct sender_options){.store = store,
                                      .id = TEXT("ns"),
                                      .default_ttl = 0,
                                      .on_failed = note_failed,
                                      .on_failed_ctx = &r.failed,
                                      .counts = &r.counts};
    return &r;
}

static bool restore(struct run *r)
{
    return restore_write(&r->file, &r->o, &r->report, &r->err);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

static void all_but_expired_keys_are_written_as_they_were(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    assert_bytes(r->file.from->info.title, TEXT("shop"));
    assert_int_equal(r->file.from->wanted, 3);
    assert_int_equal(r->file.from->expired, 2);
    assert_true(r->file.from->ordered);
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
    assert_int_equal(r->file.from->wanted, 2);
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

struct pruning {
    struct kv kv;
    struct kv_namespace ns;
    struct kv_delete d;
    struct restore_keys *stays;
    struct kv_section saved;
};

static struct pruning *pruning_of(struct run *r, const char *prefix)
{
    static struct pruning p;
    p = (struct pruning){.kv = kv_over(r->kit, r->o.put.store),
                         .ns = {.id = TEXT("ns"), .title = TEXT("shop")}};
    p.stays = restore_keys_open(&r->file, false, NULL, &r->err);
    assert_non_null(p.stays);
    p.d = (struct kv_delete){
        .ns = &p.ns,
        .doomed = {.prefix = bytes_of(prefix), .stays = restore_keys_stream(p.stays)},
        .reason = "prune",
        .how = "pruned",
        .source = "the backup",
        .on_failed = note_failed,
        .on_failed_ctx = &r->failed,
        .counts = &r->counts};
    p.kv.permits.mass_delete.bare = true;
    return &p;
}

static void end_pruning(struct pruning *p)
{
    restore_keys_close(p->stays);
    kv_release(&p->kv);
}

/* The backup that was made. */
static const char *prune(struct run *r, const char *prefix, uint64_t doomed)
{
    struct pruning *p = pruning_of(r, prefix);
    struct kv_loss loss;
    if (!kv_delete_judge(&p->kv, &p->d, &loss, &r->err))
        fail_msg("%s", r->err.message);
    assert_int_equal(loss.keys, doomed);
    if (!kv_delete_go(&p->kv, &p->d, &p->saved, &r->err))
        fail_msg("%s", r->err.message);
    const char *path = p->saved.path ? arena_str(&r->kit->arena, p->saved.path) : NULL;
    end_pruning(p);
    return path;
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
    const char *saved = prune(r, "", 2);
    assert_int_equal(r->counts.keys, 2);
    assert_string_equal(content(kit, "ns"), "a/1=old a/soon=in the backup, if expired there ");
    struct run *back = verified(kit, &shaky->base, saved, "");
    assert_bytes(back->file.from->info.reason, TEXT("prune"));
    assert_true(back->file.from->partial);
    assert_true(restore(back));
    assert_string_equal(content(kit, "ns"),
                        "0=first a/1=old a/soon=in the backup, if expired there z=last ");
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
    prune(r, "a/", 1);
    assert_string_equal(content(kit, "ns"), "b=stays c=stays ");
}

static void there_is_no_backup_of_nothing(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    expect_ok(put(kit, "ns", PAIR("b", "stays")));
    assert_null(prune(r, "", 0));
    assert_false(file_exists(in_root(kit, ".cfkv/backups")));
}

static void many_keys_are_pruned_in_batches(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    struct row row = {.n = 2345, .size = 10};
    struct sender_options to = {.store = &shaky->base, .id = TEXT("ns")};
    struct error err = {0};
    assert_true(sender_stream(&to, pull_row, &row, &err));
    row_release(&row);
    const char *path = write_file(kit, "b.jsonl", PAIR("k000777", "v"), 1);
    struct run *r = verified(kit, &shaky->base, path, "");
    const char *saved = prune(r, "", 2344);
    assert_string_equal(content(kit, "ns"), "k000777=vvvvvvvvvv ");
    assert_int_equal(verified(kit, &shaky->base, saved, "")->file.from->wanted, 2344);
}

static void what_cannot_be_saved_is_not_deleted(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_file(kit, "b.jsonl", several, N_OF(several));
    struct run *r = verified(kit, &shaky->base, path, "");
    struct pruning *p = pruning_of(r, "");
    expect_ok(put(kit, "ns", PAIR("0", "first")));
    shaky->fail_at = shaky->started + 2; /* a listing, then the values */
    shaky->fail_code = ERR_IO;
    assert_false(kv_delete_go(&p->kv, &p->d, &p->saved, &r->err));
    end_pruning(p);
    assert_null(p->saved.path);
    assert_non_null(strstr(r->err.message, "cannot back up namespace 'shop'"));
    assert_string_equal(content(kit, "ns"), "0=first ");
}

/* ---- Sections -------------------------------------------------------------------------------- */

struct section {
    const char *id, *title;
    const struct store_pair *pairs;
    size_t n;
};

/* `whole` of the sections are finished; the rest of the last one is cut off. */
static const char *write_sections(struct kit *kit, const struct section *sections, size_t n,
                                  bool whole)
{
    struct error err = {0};
    struct backup_writer *w = NULL;
    struct backup_totals totals;
    const char *path = in_root(kit, "sections.jsonl");
    for (size_t i = 0; i < n; i++) {
        struct backup_info info = {.id = bytes_of(sections[i].id),
                                   .title = bytes_of(sections[i].title),
                                   .reason = TEXT("delete"),
                                   .created = NOW};
        if (w)
            assert_true(backup_begin_section(w, &info, &err));
        else
            w = backup_create(path, &info, &err);
        assert_non_null(w);
        for (size_t k = 0; k < sections[i].n; k++) {
            struct backup_key key = {.key = sections[i].pairs[k].key,
                                     .value = sections[i].pairs[k].value};
            assert_true(backup_add(w, &key, &err));
        }
        if (whole || i + 1 < n)
            assert_true(backup_end_section(w, &totals, &err));
    }
    backup_close_sections(w);
    return path;
}

static const struct section two[] = {
    {"a1", "first", (const struct store_pair[]){{.key = {"k", 1}, .value = {"1", 1}}}, 1},
    {"b2", "second",
     (const struct store_pair[]){{.key = {"k", 1}, .value = {"2", 1}},
                                 {.key = {"l", 1}, .value = {"2", 1}}},
     2},
};

static void one_namespace_of_several_is_chosen(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_sections(kit, two, 2, true);
    struct run *r = verified(kit, &shaky->base, path, "");
    assert_int_equal(r->file.n, 2);
    assert_null(r->file.from);
    assert_false(restore_choose(&r->file, TEXT("third"), &r->err));
    assert_int_equal(r->err.code, ERR_USAGE);
    assert_non_null(strstr(r->err.message, "'first', 'second'"));
    assert_true(restore_choose(&r->file, TEXT("second"), &r->err));
    assert_int_equal(r->file.from->wanted, 2);
    assert_true(restore(r));
    assert_string_equal(content(kit, "ns"), "k=2 l=2 ");
    assert_true(restore_choose(&r->file, TEXT("a1"), &r->err));
    assert_true(restore(r));
    assert_string_equal(content(kit, "ns"), "k=1 l=2 ");
}

static void of_a_key_in_several_sections_the_first_counts(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    struct section again[] = {two[0], two[1], two[1]};
    again[1].id = "a1";
    const char *path = write_sections(kit, again, 3, true);
    struct run *r = verified(kit, &shaky->base, path, "");
    assert_true(restore_choose(&r->file, TEXT("a1"), &r->err));
    assert_false(r->file.from->ordered);
    assert_true(restore(r));
    assert_string_equal(content(kit, "ns"), "k=1 l=2 ");
}

static void an_unfinished_section_is_taken_out_again(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    const char *path = write_sections(kit, two, 2, false);
    struct run *r = verified(kit, &shaky->base, path, "");
    assert_int_equal(r->file.n, 1);
    assert_non_null(r->file.from);
    assert_false(r->file.cut_off);
}

static void what_a_kill_cut_off_does_not_spoil_what_was_before(void **state)
{
    struct kit *kit = *state;
    struct shaky *shaky = shaky_over(kit);
    struct stat first, both;
    assert_int_equal(stat(write_sections(kit, two, 1, true), &first), 0);
    const char *path = write_sections(kit, two, 2, true);
    assert_int_equal(stat(path, &both), 0);
    for (off_t size = both.st_size - 1; size > first.st_size; size -= 7) {
        assert_int_equal(truncate(path, size), 0);
        struct run *r = verified(kit, &shaky->base, path, "");
        assert_true(r->file.cut_off);
        assert_bytes(r->file.from->info.title, TEXT("first"));
        assert_true(restore(r));
    }
    assert_string_equal(content(kit, "ns"), "k=1 ");
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
        TEST(one_namespace_of_several_is_chosen),
        TEST(of_a_key_in_several_sections_the_first_counts),
        TEST(an_unfinished_section_is_taken_out_again),
        TEST(what_a_kill_cut_off_does_not_spoil_what_was_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
