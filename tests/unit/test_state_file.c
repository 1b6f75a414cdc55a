/* A state beside its configuration: what is on disk at each moment. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test_state_kit.h"

#include "base/file.h"
#include "state/state_file.h"

struct folder {
    char path[64], document[96], journal[104];
};

static int enter_folder(void **state)
{
    static struct folder f;
    snprintf(f.path, sizeof f.path, "/tmp/cfkv-state-XXXXXX");
    if (!mkdtemp(f.path))
        return -1;
    snprintf(f.document, sizeof f.document, "%s/kv.state.json", f.path);
    snprintf(f.journal, sizeof f.journal, "%s.journal", f.document);
    *state = &f;
    return 0;
}

static int leave_folder(void **state)
{
    struct folder *f = *state;
    unlink(f->document);
    unlink(f->journal);
    return rmdir(f->path);
}

static bool try_open(struct state *s, const struct folder *f, struct error *err)
{
    struct state_backend backend;
    return state_file_backend(f->document, &backend, err) &&
           state_open(s, backend, bytes_of(NULL), err);
}

static void open_file(struct state *s, const struct folder *f)
{
    struct error err = {0};
    if (!try_open(s, f, &err))
        fail_msg("%s", err.message);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fputs(text, f) >= 0, 1);
    assert_int_equal(fclose(f), 0);
}

static void read_text(const char *path, struct buf *out)
{
    struct error err;
    buf_clear(out);
    assert_true(file_read(path, 1 << 20, out, &err));
}

static void the_path_is_made_from_the_configuration(void **unused)
{
    struct arena arena = {0};
    (void)unused;
    assert_string_equal(state_path_for(&arena, "kv.lua"), "kv.state.json");
    assert_string_equal(state_path_for(&arena, "a.lua/kv.prod.lua"), "a.lua/kv.prod.state.json");
    assert_string_equal(state_path_for(&arena, "dir/config"), "dir/config.state.json");
    assert_string_equal(state_path_for(&arena, "dir/.lua"), "dir/.lua.state.json");
    arena_release(&arena);
}

static void reading_touches_nothing(void **state)
{
    const struct folder *f = *state;
    struct state s;
    open_file(&s, f);
    assert_true(s.fresh);
    commit(&s);
    state_close(&s);
    assert_false(file_exists(f->document));
    assert_false(file_exists(f->journal));
}

static void both_files_are_private(void **state)
{
    const struct folder *f = *state;
    struct state s;
    struct stat st;
    mode_t before = umask(0);
    open_file(&s, f);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    assert_int_equal(stat(f->journal, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    save(&s);
    assert_int_equal(stat(f->document, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(file_exists(f->journal));
    state_close(&s);
    umask(before);
}

static void a_state_without_document_lives_in_its_journal(void **state)
{
    const struct folder *f = *state;
    struct state s;
    open_file(&s, f);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    put_namespace(&s, "b", "j", "u");
    commit(&s);
    state_close(&s);
    assert_false(file_exists(f->document));
    open_file(&s, f);
    assert_non_null(find(&s, "a"));
    assert_non_null(find(&s, "b"));
    put_namespace(&s, "c", "k", "v");
    commit(&s);
    save(&s);
    state_close(&s);
    open_file(&s, f);
    assert_non_null(find(&s, "c"));
    state_close(&s);
}

static void a_torn_line_does_not_become_part_of_the_next(void **state)
{
    const struct folder *f = *state;
    struct buf journal = {0};
    struct state s;
    write_file(f->journal, "{\"op\":\"project\",\"name\":\"x\"}\n{\"op\":\"proj");
    open_file(&s, f);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    state_close(&s);
    read_text(f->journal, &journal);
    assert_null(strstr(journal.data, "proj{"));
    assert_true(bytes_starts_with(buf_bytes(&journal),
                                  TEXT("{\"op\":\"project\",\"name\":\"x\"}\n{\"op\":\"salt\"")));
    open_file(&s, f);
    assert_non_null(find(&s, "a"));
    state_close(&s);
    buf_release(&journal);
}

static void a_torn_line_longer_than_a_block_is_trimmed(void **state)
{
    const struct folder *f = *state;
    struct buf text = {0};
    struct state s;
    buf_add_str(&text, "{\"op\":\"project\",\"name\":\"x\"}\n");
    for (int i = 0; i < 10000; i++)
        buf_add_char(&text, 'x');
    write_file(f->journal, text.data);
    open_file(&s, f);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    state_close(&s);
    open_file(&s, f);
    assert_bytes(s.project, TEXT("x"));
    assert_non_null(find(&s, "a"));
    state_close(&s);
    buf_release(&text);
}

static void a_document_that_does_not_parse_is_left_alone(void **state)
{
    const struct folder *f = *state;
    struct buf text = {0};
    struct state s;
    struct error err = {0};
    write_file(f->document, "{ no state }");
    assert_false(try_open(&s, f, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.message, f->document));
    read_text(f->document, &text);
    assert_buf(&text, "{ no state }");
    buf_release(&text);
}

static void a_folder_in_its_place_is_an_error(void **state)
{
    const struct folder *f = *state;
    struct state s;
    struct error err = {0};
    assert_int_equal(mkdir(f->document, 0700), 0);
    assert_false(try_open(&s, f, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(rmdir(f->document), 0);
}

static void the_journal_is_not_written_through_a_link(void **state)
{
    const struct folder *f = *state;
    struct state s;
    struct error err = {0};
    open_file(&s, f);
    assert_int_equal(symlink("/tmp/cfkv-state-elsewhere", f->journal), 0);
    put_namespace(&s, "a", "i", "t");
    assert_false(state_commit(&s, &err));
    assert_int_equal(err.code, ERR_IO);
    assert_false(file_exists("/tmp/cfkv-state-elsewhere"));
    state_close(&s);
}

/* ---- Failing and dying at every write -------------------------------------------------------- */

/* Two commits, then a save. Stops at the first failure. */
static bool run(const struct folder *f, struct error *err)
{
    struct state s;
    struct state_namespace a = {.address = TEXT("a"), .id = TEXT("i2"), .title = TEXT("t2")};
    struct state_key key = {.key = TEXT("k"), .hmac = {.digest = digest_of("v")}};
    if (!try_open(&s, f, err))
        return false;
    bool ok = state_set_namespace(&s, bytes_of(NULL), &a, err) && state_commit(&s, err) &&
              state_set_key(&s, bytes_of(NULL), TEXT("a"), &key, err) && state_commit(&s, err) &&
              state_save(&s, err);
    state_close(&s);
    return ok;
}

static void start(const struct folder *f)
{
    struct state s;
    unlink(f->document);
    unlink(f->journal);
    open_file(&s, f);
    put_namespace(&s, "a", "i1", "t1");
    save(&s);
    state_close(&s);
    write_file(f->journal, "{\"op\":\"project\",\"name\":\"shop\"}\n{\"op\":\"pro");
}

/* Whatever happened, the state opens, and holds one moment of the run, at least what was there. */
static void check_left(const struct folder *f)
{
    struct state s;
    open_file(&s, f);
    assert_bytes(s.project, TEXT("shop"));
    assert_int_equal(s.accounts[0].n, 1);
    struct state_namespace *a = find(&s, "a");
    assert_non_null(a);
    bool done = bytes_equal(a->id, TEXT("i2"));
    assert_bytes(a->id, done ? TEXT("i2") : TEXT("i1"));
    assert_bytes(a->title, done ? TEXT("t2") : TEXT("t1"));
    if (!done)
        assert_int_equal(a->n_keys, 0);
    state_close(&s);
}

static void check_finished(const struct folder *f)
{
    struct state s;
    struct error err = {0};
    if (!run(f, &err))
        fail_msg("%s", err.message);
    assert_false(file_exists(f->journal));
    open_file(&s, f);
    assert_non_null(find_key(&s, "a", "k"));
    assert_bytes(s.project, TEXT("shop"));
    state_close(&s);
}

/* What the link points to is replaced, with its mode; the journal lies beside that. */
static void a_link_is_followed(void **state)
{
    const struct folder *f = *state;
    char real[120], journal[140];
    struct arena arena = {0};
    struct error err = {0};
    struct stat st;
    struct state s;
    snprintf(real, sizeof real, "%s/shared", f->path);
    snprintf(journal, sizeof journal, "%s.journal", real);
    assert_int_equal(symlink("shared", f->document), 0);
    assert_false(try_open(&s, f, &err)); /* it points to nothing yet */
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_non_null(strstr(err.message, "is a link to a file that does not exist"));
    assert_false(file_exists(real));
    write_file(real, "{\"salt\": \"000102030405060708090a0b0c0d0e0f\", \"version\": 2}");
    assert_int_equal(chmod(real, 0640), 0);
    open_file(&s, f);
    assert_string_equal(s.backend.name, f->document);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    assert_true(file_exists(journal));
    assert_false(file_exists(f->journal));
    save(&s);
    state_close(&s);
    assert_false(file_exists(journal));
    assert_int_equal(lstat(f->document, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(real, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    open_file(&s, f);
    assert_non_null(find(&s, "a"));
    state_close(&s);
    assert_string_equal(state_path_followed(&arena, f->journal, &err), f->journal);
    arena_release(&arena);
    unlink(real);
}

static void an_empty_file_is_damaged(void **state)
{
    const struct folder *f = *state;
    struct error err = {0};
    struct state s;
    write_file(f->document, "");
    write_file(f->journal, "{\"op\":\"project\",\"name\":\"p\"}\n");
    assert_false(try_open(&s, f, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_non_null(strstr(err.message, "kv.state.json' is damaged: it is empty"));
    assert_non_null(strstr(err.hint, "version control"));
    assert_true(file_exists(f->document));
}

static void any_write_may_fail(void **state)
{
    const struct folder *f = *state;
    uint64_t n = 0;
    for (bool ok = false; !ok;) {
        struct error err = {0};
        start(f);
        fault_set(FAULT_MODE_FAIL, ++n);
        ok = run(f, &err);
        fault_set(FAULT_MODE_NONE, 0);
        assert_true(ok || err.code == ERR_IO);
        check_left(f);
        check_finished(f);
    }
    assert_in_range(n, 10, 40);
}

static void it_may_be_killed_before_any_write(void **state)
{
    const struct folder *f = *state;
    int status = -1;
    for (uint64_t n = 1; status != 0; n++) {
        assert_in_range(n, 1, 40);
        start(f);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct error err = {0};
            fault_set(FAULT_MODE_KILL, n);
            _exit(run(f, &err) ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(status == 0 || WIFSIGNALED(status));
        check_left(f);
        check_finished(f);
    }
}

/* Entry 'i' becomes 'j' becomes 'k' under one address, and 'j' turns up elsewhere: lines that would
 * undo what is in the document if they were replayed onto it. */
static bool run_tangled(const struct folder *f, struct error *err)
{
    static const char *const steps[][2] = {{"a", "i"}, {"b", "j"}, {"a", "k"},
                                           {"b", "i"}, {"a", "j"}, {"c", "k"}};
    struct state s;
    if (!try_open(&s, f, err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < N_OF(steps); i++) {
        struct state_namespace ns = {
            .address = bytes_of(steps[i][0]), .id = bytes_of(steps[i][1]), .title = TEXT("t")};
        struct state_key key = {.key = bytes_of(steps[i][1]),
                                .hmac = {.digest = digest_of(steps[i][0])}};
        ok = state_set_namespace(&s, bytes_of(NULL), &ns, err) &&
             state_set_key(&s, bytes_of(NULL), ns.address, &key, err) && state_commit(&s, err);
    }
    ok = ok && state_save(&s, err);
    state_close(&s);
    return ok;
}

static void a_save_may_be_killed_before_it_drops_the_journal(void **state)
{
    const struct folder *f = *state;
    struct buf document = {0}, replayed = {0};
    struct error err;
    struct state s;
    uint64_t n = 0;
    do {
        unlink(f->document);
        unlink(f->journal);
        fault_set(FAULT_MODE_FAIL, ++n);
        run_tangled(f, &err);
        fault_set(FAULT_MODE_NONE, 0);
    } while (!file_exists(f->document));
    assert_true(file_exists(f->journal));
    read_text(f->document, &document);
    open_file(&s, f);
    assert_true(s.journaled);
    print_state(&s, &replayed);
    assert_buf(&replayed, document.data);

    /* What is appended behind it counts. */
    put_namespace(&s, "d", "l", "t");
    commit(&s);
    state_close(&s);
    open_file(&s, f);
    assert_non_null(find(&s, "d"));
    save(&s);
    assert_false(file_exists(f->journal));
    state_close(&s);
    buf_release(&document);
    buf_release(&replayed);
}

static void a_journal_counts_for_a_document_that_was_edited(void **state)
{
    const struct folder *f = *state;
    struct buf text = {0};
    struct state s;
    open_file(&s, f);
    save(&s);
    put_namespace(&s, "a", "i", "t");
    commit(&s);
    state_close(&s);
    read_text(f->document, &text);
    buf_add_char(&text, '\n');
    write_file(f->document, text.data);
    open_file(&s, f);
    assert_non_null(find(&s, "a"));
    state_close(&s);
    buf_release(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter_folder, leave_folder)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_is_made_from_the_configuration),
        TEST(reading_touches_nothing),
        TEST(both_files_are_private),
        TEST(a_state_without_document_lives_in_its_journal),
        TEST(a_torn_line_does_not_become_part_of_the_next),
        TEST(a_torn_line_longer_than_a_block_is_trimmed),
        TEST(a_document_that_does_not_parse_is_left_alone),
        TEST(a_folder_in_its_place_is_an_error),
        TEST(the_journal_is_not_written_through_a_link),
        TEST(a_link_is_followed),
        TEST(an_empty_file_is_damaged),
        TEST(any_write_may_fail),
        TEST(it_may_be_killed_before_any_write),
        TEST(a_save_may_be_killed_before_it_drops_the_journal),
        TEST(a_journal_counts_for_a_document_that_was_edited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
