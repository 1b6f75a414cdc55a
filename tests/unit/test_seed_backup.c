/* Backups: what is written can be read back, and nothing else passes for a backup. */
#include "test_seed_kit.h"

#include "base/mem.h"
#include "seed/backup.h"

static const struct backup_info info = {.account_id = {"0123456789abcdef0123456789abcdef", 32},
                                        .id = {"id1", 3},
                                        .title = {"shop \"caf\xc3\xa9\"", 12},
                                        .reason = {"delete", 6},
                                        .created = 1795500900};

#define WHOLE_KEYS 5

static const struct backup_key keys[WHOLE_KEYS] = {
    {.key = {"a", 1}, .value = {"1", 1}},
    {.key = {"caf\xc3\xa9/%?#", 9}, .value = {"", 0}, .metadata = {"{\"x\":\n[1.50,null]}", 18}},
    {.key = {"bin", 3}, .value = {"\0\xff\0", 3}, .expiration = 1800000000},
    {.key = {"nul", 3}, .value = {"a\0b\n", 4}, .metadata = {"12345678901234567890123", 23}},
    {.key = {"quote\"", 6}, .value = {"\"\\\x1f", 3}, .metadata = {"\"text\"", 6}},
};

static const char lines[] =
    "{\"account_id\":\"0123456789abcdef0123456789abcdef\",\"cfkv_backup\":1,"
    "\"created\":\"2026-11-24T06:15:00Z\",\"id\":\"id1\",\"reason\":\"delete\","
    "\"title\":\"shop \\\"caf\xc3\xa9\\\"\"}\n"
    "{\"key\":\"a\",\"value\":\"1\"}\n"
    "{\"key\":\"caf\xc3\xa9/%?#\",\"metadata\":{\"x\": [1.50,null]},\"value\":\"\"}\n"
    "{\"base64\":true,\"expiration\":1800000000,\"key\":\"bin\",\"value\":\"AP8A\"}\n"
    "{\"key\":\"nul\",\"metadata\":12345678901234567890123,\"value\":\"a\\u0000b\\n\"}\n"
    "{\"key\":\"quote\\\"\",\"metadata\":\"text\",\"value\":\"\\\"\\\\\\u001f\"}\n";

static void path_in(const struct kit *k, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", k->folder, name);
}

static bool write_whole(const char *path, struct error *err)
{
    struct backup_totals totals;
    struct backup_writer *w = backup_create(path, &info, err);
    if (!w)
        return false;
    for (size_t i = 0; i < WHOLE_KEYS; i++) {
        if (backup_add(w, &keys[i], err))
            continue;
        backup_abandon(w);
        return false;
    }
    return backup_finish(w, &totals, err) && totals.keys == WHOLE_KEYS;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void it_writes_a_header_a_line_a_key_and_a_trailer(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf text = {0}, want = {0};
    struct stat st;
    struct digest digest = hash_sha256(bytes_of(lines));
    char path[128], partial[140], hex[HASH_HEX_SIZE];
    path_in(k, "b.jsonl", path);
    snprintf(partial, sizeof partial, "%s.partial", path);
    if (!write_whole(path, &err))
        fail_msg("%s", err.message);
    digest_hex(&digest, hex);
    buf_addf(&want, "%s{\"bytes\":%zu,\"keys\":5,\"sha256\":\"%s\"}\n", lines, strlen(lines), hex);
    assert_true(file_read(path, 1 << 20, &text, &err));
    assert_buf(&text, want.data);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(file_exists(partial));
    buf_release(&text);
    buf_release(&want);
}

static void nothing_is_there_under_its_name_before_it_is_finished(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    char path[128], partial[140];
    path_in(k, "b.jsonl", path);
    snprintf(partial, sizeof partial, "%s.partial", path);
    write_seed(k, "b.jsonl.partial", TEXT("left by a killed run"));
    struct backup_writer *w = backup_create(path, &info, &err);
    assert_non_null(w);
    assert_true(backup_add(w, &keys[0], &err));
    assert_false(file_exists(path));
    assert_true(file_exists(partial));
    backup_abandon(w);
    assert_false(file_exists(path));
    assert_false(file_exists(partial));
    backup_abandon(NULL);
}

static void what_could_not_be_read_back_is_refused(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_key bad_key = {.key = TEXT("a\xff"), .value = TEXT("")};
    struct backup_key bad_metadata = {.key = TEXT("a"), .value = TEXT(""), .metadata = TEXT("{x")};
    struct backup_info bad_title = info;
    char path[128];
    path_in(k, "b.jsonl", path);
    struct backup_writer *w = backup_create(path, &info, &err);
    assert_false(backup_add(w, &bad_key, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_string_equal(err.message, "key 'a\\xFF' is not valid UTF-8");
    assert_false(backup_add(w, &bad_metadata, &err));
    assert_int_equal(err.code, ERR_FORMAT);
    assert_true(bytes_starts_with(bytes_of(err.message), TEXT("metadata of key 'a': at byte ")));
    backup_abandon(w);
    bad_title.title = TEXT("a\0b");
    assert_null(backup_create(path, &bad_title, &err));
    assert_int_equal(err.code, ERR_FORMAT);
}

static void a_write_that_fails_leaves_nothing(void **state)
{
    const struct kit *k = *state;
    char path[128], partial[140];
    uint64_t n = 0;
    path_in(k, "b.jsonl", path);
    snprintf(partial, sizeof partial, "%s.partial", path);
    for (bool ok = false; !ok;) {
        struct error err = {0};
        fault_set(FAULT_MODE_FAIL, ++n);
        ok = write_whole(path, &err);
        fault_set(FAULT_MODE_NONE, 0);
        assert_true(ok || err.code == ERR_IO);
        assert_true(ok == file_exists(path));
        assert_false(file_exists(partial));
    }
    assert_in_range(n, 5, 10);
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef bool (*key_fn)(void *ctx, const struct backup_key *key, struct error *err);

/* All of a file; each key to `on_key`, when there is one. */
static bool read_whole(const char *path, key_fn on_key, void *ctx, struct backup_totals *totals,
                       struct error *err)
{
    struct backup_key key;
    bool end = false;
    struct backup_reader *r = backup_open(path, err);
    bool ok = r != NULL;
    while (ok && !end) {
        ok = backup_next(r, &key, &end, err);
        if (ok && !end && on_key)
            ok = on_key(ctx, &key, err);
    }
    if (ok)
        backup_count(r, totals);
    backup_close(r);
    return ok;
}

struct collected {
    size_t n;
};

static bool collect(void *ctx, const struct backup_key *key, struct error *err)
{
    static const struct bytes metadata[WHOLE_KEYS] = {{NULL, 0},
                                                      {"{\"x\":[1.50,null]}", 17},
                                                      {NULL, 0},
                                                      {"12345678901234567890123", 23},
                                                      {"\"text\"", 6}};
    struct collected *c = ctx;
    (void)err;
    assert_true(c->n < WHOLE_KEYS);
    assert_bytes(key->key, keys[c->n].key);
    assert_bytes(key->value, keys[c->n].value);
    assert_non_null(key->value.data);
    assert_int_equal(key->expiration, keys[c->n].expiration);
    assert_true((key->metadata.data != NULL) == (metadata[c->n].data != NULL));
    assert_bytes(key->metadata, metadata[c->n]);
    c->n++;
    return true;
}

static void what_was_written_is_read_back(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct collected c = {0};
    struct backup_totals totals;
    struct digest digest = hash_sha256(bytes_of(lines));
    char path[128];
    path_in(k, "b.jsonl", path);
    assert_true(write_whole(path, &err));
    if (!read_whole(path, collect, &c, &totals, &err))
        fail_msg("%s", err.message);
    assert_int_equal(totals.keys, WHOLE_KEYS);
    assert_int_equal(totals.bytes, strlen(lines));
    assert_true(digest_equal(&totals.digest, &digest));
    assert_int_equal(c.n, WHOLE_KEYS);
}

static void the_header_is_read_back(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    char path[128];
    path_in(k, "b.jsonl", path);
    assert_true(write_whole(path, &err));
    struct backup_reader *r = backup_open(path, &err);
    const struct backup_info *got = backup_header(r);
    assert_bytes(got->account_id, info.account_id);
    assert_bytes(got->id, info.id);
    assert_bytes(got->title, info.title);
    assert_bytes(got->reason, info.reason);
    assert_int_equal(got->prefix.len, 0);
    assert_int_equal(got->created, info.created);
    backup_close(r);
}

static void an_account_may_be_absent_and_a_backup_empty(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_info local = info;
    struct backup_totals totals;
    char path[128];
    path_in(k, "b.jsonl", path);
    local.account_id = bytes_make(NULL, 0);
    local.title = TEXT("");
    local.prefix = TEXT("a/\"");
    struct backup_writer *w = backup_create(path, &local, &err);
    assert_true(backup_finish(w, &totals, &err));
    assert_true(read_whole(path, NULL, NULL, &totals, &err));
    assert_int_equal(totals.keys, 0);
    struct backup_reader *r = backup_open(path, &err);
    assert_null(backup_header(r)->account_id.data);
    assert_int_equal(backup_header(r)->title.len, 0);
    assert_bytes(backup_header(r)->prefix, local.prefix);
    backup_close(r);
}

static void many_and_large_values_pass(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_totals totals;
    struct buf value = {0};
    char path[128];
    path_in(k, "b.jsonl", path);
    for (int i = 0; i < 300000; i++)
        buf_add_char(&value, (char)(i * 7));
    struct backup_writer *w = backup_create(path, &info, &err);
    for (int i = 0; i < 300; i++) {
        char key[16];
        snprintf(key, sizeof key, "k%d", i);
        struct backup_key bk = {.key = bytes_of(key),
                                .value = bytes_make(value.data, i == 150 ? value.len : 300)};
        assert_true(backup_add(w, &bk, &err));
    }
    assert_true(backup_finish(w, &totals, &err));
    assert_int_equal(totals.keys, 300);
    assert_true(read_whole(path, NULL, NULL, &totals, &err));
    assert_int_equal(totals.keys, 300);
    buf_release(&value);
}

static void read_fails(const char *path, struct error *err)
{
    struct backup_totals totals;
    *err = (struct error){0};
    assert_false(read_whole(path, NULL, NULL, &totals, err));
}

static void a_backup_with_any_byte_changed_or_missing_is_refused(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf whole = {0};
    char path[128];
    path_in(k, "b.jsonl", path);
    assert_true(write_whole(path, &err));
    assert_true(file_read(path, 1 << 20, &whole, &err));
    for (size_t i = 0; i < whole.len; i++) {
        whole.data[i] ^= 1;
        write_seed(k, "b.jsonl", buf_bytes(&whole));
        whole.data[i] ^= 1;
        read_fails(path, &err);
        assert_int_equal(err.code, ERR_FORMAT);
        write_seed(k, "b.jsonl", bytes_make(whole.data, i));
        read_fails(path, &err);
        assert_int_equal(err.code, ERR_FORMAT);
    }
    buf_add_str(&whole, "\n");
    write_seed(k, "b.jsonl", buf_bytes(&whole));
    read_fails(path, &err);
    assert_non_null(strstr(err.message, "line 8: something follows the trailer"));
    buf_release(&whole);
}

#define HEADER                                                                                     \
    "{\"account_id\":null,\"cfkv_backup\":1,\"created\":\"2026-11-24T06:15:00Z\",\"id\":\"i\","    \
    "\"reason\":\"r\",\"title\":\"t\"}\n"

static const struct {
    const char *content, *message; /* behind the quoted path */
} wrongs[] = {
    {"", " is empty"},
    {"\n", " is not a backup of cfkv"},
    {"[]\n", " is not a backup of cfkv"},
    {"{\"key\":\"a\",\"value\":\"b\"}\n", " is not a backup of cfkv"},
    {"{\"cfkv_backup\":2}\n", " has backup format version 2"},
    {"{\"cfkv_backup\":1}\n", " line 1: the header is not as it must be"},
    {"{\"account_id\":7,\"cfkv_backup\":1,\"created\":\"2026-11-24T06:15:00Z\",\"id\":\"i\","
     "\"reason\":\"r\",\"title\":\"t\"}\n",
     " line 1: the header is not as it must be"},
    {"{\"account_id\":null,\"cfkv_backup\":1,\"created\":\"2026-02-30T06:15:00Z\",\"id\":\"i\","
     "\"reason\":\"r\",\"title\":\"t\"}\n",
     " line 1: the header is not as it must be"},
    {HEADER, " has no trailer: it was not finished"},
    {HEADER "{\"key\":\"a\",\"value\":\"b\"}", " line 2: it is cut off"},
    {HEADER "{\"key\":\"a\"}\n", " line 2: item 1 (byte 103): a bulk item needs field 'value'"},
    {HEADER "{\"key\":\"a\",\"value\":\"\",\"expiration_ttl\":60}\n",
     " line 2: a backup holds no 'expiration_ttl'"},
    {HEADER "\n", " line 2: at byte 0: the document ends too early"},
    {HEADER "{\"bytes\":1}\n", " line 2: the trailer is not as it must be"},
    {HEADER "{\"bytes\":x\n", " line 2: the trailer is not as it must be"},
    {HEADER "{\"bytes\":-1,\"keys\":0,\"sha256\":"
            "\"0000000000000000000000000000000000000000000000000000000000000000\"}\n",
     " is damaged: its content does not match its checksum"},
};

static void what_is_no_backup_is_refused_with_the_reason(void **state)
{
    const struct kit *k = *state;
    char path[128], want[256];
    path_in(k, "b.jsonl", path);
    for (size_t i = 0; i < N_OF(wrongs); i++) {
        struct error err;
        write_seed(k, "b.jsonl", bytes_of(wrongs[i].content));
        read_fails(path, &err);
        snprintf(want, sizeof want, "'%s'%s", path, wrongs[i].message);
        assert_string_equal(err.message, want);
        assert_int_equal(err.code, ERR_FORMAT);
    }
}

static void a_wrong_count_of_keys_is_damage(void **state)
{
    const struct kit *k = *state;
    struct digest digest = hash_sha256(bytes_of(HEADER));
    struct buf text = {0};
    struct error err;
    char path[128], hex[HASH_HEX_SIZE];
    path_in(k, "b.jsonl", path);
    digest_hex(&digest, hex);
    buf_addf(&text, "%s{\"bytes\":%zu,\"keys\":1,\"sha256\":\"%s\"}\n", HEADER, strlen(HEADER),
             hex);
    write_seed(k, "b.jsonl", buf_bytes(&text));
    read_fails(path, &err);
    assert_non_null(strstr(err.message, "is damaged: it holds 0 keys, not 1"));
    buf_release(&text);
}

static void folders_and_missing_files_are_errors(void **state)
{
    const struct kit *k = *state;
    struct error err;
    char path[128];
    read_fails(k->folder, &err);
    assert_int_equal(err.code, ERR_FORMAT);
    path_in(k, "none", path);
    read_fails(path, &err);
    assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void metadata_that_is_null_is_not_none(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_key key = {.key = TEXT("a"), .value = TEXT(""), .metadata = TEXT("null")};
    struct backup_totals totals;
    bool end;
    char path[128];
    path_in(k, "b.jsonl", path);
    struct backup_writer *w = backup_create(path, &info, &err);
    assert_true(backup_add(w, &key, &err));
    assert_true(backup_finish(w, &totals, &err));
    struct backup_reader *r = backup_open(path, &err);
    assert_true(backup_next(r, &key, &end, &err));
    assert_bytes(key.metadata, TEXT("null"));
    backup_close(r);
}

static bool write_keys(const char *path, const char *const *names, size_t n)
{
    struct error err = {0};
    struct backup_totals totals;
    struct backup_writer *w = backup_create(path, &info, &err);
    for (size_t i = 0; i < n; i++) {
        struct backup_key key = {.key = bytes_of(names[i]), .value = TEXT("v")};
        assert_true(backup_add(w, &key, &err));
    }
    return backup_finish(w, &totals, &err);
}

static bool is_ordered(const char *path)
{
    struct error err = {0};
    struct backup_key key;
    bool end = false;
    struct backup_reader *r = backup_open(path, &err);
    while (!end)
        assert_true(backup_next(r, &key, &end, &err));
    bool ordered = backup_ordered(r);
    backup_close(r);
    return ordered;
}

static void whether_keys_are_in_order_is_known_at_the_end(void **state)
{
    char path[128];
    path_in(*state, "b.jsonl", path);
    assert_true(write_keys(path, (const char *[]){"a", "aa", "b", "\xc3\xa9"}, 4));
    assert_true(is_ordered(path));
    assert_true(write_keys(path, (const char *[]){"b", "a"}, 2));
    assert_false(is_ordered(path));
    assert_true(write_keys(path, (const char *[]){"a", "a"}, 2));
    assert_false(is_ordered(path));
    assert_true(write_keys(path, NULL, 0));
    assert_true(is_ordered(path));
}

/* ---- Going on -------------------------------------------------------------------------------- */

static const struct backup_key row[] = {
    {.key = {"a", 1}, .value = {"1", 1}},
    {.key = {"b", 1}, .value = {"2", 1}, .expiration = 1800000000},
    {.key = {"c", 1}, .value = {"3", 1}},
};

static struct backup_writer *go_on(const char *path, bool restart, struct backup_begun *begun)
{
    struct error err = {0};
    struct backup_writer *w = backup_resume(path, &info, restart, begun, &err);
    if (!w)
        fail_msg("%s", err.message);
    return w;
}

static void add_row(struct backup_writer *w, size_t from, size_t to)
{
    struct error err = {0};
    for (size_t i = from; i < to; i++)
        assert_true(backup_add(w, &row[i], &err));
}

/* The bytes of a backup that was never interrupted. */
static void write_row(const char *path, struct buf *text)
{
    struct error err = {0};
    struct backup_begun begun;
    struct backup_totals totals;
    struct backup_writer *w = go_on(path, true, &begun);
    add_row(w, 0, N_OF(row));
    assert_true(backup_finish(w, &totals, &err));
    assert_true(file_read(path, 1 << 20, text, &err));
}

static void assert_same_file(const char *path, const struct buf *want)
{
    struct error err = {0};
    struct buf text = {0};
    assert_true(file_read(path, 1 << 20, &text, &err));
    assert_buf(&text, want->data);
    buf_release(&text);
}

static void an_interrupted_backup_is_gone_on_with_behind_its_last_key(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf whole = {0};
    struct backup_begun begun;
    struct backup_totals totals;
    char path[128], other[128];
    path_in(k, "whole.jsonl", other);
    path_in(k, "b.jsonl", path);
    write_row(other, &whole);
    struct backup_writer *w = go_on(path, false, &begun);
    assert_int_equal(begun.keys, 0);
    assert_null(begun.last.data);
    add_row(w, 0, 2);
    backup_abandon(w);
    assert_false(file_exists(path));
    w = go_on(path, false, &begun);
    assert_int_equal(begun.keys, 2);
    assert_bytes(begun.last, TEXT("b"));
    assert_int_equal(begun.since, info.created);
    add_row(w, 2, 3);
    assert_true(backup_finish(w, &totals, &err));
    assert_int_equal(totals.keys, 3);
    assert_same_file(path, &whole);
    buf_release(&whole);
}

/* Wherever the file ends, what is whole of it is kept, and the result is the same. */
static void a_backup_that_was_cut_anywhere_is_gone_on_with(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf whole = {0};
    struct backup_begun begun;
    struct backup_totals totals;
    char path[128];
    path_in(k, "b.jsonl", path);
    write_row(path, &whole);
    for (size_t cut = 0; cut <= whole.len; cut++) {
        unlink(path);
        write_seed(k, "b.jsonl.partial", bytes_make(whole.data, cut));
        struct backup_writer *w = go_on(path, false, &begun);
        assert_true(begun.keys <= N_OF(row));
        add_row(w, begun.keys, N_OF(row));
        assert_true(backup_finish(w, &totals, &err));
        assert_same_file(path, &whole);
    }
    assert_int_equal(begun.keys, N_OF(row));
    buf_release(&whole);
}

static void what_is_damaged_in_an_unfinished_backup_is_dropped_and_all_behind_it(void **state)
{
    const struct kit *k = *state;
    struct buf whole = {0}, bad = {0};
    struct backup_begun begun;
    char path[128];
    path_in(k, "b.jsonl", path);
    write_row(path, &whole);
    const char *second = strstr(whole.data, "{\"expiration\"");
    buf_add(&bad, whole.data, (size_t)(second - whole.data));
    buf_add_str(&bad, "{\"key\":\"a\",\"value\":\"again\"}\n{\"key\":\"b\",\"value\":\"2\"}\n");
    write_seed(k, "b.jsonl.partial", buf_bytes(&bad));
    struct backup_writer *w = go_on(path, false, &begun);
    assert_int_equal(begun.keys, 1);
    backup_abandon(w);
    buf_release(&whole);
    buf_release(&bad);
}

static void an_unfinished_backup_of_something_else_is_not_touched(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_begun begun;
    struct backup_info other = info;
    char path[128];
    path_in(k, "b.jsonl", path);
    struct backup_writer *w = go_on(path, false, &begun);
    add_row(w, 0, 2);
    backup_abandon(w);
    other.prefix = TEXT("x");
    assert_null(backup_resume(path, &other, false, &begun, &err));
    assert_int_equal(err.code, ERR_EXISTS);
    other = info;
    other.id = TEXT("another");
    assert_null(backup_resume(path, &other, false, &begun, &err));
    other = info;
    other.account_id = bytes_make(NULL, 0);
    assert_null(backup_resume(path, &other, false, &begun, &err));
    backup_abandon(go_on(path, false, &begun));
    assert_int_equal(begun.keys, 2);
    backup_abandon(go_on(path, true, &begun));
    assert_int_equal(begun.keys, 0);
}

static void an_unfinished_backup_that_is_too_old_is_begun_anew(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_begun begun;
    struct backup_info later = info;
    char path[128];
    path_in(k, "b.jsonl", path);
    struct backup_writer *w = go_on(path, false, &begun);
    add_row(w, 0, 2);
    backup_abandon(w);
    later.created += BACKUP_RESUME_SECONDS + 1;
    w = backup_resume(path, &later, false, &begun, &err);
    assert_non_null(w);
    assert_true(begun.too_old);
    assert_int_equal(begun.keys, 0);
    backup_abandon(w);
}

static void one_run_at_a_time_writes_a_backup(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_begun begun, second;
    char path[128];
    path_in(k, "b.jsonl", path);
    struct backup_writer *w = go_on(path, false, &begun);
    add_row(w, 0, 2);
    assert_null(backup_resume(path, &info, false, &second, &err));
    assert_int_equal(err.code, ERR_LOCKED);
    backup_abandon(w);
    backup_abandon(go_on(path, false, &begun));
    assert_int_equal(begun.keys, 2);
}

static void a_link_in_place_of_the_unfinished_file_is_not_followed(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_begun begun;
    char path[128], partial[140], target[128];
    path_in(k, "b.jsonl", path);
    path_in(k, "precious", target);
    snprintf(partial, sizeof partial, "%s.partial", path);
    write_seed(k, "precious", TEXT("bytes"));
    assert_int_equal(symlink(target, partial), 0);
    assert_null(backup_resume(path, &info, true, &begun, &err));
    assert_int_equal(err.code, ERR_IO);
}

/* ---- Compressed, and streamed ---------------------------------------------------------------- */

static void a_name_that_ends_in_gz_is_compressed_and_read_back(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct buf whole = {0}, text = {0};
    struct stat st;
    struct backup_totals plain, compressed;
    char path[128], gz[128], partial[140];
    path_in(k, "b.jsonl", path);
    path_in(k, "b.jsonl.gz", gz);
    snprintf(partial, sizeof partial, "%s.partial", gz);
    write_row(path, &whole);
    write_row(gz, &text);
    assert_true(bytes_starts_with(buf_bytes(&text), TEXT("\x1f\x8b")));
    assert_false(file_exists(partial));
    assert_int_equal(stat(gz, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_true(read_whole(path, NULL, NULL, &plain, &err));
    assert_true(read_whole(gz, NULL, NULL, &compressed, &err));
    assert_int_equal(plain.bytes, compressed.bytes);
    assert_true(digest_equal(&plain.digest, &compressed.digest));
    for (size_t cut = 0; cut < text.len; cut++) {
        write_seed(k, "b.jsonl.gz", bytes_make(text.data, cut));
        read_fails(gz, &err);
        assert_int_equal(err.code, ERR_FORMAT);
    }
    buf_release(&whole);
    buf_release(&text);
}

static bool finish_row(const char *path, struct error *err)
{
    struct backup_begun begun;
    struct backup_totals totals;
    struct backup_writer *w = backup_resume(path, &info, false, &begun, err);
    for (size_t i = begun.keys; w && i < N_OF(row); i++) {
        if (backup_add(w, &row[i], err))
            continue;
        backup_abandon(w);
        return false;
    }
    return w && backup_finish(w, &totals, err);
}

/* Whatever fails, the next run makes it whole, and nothing passes for whole before. */
static void a_write_that_fails_is_made_good_by_the_next_run(void **state)
{
    const struct kit *k = *state;
    static const char *const names[] = {"b.jsonl", "b.jsonl.gz"};
    for (size_t i = 0; i < N_OF(names); i++) {
        char path[128];
        uint64_t n = 0;
        path_in(k, names[i], path);
        for (bool ok = false; !ok;) {
            struct error err = {0};
            struct backup_totals totals;
            fault_set(FAULT_MODE_FAIL, ++n);
            ok = finish_row(path, &err);
            fault_set(FAULT_MODE_NONE, 0);
            assert_true(ok || err.code == ERR_IO);
            assert_true(ok || !file_exists(path) || read_whole(path, NULL, NULL, &totals, &err));
            assert_true(ok || finish_row(path, &err));
            assert_true(read_whole(path, NULL, NULL, &totals, &err));
            assert_int_equal(totals.keys, N_OF(row));
            unlink(path);
        }
        assert_in_range(n, 4, 16);
    }
}

static void a_backup_goes_onto_a_descriptor_that_stays_open(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_totals totals;
    char path[128];
    path_in(k, "b.jsonl", path);
    FILE *f = fopen(path, "w");
    struct backup_writer *w = backup_stream(fileno(f), "stdout", &info, &err);
    add_row(w, 0, 3);
    assert_true(backup_finish(w, &totals, &err));
    assert_int_equal(fclose(f), 0);
    assert_true(read_whole(path, NULL, NULL, &totals, &err));
    assert_int_equal(totals.keys, 3);
}

/* ---- Where ----------------------------------------------------------------------------------- */

static void remove_tree(const char *folder)
{
    static const char *const names[] = {"20261124T061500Z-shop__caf___-delete.jsonl", ".gitignore",
                                        "", NULL};
    char path[256];
    for (size_t i = 0; names[i]; i++) {
        snprintf(path, sizeof path, "%s/.cfkv/backups/%s", folder, names[i]);
        if (names[i][0])
            unlink(path);
        else
            rmdir(path);
    }
    snprintf(path, sizeof path, "%s/.cfkv", folder);
    rmdir(path);
}

static const char *dir_of(const struct kit *k)
{
    static char dir[256];
    snprintf(dir, sizeof dir, "%s/.cfkv/backups", k->folder);
    return dir;
}

static void a_backup_gets_a_name_of_its_own_in_a_private_folder(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct stat st;
    struct buf ignore = {0};
    char *path, folder[128], want[256];
    assert_true(backup_path(dir_of(k), &info, &path, &err));
    snprintf(folder, sizeof folder, "%s/.cfkv/backups", k->folder);
    snprintf(want, sizeof want, "%s/20261124T061500Z-shop__caf___-delete.jsonl", folder);
    assert_string_equal(path, want);
    assert_int_equal(stat(folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    snprintf(want, sizeof want, "%s/.gitignore", folder);
    assert_true(file_read(want, 100, &ignore, &err));
    assert_buf(&ignore, "*\n");

    assert_true(write_whole(path, &err));
    mem_free(path);
    assert_true(backup_path(dir_of(k), &info, &path, &err));
    snprintf(want, sizeof want, "%s/20261124T061500Z-shop__caf___-delete-2.jsonl", folder);
    assert_string_equal(path, want);
    mem_free(path);
    buf_release(&ignore);
    remove_tree(k->folder);
}

static void a_title_cannot_lead_out_of_the_folder(void **state)
{
    const struct kit *k = *state;
    struct error err = {0};
    struct backup_info bad = info;
    char *path, title[400];
    memset(title, '/', sizeof title);
    memcpy(title, "../..", 5);
    bad.title = bytes_make(title, sizeof title);
    assert_true(backup_path(dir_of(k), &bad, &path, &err));
    const char *name = strrchr(path, '/') + 1;
    assert_true(bytes_starts_with(bytes_of(name), TEXT("20261124T061500Z-.._..___")));
    assert_in_range(strlen(name), 100, 200);
    mem_free(path);
    remove_tree(k->folder);
}

static void assert_file_name(struct bytes title, const char *want)
{
    struct backup_info named = {.id = TEXT("0123abcd"), .title = title};
    struct buf name = {0};
    backup_file_name(&named, &name);
    assert_buf(&name, want);
    buf_release(&name);
}

static void a_file_in_a_folder_is_named_after_the_title_and_is_the_only_one(void **state)
{
    (void)state;
    assert_file_name(TEXT("shop-cache_1.0"), "shop-cache_1.0.jsonl");
    assert_file_name(TEXT("shop cache"), "shop_cache-0123abcd.jsonl");
    assert_file_name(TEXT("../x"), "_.._x-0123abcd.jsonl");
    assert_file_name(TEXT(".hidden"), "_.hidden-0123abcd.jsonl");
    assert_file_name(TEXT(""), "0123abcd.jsonl");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_setup, kit_teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_writes_a_header_a_line_a_key_and_a_trailer),
        TEST(nothing_is_there_under_its_name_before_it_is_finished),
        TEST(what_could_not_be_read_back_is_refused),
        TEST(a_write_that_fails_leaves_nothing),
        TEST(what_was_written_is_read_back),
        TEST(the_header_is_read_back),
        TEST(an_account_may_be_absent_and_a_backup_empty),
        TEST(many_and_large_values_pass),
        TEST(a_backup_with_any_byte_changed_or_missing_is_refused),
        TEST(what_is_no_backup_is_refused_with_the_reason),
        TEST(a_wrong_count_of_keys_is_damage),
        TEST(folders_and_missing_files_are_errors),
        TEST(metadata_that_is_null_is_not_none),
        TEST(whether_keys_are_in_order_is_known_at_the_end),
        TEST(an_interrupted_backup_is_gone_on_with_behind_its_last_key),
        TEST(a_backup_that_was_cut_anywhere_is_gone_on_with),
        TEST(what_is_damaged_in_an_unfinished_backup_is_dropped_and_all_behind_it),
        TEST(an_unfinished_backup_of_something_else_is_not_touched),
        TEST(an_unfinished_backup_that_is_too_old_is_begun_anew),
        TEST(one_run_at_a_time_writes_a_backup),
        TEST(a_link_in_place_of_the_unfinished_file_is_not_followed),
        TEST(a_name_that_ends_in_gz_is_compressed_and_read_back),
        TEST(a_write_that_fails_is_made_good_by_the_next_run),
        TEST(a_backup_goes_onto_a_descriptor_that_stays_open),
        TEST(a_file_in_a_folder_is_named_after_the_title_and_is_the_only_one),
        TEST(a_backup_gets_a_name_of_its_own_in_a_private_folder),
        TEST(a_title_cannot_lead_out_of_the_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
