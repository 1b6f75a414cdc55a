/* Three versions of a state become one. */
#include "test_state_kit.h"

#include "state/merge.h"

#define SALT  "\"salt\": \"000102030405060708090a0b0c0d0e0f\""
#define OTHER "\"salt\": \"0f0e0d0c0b0a09080706050403020100\""
#define SHA   "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define SHB   "486ea46224d1bb4fb680f34f7c9ad96a8f24ec88be73ea8e5afa65260e9cb8a7"

/* A state whose one account has these namespaces, and these members beside the accounts. */
#define STATE(namespaces, more)                                                                    \
    "{\"accounts\": {\"local\": {\"namespaces\": {" namespaces "}}}, " more SALT ", \"version\": " \
    "2}"
#define NS(address, id, more)                                                                      \
    "\"" address "\": {\"id\": \"" id                                                              \
    "\", \"origin\": \"created\", \"title\": \"t\", \"ttl_seconds\": 0" more "}"
#define KEYS(keys)        ", \"keys\": {" keys "}"
#define KEY(name, digest) "\"" name "\": {\"hmac\": \"v2:" digest "\", \"origin\": \"wrote\"}"
#define PLAIN(name, hex)  "\"" name "\": {\"hmac\": \"" hex "\"}"
#define OUTPUTS(outputs)  "\"outputs\": {" outputs "}, "

static bool merge_texts(const char *base, const char *ours, const char *theirs,
                        struct state_merge *result, struct error *err)
{
    struct state_text b = {"base", bytes_of(base)}, o = {"ours", bytes_of(ours)},
                      t = {"theirs", bytes_of(theirs)};
    *result = (struct state_merge){0};
    return state_merge(&b, &o, &t, result, err);
}

/* A document as it is printed. */
static void normal(const char *document, struct buf *out)
{
    struct disk d = {0};
    struct state s;
    buf_add_str(&d.document, document);
    open_state(&s, &d);
    print_state(&s, out);
    state_close(&s);
    disk_release(&d);
}

static void merges_to(const char *base, const char *ours, const char *theirs, const char *want)
{
    struct state_merge result;
    struct error err = {0};
    struct buf printed = {0};
    if (!merge_texts(base, ours, theirs, &result, &err))
        fail_msg("%s", err.message);
    assert_string_equal(result.conflicts.data ? result.conflicts.data : "", "");
    normal(want, &printed);
    assert_buf(&result.out, printed.data);
    buf_release(&printed);
    state_merge_release(&result);
}

/* ---- What merges ----------------------------------------------------------------------------- */

static const struct {
    const char *base, *ours, *theirs, *want;
} merges[] = {
    /* each side adds a namespace, with its output */
    {STATE("", ""), STATE(NS("a", "1", ""), OUTPUTS("\"a\": {\"value\": 1}")),
     STATE(NS("b", "2", KEYS(KEY("k", SHA))), OUTPUTS("\"b\": {\"value\": 2}")),
     STATE(NS("a", "1", "") ", " NS("b", "2", KEYS(KEY("k", SHA))),
           OUTPUTS("\"a\": {\"value\": 1}, \"b\": {\"value\": 2}"))},
    /* neighbours in one namespace */
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     STATE(NS("a", "1", KEYS(KEY("j", SHA) ", " KEY("k", SHA))), ""),
     STATE(NS("a", "1", KEYS(KEY("k", SHB) ", " KEY("l", SHA))), ""),
     STATE(NS("a", "1", KEYS(KEY("j", SHA) ", " KEY("k", SHB) ", " KEY("l", SHA))), "")},
    /* attributes on one side, keys on the other */
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     STATE(NS("a", "1", ", \"protect\": true" KEYS(KEY("k", SHA))), ""),
     STATE(NS("a", "1", ""), ""), STATE(NS("a", "1", ", \"protect\": true"), "")},
    /* both did the same */
    {STATE(NS("a", "1", ""), ""), STATE("", ""), STATE("", ""), STATE("", "")},
    {STATE("", ""), STATE(NS("a", "1", ""), ""), STATE(NS("a", "1", ""), ""),
     STATE(NS("a", "1", ""), "")},
    /* removed on one side */
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))) ", " NS("b", "2", ""), ""),
     STATE(NS("a", "1", KEYS(KEY("k", SHA))) ", " NS("b", "2", ""), ""),
     STATE(NS("b", "2", ""), ""), STATE(NS("b", "2", ""), "")},
    {STATE(NS("a", "1", "") ", " NS("b", "2", ""), ""), STATE(NS("b", "2", ""), ""),
     STATE(NS("a", "1", "") ", " NS("b", "3", ""), ""), STATE(NS("b", "3", ""), "")},
    /* moved on one side: another address, the same id */
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""), STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     STATE(NS("b", "1", KEYS(KEY("k", SHA))), ""), STATE(NS("b", "1", KEYS(KEY("k", SHA))), "")},
    /* ids change places on one side */
    {STATE(NS("a", "1", "") ", " NS("b", "2", ""), ""),
     STATE(NS("a", "1", "") ", " NS("b", "2", ""), ""),
     STATE(NS("a", "2", "") ", " NS("b", "1", ""), ""),
     STATE(NS("a", "2", "") ", " NS("b", "1", ""), "")},
    /* both sides added the file, from one start */
    {"", STATE(NS("a", "1", ""), "\"project\": \"p\", "),
     STATE(NS("b", "2", ""), "\"project\": \"p\", "),
     STATE(NS("a", "1", "") ", " NS("b", "2", ""), "\"project\": \"p\", ")},
    /* bulk sources, bindings, settings, members that are not known, creates in the air */
    {STATE(NS("a", "1", ", \"bulk\": {\"s\": {\"count\": 1, \"sha256\": \"" SHA "\"}}"), ""),
     STATE(NS("a", "1", ", \"bulk\": {\"s\": {\"count\": 1, \"sha256\": \"" SHA "\"}}"),
           "\"wrangler\": {\"w\": {\"\": {\"A\": {\"id\": \"1\"}}}}, "),
     STATE(NS("a", "1", ", \"bulk\": {\"r\": {\"count\": 2, \"sha256\": \"" SHB "\"}}"),
           "\"wrangler\": {\"w\": {\"\": {\"B\": {}}}}, \"settings\": {\"guards\": {\"mass_from\": "
           "5}}, "
           "\"lineage\": 1, "),
     STATE(NS("a", "1", ", \"bulk\": {\"r\": {\"count\": 2, \"sha256\": \"" SHB "\"}}"),
           "\"wrangler\": {\"w\": {\"\": {\"A\": {\"id\": \"1\"}, \"B\": {}}}}, \"settings\": "
           "{\"guards\": {\"mass_from\": 5}}, \"lineage\": 1, ")},
    {"{\"accounts\": {\"local\": {\"creating\": [\"x\", \"y\"]}}, " SALT ", \"version\": 2}",
     "{\"accounts\": {\"local\": {\"creating\": [\"x\", \"y\", \"z\"]}}, " SALT ", \"version\": 2}",
     "{\"accounts\": {\"local\": {\"creating\": [\"w\", \"y\"]}}, " SALT ", \"version\": 2}",
     "{\"accounts\": {\"local\": {\"creating\": [\"w\", \"y\", \"z\"]}}, " SALT
     ", \"version\": 2}"},
    /* what is about to be put: each side's, and no more what is known by now */
    {STATE(NS("a", "1", ", \"writing\": {" KEY("k", SHA) ", " KEY("l", SHA) "}"), ""),
     STATE(NS("a", "1", ", \"writing\": {" KEY("l", SHA) ", " KEY("m", SHA) "}"), ""),
     STATE(NS("a", "1", ", \"writing\": {" KEY("k", SHA) ", " KEY("n", SHA) "}"), ""),
     STATE(NS("a", "1", ", \"writing\": {" KEY("m", SHA) ", " KEY("n", SHA) "}"), "")},
    {"{\"accounts\": {\"local\": {\"writing\": {\"x\": {" KEY("k", SHA) "}}}}, " SALT
                                                                        ", \"version\": 2}",
     "{\"accounts\": {}, " SALT ", \"version\": 2}",
     "{\"accounts\": {\"local\": {\"writing\": {\"x\": {" KEY("k", SHA) "}, \"y\": {" KEY(
         "k", SHA) "}}}}, " SALT ", \"version\": 2}",
     "{\"accounts\": {\"local\": {\"writing\": {\"y\": {" KEY("k", SHA) "}}}}, " SALT
                                                                        ", \"version\": 2}"},
    /* ours went to version 2 meanwhile */
    {"{\"accounts\": {\"local\": {\"namespaces\": {" NS(
         "a", "1", KEYS(PLAIN("k", SHA))) "}}}, \"outputs\": {\"o\": 1}, " SALT ", \"version\": 1}",
     STATE(NS("a", "1", KEYS(KEY("k", SHB))),
           OUTPUTS("\"o\": {\"namespaces\": {\"local\": [\"a\"]}, \"value\": 1}")),
     "{\"accounts\": {\"local\": {\"namespaces\": {" NS(
         "a", "1", KEYS(PLAIN("k", SHA) ", " PLAIN("l", SHA))) "}}}, \"outputs\": {\"o\": 1}, " SALT
                                                               ", \"version\": 1}",
     STATE(NS("a", "1", KEYS(KEY("k", SHB) ", " PLAIN("l", SHA))),
           OUTPUTS("\"o\": {\"namespaces\": {\"local\": [\"a\"]}, \"value\": 1}"))},
};

static void what_one_side_changed_is_taken(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_OF(merges); i++)
        merges_to(merges[i].base, merges[i].ours, merges[i].theirs, merges[i].want);
}

/* Whoever merges gets the same, where both sides are of one version. */
static void sides_are_alike(void **unused)
{
    (void)unused;
    for (size_t i = 0; i + 1 < N_OF(merges); i++)
        merges_to(merges[i].base, merges[i].theirs, merges[i].ours, merges[i].want);
}

static void a_side_that_changed_nothing_does_not_count(void **unused)
{
    (void)unused;
    for (size_t i = 0; i + 1 < N_OF(merges); i++) {
        const char *base = *merges[i].base ? merges[i].base : STATE("", "");
        merges_to(base, base, merges[i].theirs, merges[i].theirs);
        merges_to(base, merges[i].ours, base, merges[i].ours);
    }
}

/* ---- What does not --------------------------------------------------------------------------- */

static const struct {
    const char *base, *ours, *theirs, *conflict;
} conflicts[] = {
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     STATE(NS("a", "1", KEYS("\"k\": {\"hmac\": \"v2:" SHA "\", \"ttl\": 60}")), ""),
     STATE(NS("a", "1", KEYS(KEY("k", SHB))), ""),
     "key 'k' of namespace 'a' in account 'local': both sides changed it\n"},
    {STATE(NS("a", "1", ""), ""), STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     STATE(NS("a", "1", KEYS(KEY("k", SHB))), ""),
     "key 'k' of namespace 'a' in account 'local': both sides added it, not alike\n"},
    {STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""), STATE(NS("a", "1", ""), ""),
     STATE(NS("a", "1", KEYS(KEY("k", SHB))), ""),
     "key 'k' of namespace 'a' in account 'local': ours removed it, theirs changed it\n"},
    {STATE(NS("a", "1", ""), ""), STATE("", ""), STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
     "namespace 'a' in account 'local': ours removed it, theirs changed it\n"},
    {STATE(NS("a", "1", ""), ""), STATE(NS("a", "1", ", \"protect\": true"), ""), STATE("", ""),
     "namespace 'a' in account 'local': ours changed it, theirs removed it\n"},
    {STATE(NS("a", "1", ""), ""), STATE(NS("b", "1", ""), ""), STATE(NS("c", "1", ""), ""),
     "namespace 'b' in account 'local': the other side has its id under another address\n"},
    {STATE("", ""), STATE("", OUTPUTS("\"o\": {\"value\": 1}")),
     STATE("", OUTPUTS("\"o\": {\"value\": 2}")), "output 'o': both sides added it, not alike\n"},
    {STATE("", "\"settings\": {\"account_id\": \"x\"}, "),
     STATE("", "\"settings\": {\"account_id\": \"y\"}, "),
     STATE("", "\"settings\": {\"account_id\": \"z\"}, "),
     "the project's settings: both sides changed it\n"},
    {STATE("", ""), STATE("", "\"wrangler\": {\"w\": {\"\": {\"A\": {\"id\": \"1\"}}}}, "),
     STATE("", "\"wrangler\": {\"w\": {\"\": {\"A\": {\"id\": \"2\"}}}}, "),
     "binding 'A' of wrangler config 'w': both sides added it, not alike\n"},
};

/* The text without the lines of one side; `skip`: of the markers' parts, 1 is ours, 2 theirs. */
static void keep_side(const struct buf *text, int skip, struct buf *out)
{
    int part = 0;
    for (const char *line = text->data; *line;) {
        const char *end = strchr(line, '\n') + 1;
        int at = strncmp(line, "<<<<<<<", 7) == 0   ? 1
                 : strncmp(line, "=======", 7) == 0 ? 2
                 : strncmp(line, ">>>>>>>", 7) == 0 ? 3
                                                    : 0;
        if (at)
            part = at % 3;
        else if (part != skip)
            buf_add(out, line, (size_t)(end - line));
        line = end;
    }
}

/* Who keeps the lines of one side has that side. */
static void conflicts_are_named_and_both_versions_are_there(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_OF(conflicts); i++) {
        struct state_merge result;
        struct error err = {0};
        struct buf side = {0}, want = {0};
        struct disk d = {0};
        assert_true(
            merge_texts(conflicts[i].base, conflicts[i].ours, conflicts[i].theirs, &result, &err));
        assert_buf(&result.conflicts, conflicts[i].conflict);
        assert_int_equal(result.n_conflicts, 1);
        buf_add_bytes(&d.document, buf_bytes(&result.out));
        open_fails(&d, &err);
        assert_non_null(strstr(err.message, "has a merge conflict at line"));
        keep_side(&result.out, 2, &side);
        normal(conflicts[i].ours, &want);
        assert_buf(&side, want.data);
        buf_clear(&side);
        buf_clear(&want);
        keep_side(&result.out, 1, &side);
        normal(conflicts[i].theirs, &want);
        assert_buf(&side, want.data);
        state_merge_release(&result);
        buf_release(&side);
        buf_release(&want);
        disk_release(&d);
    }
}

/* With another salt digests cannot be compared: what ours says of a key that both have stays. */
static void states_of_two_beginnings_merge(void **unused)
{
    struct state_merge result;
    struct error err = {0};
    struct buf want = {0};
    (void)unused;
    assert_true(merge_texts(
        "", STATE(NS("a", "1", KEYS(KEY("k", SHA))), ""),
        "{\"accounts\": {\"local\": {\"namespaces\": {" NS(
            "a", "1", KEYS(KEY("k", SHB) ", " KEY("l", SHB))) "}}}, " OTHER ", \"version\": 2}",
        &result, &err));
    assert_true(result.salts_differ);
    assert_int_equal(result.n_conflicts, 0);
    normal(STATE(NS("a", "1", KEYS(KEY("k", SHA) ", " KEY("l", SHB))), ""), &want);
    assert_buf(&result.out, want.data);
    buf_release(&want);
    state_merge_release(&result);
}

static void what_is_no_state_is_not_merged(void **unused)
{
    static const struct {
        const char *base, *ours, *theirs, *message;
    } wrongs[] = {
        {"{", STATE("", ""), STATE("", ""), "state 'base' is broken at line 1"},
        {"", "", STATE("", ""), "state 'ours' is damaged: it is empty"},
        {"", STATE("", ""), "", "state 'theirs' is damaged: it is empty"},
        {"", STATE("", ""), "{\"version\": 9}", "state 'theirs' was written by a newer cfkv"},
    };
    (void)unused;
    for (size_t i = 0; i < N_OF(wrongs); i++) {
        struct state_merge result;
        struct error err = {0};
        assert_false(merge_texts(wrongs[i].base, wrongs[i].ours, wrongs[i].theirs, &result, &err));
        assert_int_equal(err.code, ERR_FORMAT);
        assert_memory_equal(err.message, wrongs[i].message, strlen(wrongs[i].message));
        assert_int_equal(result.out.len, 0);
        state_merge_release(&result);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_side_changed_is_taken),
        cmocka_unit_test(sides_are_alike),
        cmocka_unit_test(a_side_that_changed_nothing_does_not_count),
        cmocka_unit_test(conflicts_are_named_and_both_versions_are_there),
        cmocka_unit_test(states_of_two_beginnings_merge),
        cmocka_unit_test(what_is_no_state_is_not_merged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
