/* What a command line names, and the survey of it: every way in which it may be wrong. */
#include <fcntl.h>
#include <sys/resource.h>

#include "test_seed_kit.h"

#include "base/gzip.h"

#define NOW INT64_C(1700000000)
#define MIB ((size_t)1024 * 1024)

/* ---- What was found -------------------------------------------------------------------------- */

static struct seed_source *open_named(const struct kit *k, const char *name, struct error *err)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    return seed_source_open(path, SOURCE_DETECT, err);
}

/* The survey as text: "N items", then a line "LINE: message" a diagnostic. */
static void survey(struct seed_source *s, size_t max, struct buf *out)
{
    struct diag_list diags = {0};
    struct seed_survey found;
    struct error err = {0};
    if (!seed_survey(s, NOW, max, &diags, &found, &err))
        fail_msg("%s", err.message);
    buf_clear(out);
    buf_addf(out, "%u items", (unsigned)found.items);
    for (size_t i = 0; i < diags.n; i++)
        buf_addf(out, "\n%d: %s", diags.items[i].pos.line, diags.items[i].message);
    diag_release(&diags);
}

static void expect_survey(const struct kit *k, const char *name, size_t max, const char *want)
{
    struct error err = {0};
    struct buf out = {0};
    struct seed_source *s = open_named(k, name, &err);
    if (!s)
        fail_msg("%s", err.message);
    survey(s, max, &out);
    assert_string_equal(out.data, want);
    seed_source_close(s);
    buf_release(&out);
}

static void expect(const struct kit *k, const char *name, struct bytes content, const char *want)
{
    write_seed(k, name, content);
    expect_survey(k, name, 10, want);
}

/* ---- Wrong content --------------------------------------------------------------------------- */

static const struct {
    const char *name, *content, *found;
} wrong[] = {
    {"a.json", "[{\"key\":\"a\",\"value\":\"b\"},\n{\"key\":\"b\"",
     "1 items\n2: item 2: at byte 36: the document ends too early"},
    {"a.json", "[{\"key\":\"a\",\"value\":\"b\"}] x",
     "1 items\n1: at byte 27: something follows the document"},
    {"a.json", "[{\"value\":\"b\"},\n{\"key\":\"b\",\"value\":\"\"}]",
     "1 items\n1: item 1 (byte 1): a bulk item needs field 'key'"},
    {"a.json", "[{\"key\":\"a\",\"value\":1},\n{\"key\":\"b\",\"value\":\"\"}]",
     "1 items\n1: item 1 (byte 1): the value must be a string, got a number"},
    {"a.json", "[{\"key\":\"a\",\"value\":\"?\",\"base64\":true}]",
     "0 items\n1: item 1 (byte 1): the value of key 'a' is not base64: base64 of 1 characters, "
     "not a multiple of 4"},
    {"a.jsonl", "{\"key\":\"a\",\"value\":\"\xff\"}\n{\"key\":\"b\",\"value\":\"\"}\n",
     "1 items\n1: item 1 (byte 0): at byte 21: string is not valid UTF-8"},
    {"a.json",
     "[{\"key\":\"a\",\"value\":\"\"},\n {\"key\":\"b\",\"value\":\"\"},\n"
     " {\"key\":\"a\",\"value\":\"\"}]",
     "3 items\n3: key 'a' at a.json:3 (item 3, byte 51) is also at a.json:1 (item 1, byte 1)"},
    {"a.jsonl", "{\"key\":\"a\",\"value\":\"\",\"expiration_ttl\":59}\n",
     "0 items\n1: item 1 (byte 0): expiration_ttl '59 s' of key 'a' is too short"},
    {"a.jsonl", "{\"key\":\"a\",\"value\":\"\",\"expiration\":2147483648}\n",
     "0 items\n1: item 1 (byte 0): expiration '2147483648 (2038-01-19T03:14:08Z)' of key 'a' is "
     "not between 1 and "
     "2147483647"},
    {"a.jsonl", "{\"key\":\"a\",\"value\":\"\",\"expiration\":1600000000}\n",
     "1 items\n1: item 1 (byte 0): expiration '1600000000 (2020-09-13T12:26:40Z)' of key 'a' is "
     "past, so the key is "
     "absent"},
    {"a.csv", "key,value\na,1\nb\n\"a\",2\n",
     "2 items\n3: item 2 (byte 14): it has 1 cells, but the header has 2\n"
     "4: key 'a' at a.csv:4 (item 3, byte 16) is also at a.csv:2 (item 1, byte 10)"},
};

/* Without the folder in front of file names. */
static void survey_here(const char *name, size_t max, const char *want)
{
    struct error err = {0};
    struct buf out = {0};
    struct seed_source *s = seed_source_open(name, SOURCE_DETECT, &err);
    assert_non_null(s);
    survey(s, max, &out);
    assert_string_equal(out.data, want);
    seed_source_close(s);
    buf_release(&out);
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
    const struct kit *k = *state;
    assert_int_equal(chdir(k->folder), 0);
    for (size_t i = 0; i < N_OF(wrong); i++) {
        write_seed(k, wrong[i].name, bytes_of(wrong[i].content));
        survey_here(wrong[i].name, 10, wrong[i].found);
    }
    assert_int_equal(chdir("/"), 0);
}

/* `start`, `n` times the letter, `end`. */
static void write_filled(const struct kit *k, const char *name, const char *start, size_t n,
                         const char *end)
{
    char path[128], block[4096];
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(start, f);
    memset(block, 'a', sizeof block);
    for (size_t left = n; left > 0; left -= left < sizeof block ? left : sizeof block)
        fwrite(block, 1, left < sizeof block ? left : sizeof block, f);
    fputs(end, f);
    assert_int_equal(fclose(f), 0);
}

#define NEXT "\n{\"key\":\"next\",\"value\":\"\"}\n"

static void every_limit_is_kept(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf out = {0};
    write_filled(k, "a.jsonl", "{\"value\":\"\",\"key\":\"", 512, "\"}" NEXT);
    expect_survey(k, "a.jsonl", 10, "2 items");
    write_filled(k, "a.jsonl", "{\"value\":\"\",\"key\":\"", 513, "\"}" NEXT);
    struct seed_source *s = open_named(k, "a.jsonl", &err);
    survey(s, 10, &out);
    assert_non_null(strstr(out.data, "1 items\n1: item 1 (byte 0): key 'aaa"));
    assert_non_null(strstr(out.data, "has 513 bytes, more than 512"));
    seed_source_close(s);
    buf_release(&out);

    write_filled(k, "a.jsonl", "{\"key\":\"k\",\"value\":\"\",\"metadata\":\"", 1022, "\"}" NEXT);
    expect_survey(k, "a.jsonl", 10, "2 items");
    write_filled(k, "a.jsonl", "{\"key\":\"k\",\"value\":\"\",\"metadata\":\"", 1023, "\"}" NEXT);
    expect_survey(k, "a.jsonl", 10,
                  "1 items\n1: item 1 (byte 0): metadata of key 'k' has 1025 bytes as JSON, more "
                  "than 1024");
    write_filled(k, "a.jsonl", "{\"key\":\"k\",\"value\":\"", 25 * MIB + 1, "\"}" NEXT);
    expect_survey(k, "a.jsonl", 10,
                  "1 items\n1: item 1 (byte 0): value of key 'k' has 26214401 bytes, more than "
                  "26214400 (25 MiB)");
}

/* In KiB: the longest value is held, the 100 MiB are not. What watches memory takes more itself. */
#ifdef __SANITIZE_ADDRESS__
#define GROWTH_MAX (1024 * 1024)
#else
#define GROWTH_MAX (90 * 1024)
#endif

static long peak_kib(void)
{
    struct rusage usage;
    assert_int_equal(getrusage(RUSAGE_SELF, &usage), 0);
    return usage.ru_maxrss;
}

static void what_is_far_too_long_is_refused_without_being_held(void **state)
{
    const struct kit *k = *state;
    const long before = peak_kib();
    static const char *const lines[][3] = {
        {"{\"key\":\"k\",\"value\":\"", "\"}", "its value has more than 26214400 bytes (25 MiB)"},
        {"{\"key\":\"k\",\"value\":\"\",\"metadata\":\"", "\"}",
         "its metadata has more than 1024 bytes as JSON"},
        {"{\"", "\":1}", "at byte 1: a member name is longer than 64 KiB"},
        {"", "", "at byte 0: a word or number is longer than 64 KiB"},
    };
    for (size_t i = 0; i < N_OF(lines); i++) {
        char end[64], want[160];
        snprintf(end, sizeof end, "%s" NEXT, lines[i][1]);
        snprintf(want, sizeof want, "1 items\n1: item 1 (byte 0): %s", lines[i][2]);
        write_filled(k, "a.jsonl", lines[i][0], i == 0 ? 100 * MIB : 2 * MIB, end);
        expect_survey(k, "a.jsonl", 10, want);
    }
    assert_in_range(peak_kib() - before, 0, GROWTH_MAX);
}

static void reading_stops_when_enough_is_wrong(void **state)
{
    const struct kit *k = *state;
    struct buf text = {0};
    for (int i = 0; i < 200; i++)
        buf_add_str(&text, "{\"key\":1,\"value\":\"\"}\n");
    buf_add_str(&text, "{\"key\":\"a\",\"value\":\"\"}\n");
    static const size_t max[] = {1, 10, 0}, told[] = {1, 10, 200};
    write_seed(k, "a.jsonl", buf_bytes(&text));
    for (size_t i = 0; i < N_OF(max); i++) {
        struct diag_list diags = {0};
        struct seed_survey found;
        struct error err = {0};
        struct seed_source *s = open_named(k, "a.jsonl", &err);
        assert_true(seed_survey(s, NOW, max[i], &diags, &found, &err));
        assert_int_equal(diags.n, told[i]);
        assert_int_equal(found.items, max[i] == 0);
        seed_source_close(s);
        diag_release(&diags);
    }
    buf_release(&text);
}

/* ---- Many keys ------------------------------------------------------------------------------- */

/* More than one buffer of them, so that runs are merged. */
static void a_key_given_twice_is_found_among_many(void **state)
{
    const struct kit *k = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/a.jsonl", k->folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    for (int i = 0; i < 400000; i++)
        fprintf(f, "{\"key\":\"k%06d\",\"value\":\"\"}\n", i == 399999 || i == 300000 ? 7 : i);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chdir(k->folder), 0);
    survey_here("a.jsonl", 10,
                "400000 items\n"
                "300001: key 'k000007' at a.jsonl:300001 (item 300001, byte 8700000) is also at "
                "a.jsonl:8 (item 8, byte 203)\n"
                "400000: key 'k000007' at a.jsonl:400000 (item 400000, byte 11599971) is also at "
                "a.jsonl:8 (item 8, byte 203)");
    survey_here("a.jsonl", 1,
                "400000 items\n"
                "0: 1 more key is given twice\n"
                "300001: key 'k000007' at a.jsonl:300001 (item 300001, byte 8700000) is also at "
                "a.jsonl:8 (item 8, byte 203)");
    assert_int_equal(chdir("/"), 0);
}

static void keys_that_ascend_need_no_room(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct seed_survey found;
    struct error err = {0};
    struct buf text = {0};
    for (int i = 0; i < 180000; i++)
        buf_addf(&text, "{\"key\":\"%06d\",\"value\":\"\"}\n", i);
    write_seed(k, "a.jsonl", buf_bytes(&text));
    struct seed_source *s = open_named(k, "a.jsonl", &err);
    fault_set(FAULT_MODE_FAIL, 1);
    assert_true(seed_survey(s, NOW, 10, &diags, &found, &err));
    fault_set(FAULT_MODE_NONE, 0);
    assert_int_equal(found.items, 180000);
    assert_int_equal(diags.n, 0);
    seed_source_close(s);
    buf_release(&text);
}

static void keys_before_the_first_that_breaks_the_order_count_as_well(void **state)
{
    const struct kit *k = *state;
    assert_int_equal(chdir(k->folder), 0);
    write_seed(k, "a.jsonl",
               TEXT("{\"key\":\"a\",\"value\":\"\"}\n{\"kay\":1}\n{\"key\":\"c\",\"value\":\"\"}\n"
                    "{\"key\":\"a\",\"value\":\"\"}\n"));
    survey_here("a.jsonl", 10,
                "3 items\n"
                "2: item 2 (byte 23): unknown field 'kay' in a bulk item\n"
                "2: item 2 (byte 23): a bulk item needs field 'value'\n"
                "4: key 'a' at a.jsonl:4 (item 4, byte 56) is also at a.jsonl:1 (item 1, byte 0)");
    write_seed(k, "a.jsonl",
               TEXT("{\"key\":\"a\",\"value\":\"\"}\n{\"key\":\"c\",\"value\":\"\"}\n"
                    "{\"key\":\"b\",\"value\":\"\"}\n"));
    survey_here("a.jsonl", 10, "3 items");
    write_seed(k, "a.jsonl",
               TEXT("{\"key\":\"a\",\"value\":\"\"}\n{\"key\":\"c\",\"value\":\"\"}\n"
                    "{\"key\":\"a\",\"value\":\"\"}\n{\"key\":\"c\",\"value\":\"\"}\n"));
    survey_here("a.jsonl", 10,
                "4 items\n"
                "3: key 'a' at a.jsonl:3 (item 3, byte 46) is also at a.jsonl:1 (item 1, byte 0)\n"
                "4: key 'c' at a.jsonl:4 (item 4, byte 69) is also at a.jsonl:2 (item 2, byte 23)");
    assert_int_equal(chdir("/"), 0);
}

static void no_room_for_sorting_is_an_error(void **state)
{
    const struct kit *k = *state;
    struct diag_list diags = {0};
    struct seed_survey found;
    struct error err = {0};
    struct buf text = {0};
    for (int i = 0; i < 180000; i++)
        buf_addf(&text, "{\"key\":\"%d\",\"value\":\"\"}\n", i);
    write_seed(k, "a.jsonl", buf_bytes(&text));
    struct seed_source *s = open_named(k, "a.jsonl", &err);
    for (int n = 1; n <= 2; n++) { /* making the file, writing to it */
        fault_set(FAULT_MODE_FAIL, (uint64_t)n);
        assert_false(seed_survey(s, NOW, 10, &diags, &found, &err));
        fault_set(FAULT_MODE_NONE, 0);
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.hint, "TMPDIR"));
    }
    seed_source_close(s);
    buf_release(&text);
}

/* ---- Where it comes from --------------------------------------------------------------------- */

#define ARRAY "[{\"key\":\"a\",\"value\":\"1\"}]"
#define LINES "{\"key\":\"a\",\"value\":\"1\"}\n"

static void the_format_is_told_by_name_or_first_byte(void **state)
{
    const struct kit *k = *state;
    expect(k, "a.json", TEXT(ARRAY), "1 items");
    expect(k, "a.jsonl", TEXT(LINES), "1 items");
    expect(k, "a.ndjson", TEXT(LINES), "1 items");
    expect(k, "a.CSV", TEXT("key,value\na,1\n"), "1 items");
    expect(k, "array", TEXT("\xef\xbb\xbf \n" ARRAY), "1 items");
    expect(k, "lines", TEXT("\n" LINES), "1 items");
    struct error err = {0};
    write_seed(k, "rows", TEXT("key,value\n"));
    assert_null(open_named(k, "rows", &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_non_null(strstr(err.message, "cannot tell the format of"));
    assert_string_equal(err.hint, "say it with --format json, jsonl or csv");
}

static void a_folder_is_a_source(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    write_seed(k, "a", TEXT("1"));
    write_seed(k, "b.state.json", TEXT("2"));
    expect_survey(k, "", 10, "2 items");
    assert_null(seed_source_open(k->folder, SOURCE_CSV, &err));
    assert_int_equal(err.code, ERR_INVALID);
}

static void a_source_that_is_not_there_is_said_so(void **state)
{
    struct error err = {0};
    assert_null(open_named(*state, "none.json", &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void write_packed(const struct kit *k, const char *name, struct bytes content, size_t cut)
{
    char path[128];
    struct error err;
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    struct gzip_writer *w = gzip_writer_open(fd, path);
    assert_true(gzip_write(w, content, &err) && gzip_writer_finish(w, &err));
    assert_int_equal(ftruncate(fd, lseek(fd, 0, SEEK_END) - (off_t)cut), 0);
    close(fd);
}

static void what_is_compressed_is_what_is_in_it(void **state)
{
    const struct kit *k = *state;
    struct digest want = hash_sha256(TEXT(ARRAY));
    static const char *const names[] = {"a.json.gz", "a.json", "a"};
    for (size_t i = 0; i < N_OF(names); i++) {
        struct diag_list diags = {0};
        struct seed_survey found;
        struct error err = {0};
        write_packed(k, names[i], TEXT(ARRAY), 0);
        struct seed_source *s = open_named(k, names[i], &err);
        assert_true(seed_survey(s, NOW, 10, &diags, &found, &err));
        assert_int_equal(found.items, 1);
        assert_int_equal(found.size, strlen(ARRAY));
        assert_true(digest_equal(&found.digest, &want));
        seed_source_close(s);
    }
}

static void compressed_content_that_ends_early_is_a_problem(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf out = {0};
    write_packed(k, "a.jsonl.gz", TEXT(LINES), 3);
    struct seed_source *s = open_named(k, "a.jsonl.gz", &err);
    survey(s, 10, &out);
    assert_non_null(strstr(out.data, "cannot inflate"));
    assert_non_null(strstr(out.data, "of the compressed file: it ends too early"));
    seed_source_close(s);
    buf_release(&out);
}

/* Stands in for standard input while `run` opens it. */
static struct seed_source *open_stdin(int fd, struct error *err)
{
    int saved = dup(STDIN_FILENO);
    dup2(fd, STDIN_FILENO);
    struct seed_source *s = seed_source_open("-", SOURCE_DETECT, err);
    dup2(saved, STDIN_FILENO);
    close(saved);
    return s;
}

static int pipe_of(const char *text)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], text, strlen(text)), (ssize_t)strlen(text));
    close(ends[1]);
    return ends[0];
}

static void standard_input_can_be_read_twice(void **unused)
{
    struct error err = {0};
    struct buf out = {0};
    (void)unused;
    int fd = pipe_of(LINES "x\n");
    struct seed_source *s = open_stdin(fd, &err);
    close(fd);
    assert_non_null(s);
    assert_string_equal(seed_source_path(s), "stdin");
    for (int i = 0; i < 2; i++) {
        survey(s, 10, &out);
        assert_non_null(strstr(out.data, "1 items\n2: item 2 (byte 24): "));
    }
    seed_source_close(s);
    buf_release(&out);
}

static void standard_input_that_is_a_file_is_read_from_where_it_stands(void **state)
{
    const struct kit *k = *state;
    char path[128];
    struct error err = {0};
    struct buf out = {0};
    write_seed(k, "a", TEXT("skipped" ARRAY));
    snprintf(path, sizeof path, "%s/a", k->folder);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    lseek(fd, 7, SEEK_SET);
    struct seed_source *s = open_stdin(fd, &err);
    assert_non_null(s);
    for (int i = 0; i < 2; i++) {
        survey(s, 10, &out);
        assert_string_equal(out.data, "1 items");
    }
    seed_source_close(s);
    close(fd);
    buf_release(&out);
}

static void no_room_for_the_spool_is_an_error(void **unused)
{
    (void)unused;
    for (int n = 1; n <= 2; n++) { /* making the file, writing to it */
        struct error err = {0};
        int fd = pipe_of(LINES);
        fault_set(FAULT_MODE_FAIL, (uint64_t)n);
        assert_null(open_stdin(fd, &err));
        fault_set(FAULT_MODE_NONE, 0);
        assert_int_equal(err.code, ERR_IO);
        assert_non_null(strstr(err.hint, "TMPDIR"));
        close(fd);
    }
}

/* ---- Backups --------------------------------------------------------------------------------- */

#define HEADER  "{\"account_id\":null,\"cfkv_backup\":1,\"created\":\"2026-11-24T06:15:00Z\"}\n"
#define TRAILER "{\"bytes\":1,\"keys\":1,\"sha256\":\"00\"}\n"

/* `text` with the trailer that `whole` with `keys` keys has. */
static void expect_framed(const struct kit *k, const char *whole, const char *text, int keys,
                          const char *want)
{
    struct buf framed = {0};
    struct digest digest = hash_sha256(bytes_of(whole));
    buf_addf(&framed, "%s{\"bytes\":%zu,\"keys\":%d,\"sha256\":\"", text, strlen(whole), keys);
    buf_add_hex(&framed, digest.bytes, sizeof digest.bytes);
    buf_add_str(&framed, "\"}\n");
    expect(k, "a.jsonl", buf_bytes(&framed), want);
    buf_release(&framed);
}

static void the_frame_of_a_backup_is_no_item(void **state)
{
    const struct kit *k = *state;
    expect_framed(k, HEADER LINES, HEADER LINES, 1, "1 items");
    expect_framed(k, HEADER, HEADER, 0, "0 items");
}

static void a_backup_that_lost_a_line_is_damaged(void **state)
{
    const struct kit *k = *state;
    const char *damaged =
        "1 items\n2: item 1: the backup is damaged: its content does not match its checksum";
    expect_framed(k, HEADER LINES "{\"key\":\"b\",\"value\":\"1\"}\n", HEADER LINES, 2, damaged);
    expect_framed(k, HEADER LINES, HEADER LINES, 2, damaged);
}

static void a_backup_of_several_namespaces_is_told_as_one(void **state)
{
    const struct kit *k = *state;
    expect(k, "a.jsonl", TEXT(HEADER LINES TRAILER HEADER LINES TRAILER),
           "1 items\n2: item 1: this is a backup of several namespaces");
}

static void elsewhere_the_lines_of_a_backup_are_problems(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf out = {0};
    static const char *const texts[] = {LINES HEADER, LINES TRAILER, HEADER TRAILER LINES,
                                        HEADER HEADER LINES TRAILER};
    for (size_t i = 0; i < N_OF(texts); i++) {
        write_seed(k, "a.jsonl", bytes_of(texts[i]));
        struct seed_source *s = open_named(k, "a.jsonl", &err);
        survey(s, 10, &out);
        assert_non_null(strstr(out.data, "unknown field"));
        seed_source_close(s);
    }
    buf_release(&out);
    expect(k, "a.jsonl", TEXT(HEADER LINES),
           "1 items\n3: the backup has no trailer: it was not finished");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_wrong_is_told_with_its_place),
        TEST(every_limit_is_kept),
        TEST(what_is_far_too_long_is_refused_without_being_held),
        TEST(reading_stops_when_enough_is_wrong),
        TEST(a_key_given_twice_is_found_among_many),
        TEST(keys_that_ascend_need_no_room),
        TEST(keys_before_the_first_that_breaks_the_order_count_as_well),
        TEST(no_room_for_sorting_is_an_error),
        TEST(the_format_is_told_by_name_or_first_byte),
        TEST(a_folder_is_a_source),
        TEST(a_source_that_is_not_there_is_said_so),
        TEST(what_is_compressed_is_what_is_in_it),
        TEST(compressed_content_that_ends_early_is_a_problem),
        TEST(standard_input_can_be_read_twice),
        TEST(standard_input_that_is_a_file_is_read_from_where_it_stands),
        TEST(no_room_for_the_spool_is_an_error),
        TEST(the_frame_of_a_backup_is_no_item),
        TEST(a_backup_that_lost_a_line_is_damaged),
        TEST(a_backup_of_several_namespaces_is_told_as_one),
        TEST(elsewhere_the_lines_of_a_backup_are_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
