/* The journal of long work: what was recorded is there, whatever became of the run. */
#include "test_store_kit.h"

#include <sys/stat.h>

#include "seed/resume.h"

struct folder {
    char root[128];
    struct digest work;
};

static int setup(void **state)
{
    static struct folder f;
    make_folder(f.root);
    f.work = hash_sha256(TEXT("work"));
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    const struct folder *f = *state;
    remove_tree(f->root);
    return 0;
}

static struct resume *open_at(const struct folder *f, int64_t now, int64_t max_age)
{
    struct error err = {0};
    struct resume *r = resume_open(f->root, &f->work, "kv bulk put", false, now, max_age, &err);
    if (!r)
        fail_msg("%s", err.message);
    return r;
}

static struct resume *reopen(const struct folder *f)
{
    return open_at(f, NOW + 1, 0);
}

static void leave(struct resume *r)
{
    struct error err = {0};
    assert_true(resume_end(r, false, &err));
}

static void add(struct resume *r, uint64_t first, uint64_t last)
{
    struct error err = {0};
    if (!resume_add(r, first, last, &err))
        fail_msg("%s", err.message);
}

static void path_of(const struct folder *f, char out[256])
{
    char hex[HASH_HEX_SIZE];
    digest_hex(&f->work, hex);
    snprintf(out, 256, "%s/.cfkv/resume/%s.jsonl", f->root, hex);
}

/* Replaces (mode "w") or continues ("a") the file. */
static void write_file(const struct folder *f, const char *mode, const char *text)
{
    char path[256];
    path_of(f, path);
    FILE *file = fopen(path, mode);
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* The numbers up to `upto` that are done: "1 2 5 ". */
static void assert_has(struct resume *r, uint64_t upto, const char *want)
{
    struct buf got = {0};
    for (uint64_t i = 1; i <= upto; i++)
        if (resume_has(r, i))
            buf_addf(&got, "%d ", (int)i);
    assert_buf(&got, want);
    buf_release(&got);
}

/* ---- Recording ------------------------------------------------------------------------------- */

static void nothing_is_written_before_the_first_line(void **state)
{
    const struct folder *f = *state;
    char path[256];
    snprintf(path, sizeof path, "%s/.cfkv", f->root);
    leave(reopen(f));
    assert_int_equal(access(path, F_OK), -1);
}

static void each_line_is_there_when_it_was_added(void **state)
{
    const struct folder *f = *state;
    struct buf text = {0};
    struct error err = {0};
    char path[256];
    path_of(f, path);
    struct resume *r = open_at(f, 1700000000, 0);
    add(r, 1, 10000);
    add(r, 20001, 20005);
    assert_true(file_read(path, 4096, &text, &err));
    assert_buf(&text, "{\"cfkv_resume\":1,\"started\":1700000000,\"what\":\"kv bulk put\"}\n"
                      "[1,10000]\n[20001,20005]\n");
    buf_release(&text);
    leave(r);
}

static void it_is_private_and_ignored_by_git(void **state)
{
    const struct folder *f = *state;
    struct stat st;
    char path[256];
    struct resume *r = reopen(f);
    add(r, 1, 1);
    leave(r);
    path_of(f, path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(path, sizeof path, "%s/.cfkv/resume", f->root);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    snprintf(path, sizeof path, "%s/.cfkv/resume/.gitignore", f->root);
    assert_int_equal(access(path, F_OK), 0);
}

static void complete_work_leaves_no_file(void **state)
{
    const struct folder *f = *state;
    struct error err = {0};
    char path[256];
    path_of(f, path);
    struct resume *r = reopen(f);
    add(r, 1, 1);
    assert_true(resume_end(r, true, &err));
    assert_int_equal(access(path, F_OK), -1);
    assert_true(resume_end(reopen(f), true, &err)); /* nor is one needed */
}

/* ---- Going on -------------------------------------------------------------------------------- */

static void the_next_run_knows_what_was_done(void **state)
{
    const struct folder *f = *state;
    struct resume *r = open_at(f, 1700000000, 0);
    assert_int_equal(resume_count(r), 0);
    add(r, 7, 8);
    add(r, 1, 2); /* answers come in any order */
    add(r, 3, 3);
    leave(r);
    r = reopen(f);
    assert_int_equal(resume_count(r), 5);
    assert_has(r, 10, "1 2 3 7 8 ");
    assert_has(r, 10, "1 2 3 7 8 "); /* what is saved first is asked for, and what is written */
    leave(r);
}

static void several_runs_add_up(void **state)
{
    const struct folder *f = *state;
    struct resume *r = open_at(f, 1700000000, 0);
    add(r, 1, 2);
    leave(r);
    r = reopen(f);
    add(r, 3, 4);
    assert_has(r, 4, "1 2 "); /* what this run does is not asked for */
    leave(r);
    r = reopen(f);
    assert_int_equal(resume_count(r), 4);
    leave(r);
    r = open_at(f, 1700000000 + 101, 100);
    assert_true(resume_was_old(r)); /* the first one counts */
    leave(r);
}

static void a_mark_is_the_last_one_set(void **state)
{
    const struct folder *f = *state;
    struct error err = {0};
    struct resume *r = reopen(f);
    assert_null(resume_mark(r).data);
    assert_true(resume_set_mark(r, TEXT("a"), 10, &err));
    assert_true(resume_set_mark(r, TEXT("b\"\n\0\xc3\xa9"), 20, &err));
    leave(r);
    r = reopen(f);
    assert_bytes(resume_mark(r), TEXT("b\"\n\0\xc3\xa9"));
    assert_int_equal(resume_count(r), 20);
    leave(r);
}

static void other_work_and_a_restart_know_nothing(void **state)
{
    const struct folder *f = *state;
    struct folder other = *f;
    struct error err = {0};
    struct resume *r = reopen(f);
    add(r, 1, 2);
    leave(r);
    other.work = hash_sha256(TEXT("other work"));
    r = reopen(&other);
    assert_int_equal(resume_count(r), 0);
    leave(r);
    r = resume_open(f->root, &f->work, "x", true, NOW, 0, &err);
    assert_int_equal(resume_count(r), 0);
    add(r, 5, 5);
    leave(r);
    r = reopen(f);
    assert_has(r, 10, "5 "); /* a restart drops the lines before it */
    leave(r);
}

static void what_is_too_old_is_not_believed(void **state)
{
    const struct folder *f = *state;
    struct resume *r = open_at(f, 1700000000, 0);
    add(r, 1, 2);
    leave(r);
    r = open_at(f, 1700000000 + 100, 100);
    assert_int_equal(resume_count(r), 2);
    assert_false(resume_was_old(r));
    leave(r);
    r = open_at(f, 1700000000 + 101, 100);
    assert_int_equal(resume_count(r), 0);
    assert_true(resume_was_old(r));
    leave(r);
}

static void each_field_names_the_work(void **state)
{
    const struct digest a = hash_sha256(TEXT("a")), b = hash_sha256(TEXT("b"));
    const struct digest works[] = {
        resume_work("put", TEXT("t"), TEXT("a"), TEXT("i"), &a, TEXT("o")),
        resume_work("got", TEXT("t"), TEXT("a"), TEXT("i"), &a, TEXT("o")),
        resume_work("put", TEXT("u"), TEXT("a"), TEXT("i"), &a, TEXT("o")),
        resume_work("put", TEXT("ta"), TEXT(""), TEXT("i"), &a, TEXT("o")),
        resume_work("put", TEXT("t"), TEXT("a"), TEXT("j"), &a, TEXT("o")),
        resume_work("put", TEXT("t"), TEXT("a"), TEXT("i"), &b, TEXT("o")),
        resume_work("put", TEXT("t"), TEXT("a"), TEXT("i"), &a, TEXT("")),
    };
    (void)state;
    for (size_t i = 0; i < N_OF(works); i++)
        for (size_t j = 0; j < i; j++)
            assert_false(digest_equal(&works[i], &works[j]));
}

/* ---- Broken files ---------------------------------------------------------------------------- */

static void a_torn_last_line_is_dropped_and_written_over(void **state)
{
    const struct folder *f = *state;
    struct resume *r = reopen(f);
    add(r, 1, 2);
    leave(r);
    write_file(f, "a", "[3,99");
    r = reopen(f);
    assert_has(r, 10, "1 2 ");
    add(r, 5, 6);
    leave(r);
    r = reopen(f);
    assert_has(r, 10, "1 2 5 6 ");
    leave(r);
}

static void what_is_no_journal_is_started_anew(void **state)
{
    static const char *const texts[] = {
        "",
        "[1,2]\n",
        "{}\n[1,2]\n",
        "{\"cfkv_resume\":2,\"started\":1}\n[1,2]\n",
        "{\"cfkv_resume\":1,\"started\":1}\n[1,2]\nnonsense\n[3,4]\n",
        "{\"cfkv_resume\":1,\"started\":1}\n[2,1]\n",
        "{\"cfkv_resume\":1,\"started\":1}\n[0,1]\n",
        "{\"cfkv_resume\":1,\"started\":1}\n[1]\n",
    };
    const struct folder *f = *state;
    for (size_t i = 0; i < N_OF(texts); i++) {
        struct resume *r = reopen(f);
        add(r, 1, 1);
        leave(r);
        write_file(f, "w", texts[i]);
        r = reopen(f);
        assert_int_equal(resume_count(r), 0);
        add(r, 7, 7);
        leave(r);
        r = reopen(f);
        assert_has(r, 10, "7 ");
        leave(r);
    }
}

static void a_failure_to_write_is_told(void **state)
{
    const struct folder *f = *state;
    struct error err = {0};
    struct resume *r = reopen(f);
    add(r, 1, 1);
    fault_set(FAULT_MODE_FAIL, 1);
    assert_false(resume_add(r, 2, 2, &err));
    fault_set(FAULT_MODE_NONE, 0);
    assert_int_equal(err.code, ERR_IO);
    leave(r);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_written_before_the_first_line),
        TEST(each_line_is_there_when_it_was_added),
        TEST(it_is_private_and_ignored_by_git),
        TEST(complete_work_leaves_no_file),
        TEST(the_next_run_knows_what_was_done),
        TEST(several_runs_add_up),
        TEST(a_mark_is_the_last_one_set),
        TEST(other_work_and_a_restart_know_nothing),
        TEST(what_is_too_old_is_not_believed),
        TEST(each_field_names_the_work),
        TEST(a_torn_last_line_is_dropped_and_written_over),
        TEST(what_is_no_journal_is_started_anew),
        TEST(a_failure_to_write_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
