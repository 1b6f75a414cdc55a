/* The document of a state: what is printed, and what is not read. */
#include <stdio.h>

#include "test_state_kit.h"

#define SALT "\"salt\": \"000102030405060708090a0b0c0d0e0f\""
#define SHA  "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define HINT                                                                                       \
    "restore it from version control or move it away: without a state everything declared "        \
    "is adopted or created"

static const char whole[] = "{\n"
                            "  \"version\": 2,\n"
                            "  \"accounts\": {\n"
                            "    \"0123456789abcdef0123456789abcdef\": {\n"
                            "      \"creating\": [\n"
                            "        \"shop-a-dev\",\n"
                            "        \"shop-b-dev\"\n"
                            "      ],\n"
                            "      \"namespaces\": {}\n"
                            "    },\n"
                            "    \"local\": {\n"
                            "      \"namespaces\": {\n"
                            "        \"shop/config/prod\": {\n"
                            "          \"binding\": \"CONFIG\",\n"
                            "          \"bulk\": {\n"
                            "            \"seed/prod.json\": {\n"
                            "              \"count\": 12,\n"
                            "              \"sha256\": \"" SHA "\"\n"
                            "            }\n"
                            "          },\n"
                            "          \"created\": \"2026-11-30\",\n"
                            "          \"description\": \"Flags\",\n"
                            "          \"env\": \"prod\",\n"
                            "          \"id\": \"id1\",\n"
                            "          \"keys\": {\n"
                            "            \"a\": {\n"
                            "              \"hmac\": \"v2:" SHA "\",\n"
                            "              \"origin\": \"found\",\n"
                            "              \"ttl\": 60\n"
                            "            },\n"
                            "            \"b\": {\n"
                            "              \"hmac\": \"v2:" SHA "\",\n"
                            "              \"origin\": \"wrote\",\n"
                            "              \"secret\": true\n"
                            "            },\n"
                            "            \"\xc3\xa9\": {\n"
                            "              \"hmac\": \"" SHA "\"\n"
                            "            }\n"
                            "          },\n"
                            "          \"on_remove\": \"keep\",\n"
                            "          \"origin\": \"created\",\n"
                            "          \"protect\": true,\n"
                            "          \"title\": \"shop-config-prod\",\n"
                            "          \"ttl_seconds\": 3600\n"
                            "        },\n"
                            "        \"shop/old/dev\": {\n"
                            "          \"bulk\": {},\n"
                            "          \"id\": \"id2\",\n"
                            "          \"keys\": {},\n"
                            "          \"origin\": \"adopted\",\n"
                            "          \"title\": \"shop-old-dev\",\n"
                            "          \"ttl_seconds\": 0\n"
                            "        }\n"
                            "      }\n"
                            "    }\n"
                            "  },\n"
                            "  \"outputs\": {\n"
                            "    \"big\": {\n"
                            "      \"value\": 9007199254740993\n"
                            "    },\n"
                            "    \"nul\": {\n"
                            "      \"namespaces\": {\n"
                            "        \"0123456789abcdef0123456789abcdef\": [\n"
                            "          \"a\"\n"
                            "        ],\n"
                            "        \"local\": [\n"
                            "          \"shop/config/prod\",\n"
                            "          \"shop/old/dev\"\n"
                            "        ]\n"
                            "      },\n"
                            "      \"value\": \"a\\u0000b\"\n"
                            "    },\n"
                            "    \"table\": {\n"
                            "      \"value\": {\"a\":[1,null,true],\"b\":0.5}\n"
                            "    }\n"
                            "  },\n"
                            "  \"project\": \"shop\",\n"
                            "  " SALT ",\n"
                            "  \"settings\": {\n"
                            "    \"account_id\": \"0123456789abcdef0123456789abcdef\",\n"
                            "    \"accounts\": {\n"
                            "      \"prod\": \"fedcba9876543210fedcba9876543210\"\n"
                            "    },\n"
                            "    \"backups\": {\n"
                            "      \"days\": 7,\n"
                            "      \"dir\": \"saved\",\n"
                            "      \"keep\": 3\n"
                            "    },\n"
                            "    \"ephemeral\": {\n"
                            "      \"days\": 14,\n"
                            "      \"match\": \"pr-*\"\n"
                            "    },\n"
                            "    \"guards\": {\n"
                            "      \"mass_from\": 50,\n"
                            "      \"mass_percent\": 10\n"
                            "    }\n"
                            "  }\n"
                            "}\n";

static const char bindings[] = "{\n"
                               "  \"version\": 2,\n"
                               "  \"accounts\": {},\n"
                               "  \"outputs\": {},\n"
                               "  \"project\": null,\n"
                               "  " SALT ",\n"
                               "  \"wrangler\": {\n"
                               "    \"apps/api/wrangler.jsonc\": {\n"
                               "      \"\": {\n"
                               "        \"CONFIG\": {\n"
                               "          \"id\": \"id1\",\n"
                               "          \"preview_id\": \"id2\"\n"
                               "        },\n"
                               "        \"FLAGS\": {}\n"
                               "      },\n"
                               "      \"prod\": {\n"
                               "        \"CONFIG\": {\n"
                               "          \"id\": \"id3\"\n"
                               "        }\n"
                               "      }\n"
                               "    },\n"
                               "    \"wrangler.toml\": {\n"
                               "      \"prod\": {\n"
                               "        \"CONFIG\": {\n"
                               "          \"id\": \"\"\n"
                               "        }\n"
                               "      }\n"
                               "    }\n"
                               "  }\n"
                               "}\n";

/* As version 1 had it. */
static const char whole_1[] = "{\n"
                              "  \"accounts\": {\n"
                              "    \"0123456789abcdef0123456789abcdef\": {\n"
                              "      \"creating\": [\n"
                              "        \"shop-a-dev\",\n"
                              "        \"shop-b-dev\"\n"
                              "      ],\n"
                              "      \"namespaces\": {}\n"
                              "    },\n"
                              "    \"local\": {\n"
                              "      \"namespaces\": {\n"
                              "        \"shop/config/prod\": {\n"
                              "          \"binding\": \"CONFIG\",\n"
                              "          \"bulk\": {\n"
                              "            \"seed/prod.json\": {\n"
                              "              \"count\": 12,\n"
                              "              \"sha256\": \"" SHA "\"\n"
                              "            }\n"
                              "          },\n"
                              "          \"description\": \"Flags\",\n"
                              "          \"env\": \"prod\",\n"
                              "          \"id\": \"id1\",\n"
                              "          \"keys\": {\n"
                              "            \"a\": {\n"
                              "              \"hmac\": \"" SHA "\",\n"
                              "              \"ttl\": 60\n"
                              "            },\n"
                              "            \"\xc3\xa9\": {\n"
                              "              \"hmac\": \"" SHA "\"\n"
                              "            }\n"
                              "          },\n"
                              "          \"on_remove\": \"keep\",\n"
                              "          \"origin\": \"created\",\n"
                              "          \"protect\": true,\n"
                              "          \"title\": \"shop-config-prod\",\n"
                              "          \"ttl_seconds\": 3600\n"
                              "        },\n"
                              "        \"shop/old/dev\": {\n"
                              "          \"bulk\": {},\n"
                              "          \"id\": \"id2\",\n"
                              "          \"keys\": {},\n"
                              "          \"origin\": \"adopted\",\n"
                              "          \"title\": \"shop-old-dev\",\n"
                              "          \"ttl_seconds\": 0\n"
                              "        }\n"
                              "      }\n"
                              "    }\n"
                              "  },\n"
                              "  \"outputs\": {\n"
                              "    \"big\": 9007199254740993,\n"
                              "    \"nul\": \"a\\u0000b\",\n"
                              "    \"table\": {\"a\":[1,null,true],\"b\":0.5}\n"
                              "  },\n"
                              "  \"project\": \"shop\",\n"
                              "  " SALT ",\n"
                              "  \"version\": 1\n"
                              "}\n";

static void prints_again(const char *document, const char *want)
{
    struct disk d = {0};
    struct buf out = {0};
    struct state s;
    buf_add_str(&d.document, document);
    open_state(&s, &d);
    print_state(&s, &out);
    assert_buf(&out, want);
    state_close(&s);
    buf_release(&out);
    disk_release(&d);
}

static void it_prints_what_it_read_byte_for_byte(void **unused)
{
    (void)unused;
    prints_again(whole, whole);
    prints_again(bindings, bindings);
}

/* What version 1 recorded is all there; what it did not tell is unknown. */
static void a_document_of_version_1_is_read(void **unused)
{
    struct disk d = {0};
    struct buf out = {0};
    struct state s;
    (void)unused;
    buf_add_str(&d.document, whole_1);
    open_state(&s, &d);
    assert_int_equal(s.version, 1);
    const struct state_key *key = find_key(&s, "shop/config/prod", "a");
    assert_true(key->hmac.plain);
    assert_int_equal(key->origin, KEY_UNKNOWN);
    assert_int_equal(key->expiration_ttl, 60);
    assert_int_equal(s.n_outputs, 3);
    assert_bytes(s.outputs[2].json, TEXT("{\"a\":[1,null,true],\"b\":0.5}"));
    assert_int_equal(s.outputs[2].n_refs, 0);
    print_state(&s, &out);
    state_close(&s);
    buf_clear(&d.document);
    buf_add_bytes(&d.document, buf_bytes(&out));
    open_state(&s, &d);
    assert_int_equal(s.version, 2);
    assert_true(find_key(&s, "shop/config/prod", "a")->hmac.plain);
    assert_bytes(s.outputs[1].json, TEXT("\"a\\u0000b\""));
    assert_bytes(find(&s, "shop/old/dev")->title, TEXT("shop-old-dev"));
    assert_bytes(s.project, TEXT("shop"));
    state_close(&s);
    buf_release(&out);
    disk_release(&d);
}

/* Whatever the order of members: how an output is read hangs on the version. */
static void the_version_may_stand_anywhere(void **unused)
{
    static const char *const documents[] = {"{\"outputs\": {\"o\": {\"value\": 1}}, " SALT
                                            ", \"version\": 2}",
                                            "{\"outputs\": {\"o\": 1}, " SALT ", \"version\": 1}",
                                            "{\"version\": 1, \"outputs\": {\"o\": 1}, " SALT "}"};
    (void)unused;
    for (size_t i = 0; i < N_OF(documents); i++) {
        struct disk d = {0};
        struct state s;
        buf_add_str(&d.document, documents[i]);
        open_state(&s, &d);
        assert_bytes(s.outputs[0].json, TEXT("1"));
        state_close(&s);
        disk_release(&d);
    }
}

/* A document with an unknown member in every object that has members of fixed names. */
static const char extended[] =
    "{\n  \"version\": 2,\n  \"accounts\": {\n    \"local\": {\n"
    "      \"limits\": {\n        \"of\": [\n          1,\n          9007199254740993\n"
    "        ]\n      },\n"
    "      \"namespaces\": {\n        \"a\": {\n"
    "          \"bulk\": {\n            \"s\": {\n              \"count\": 1,\n"
    "              \"sha256\": \"" SHA
    "\",\n              \"size\": 7\n            }\n          },\n"
    "          \"id\": \"i\",\n"
    "          \"keys\": {\n            \"k\": {\n              \"at\": null,\n"
    "              \"hmac\": \"v2:" SHA "\",\n              \"origin\": \"wrote\"\n"
    "            }\n          },\n"
    "          \"origin\": \"created\",\n          \"patron\": \"me\",\n"
    "          \"title\": \"t\",\n          \"ttl_seconds\": 0,\n          \"zone\": {}\n"
    "        }\n      }\n    }\n  },\n"
    "  \"lineage\": \"x\\u0000y\",\n"
    "  \"outputs\": {\n    \"o\": {\n      \"doc\": \"d\",\n      \"value\": 1\n    }\n  },\n"
    "  \"project\": null,\n  " SALT ",\n"
    "  \"settings\": {\n    \"guards\": {\n      \"mass_from\": 5,\n      \"of\": 0.5\n    },\n"
    "    \"more\": [\n      true\n    ]\n  },\n"
    "  \"wrangler\": {\n    \"w\": {\n      \"\": {\n        \"KV\": {\n"
    "          \"id\": \"i\",\n          \"remote\": true\n        }\n      }\n    }\n  }\n}\n";

/* Replaces the first `what` in a text. */
static void replace(struct buf *text, const char *what, const char *with)
{
    struct buf out = {0};
    const char *at = strstr(text->data, what);
    assert_non_null(at);
    buf_add(&out, text->data, (size_t)(at - text->data));
    buf_add_str(&out, with);
    buf_add_str(&out, at + strlen(what));
    buf_release(text);
    *text = out;
}

static void unknown_members_outlive_loading_changing_and_saving(void **unused)
{
    struct disk d = {0};
    struct buf want = {0};
    struct error err = {0};
    struct state s;
    struct state_settings settings = {.mass_from = 6};
    struct state_bulk bulk = {.source = TEXT("s"), .count = 2, .digest = digest_of("hello")};
    (void)unused;
    prints_again(extended, extended);
    buf_add_str(&d.document, extended);
    buf_add_str(&want, extended);
    open_state(&s, &d);
    put_namespace(&s, "a", "i", "new");
    put_key(&s, "a", "k", "hello");
    put_binding(&s, "w", "", "KV", "j");
    assert_true(state_set_bulk(&s, bytes_of(NULL), TEXT("a"), &bulk, &err));
    assert_true(state_set_output(&s, "o", TEXT("2"), NULL, 0, &err));
    assert_true(state_set_settings(&s, &settings, &err));
    replace(&want, "\"title\": \"t\"", "\"title\": \"new\"");
    replace(&want, "\"count\": 1", "\"count\": 2");
    replace(&want, "\"value\": 1", "\"value\": 2");
    replace(&want, "\"mass_from\": 5", "\"mass_from\": 6");
    replace(&want, "          \"id\": \"i\",\n          \"remote\"",
            "          \"id\": \"j\",\n          \"remote\"");
    commit(&s);
    state_close(&s);
    open_state(&s, &d); /* through the journal */
    save(&s);
    assert_buf(&d.document, want.data);
    state_close(&s);
    buf_release(&want);
    disk_release(&d);
}

static void levels_without_bindings_are_not_printed(void **unused)
{
    static const char *const empty[] = {"{}", "{\"w\": {}}", "{\"w\": {\"\": {}, \"prod\": {}}}"};
    (void)unused;
    for (size_t i = 0; i < N_OF(empty); i++) {
        char document[256];
        snprintf(document, sizeof document, "{" SALT ", \"version\": 1, \"wrangler\": %s}",
                 empty[i]);
        prints_again(document, "{\n  \"version\": 2,\n  \"accounts\": {},\n  \"outputs\": {},\n"
                               "  \"project\": null,\n  " SALT "\n}\n");
    }
}

static void it_reads_every_member_of_an_entry(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    buf_add_str(&d.document, whole);
    open_state(&s, &d);
    assert_bytes(s.project, TEXT("shop"));
    assert_int_equal(s.salt[15], 15);
    assert_false(s.fresh);
    struct state_namespace *ns = find(&s, "shop/config/prod");
    assert_non_null(ns);
    assert_bytes(ns->id, TEXT("id1"));
    assert_bytes(ns->title, TEXT("shop-config-prod"));
    assert_bytes(ns->env, TEXT("prod"));
    assert_bytes(ns->description, TEXT("Flags"));
    assert_bytes(ns->binding, TEXT("CONFIG"));
    assert_int_equal(ns->origin, STATE_CREATED);
    assert_int_equal(ns->on_remove, ON_REMOVE_KEEP);
    assert_true(ns->protect);
    assert_int_equal(ns->ttl_seconds, 3600);
    assert_bytes(ns->created, TEXT("2026-11-30"));
    assert_int_equal(state_find_key(ns, TEXT("a"))->expiration_ttl, 60);
    assert_int_equal(state_find_key(ns, TEXT("a"))->origin, KEY_FOUND);
    assert_false(state_find_key(ns, TEXT("a"))->hmac.plain);
    assert_int_equal(state_find_key(ns, TEXT("b"))->origin, KEY_WROTE);
    assert_true(state_find_key(ns, TEXT("\xc3\xa9"))->hmac.plain);
    assert_int_equal(s.outputs[1].n_refs, 3);
    assert_bytes(s.outputs[1].refs[2].account, TEXT("local"));
    assert_bytes(s.outputs[1].refs[2].address, TEXT("shop/old/dev"));
    assert_bytes(s.settings.account_id, TEXT("0123456789abcdef0123456789abcdef"));
    assert_bytes(s.settings.accounts.items[0].from, TEXT("prod"));
    assert_bytes(s.settings.backups_dir, TEXT("saved"));
    assert_int_equal(s.settings.backups_keep, 3);
    assert_int_equal(s.settings.backups_days, 7);
    assert_bytes(s.settings.ephemeral_match, TEXT("pr-*"));
    assert_int_equal(s.settings.ephemeral_days, 14);
    assert_int_equal(s.settings.mass_from, 50);
    assert_int_equal(s.settings.mass_percent, 10);
    assert_int_equal(state_find_bulk(ns, TEXT("seed/prod.json"))->count, 12);
    struct digest hello = digest_of("hello");
    assert_true(digest_equal(&state_find_bulk(ns, TEXT("seed/prod.json"))->digest, &hello));
    assert_true(
        state_is_creating(&s, TEXT("0123456789abcdef0123456789abcdef"), TEXT("shop-b-dev")));
    assert_null(find(&s, "shop/old/dev")->env.data);
    assert_ptr_equal(state_find_id(&s, TEXT("local"), TEXT("id2")), find(&s, "shop/old/dev"));
    assert_ptr_equal(state_find_title(&s, TEXT(""), TEXT("shop-old-dev")),
                     find(&s, "shop/old/dev"));
    state_close(&s);
    disk_release(&d);
}

static void it_sorts_names_by_bytes_whatever_the_order_of_changes(void **unused)
{
    struct disk d = {0};
    struct buf out = {0};
    struct state s;
    const char *at[5];
    (void)unused;
    open_state(&s, &d);
    put_namespace(&s, "b", "id1", "t1");
    put_namespace(&s, "B", "id2", "t2");
    put_key(&s, "b", "z", "1");
    put_key(&s, "b", "\xc3\xa9", "1");
    put_key(&s, "b", "a", "1");
    print_state(&s, &out);
    at[0] = strstr(out.data, "\"B\"");
    at[1] = strstr(out.data, "\"b\"");
    at[2] = strstr(out.data, "\"a\"");
    at[3] = strstr(out.data, "\"z\"");
    at[4] = strstr(out.data, "\"\xc3\xa9\"");
    for (size_t i = 0; i < 5; i++)
        assert_non_null(at[i]);
    for (size_t i = 1; i < 5; i++)
        assert_true(at[i - 1] < at[i]);
    state_close(&s);
    buf_release(&out);
    disk_release(&d);
}

/* ---- What is not read ------------------------------------------------------------------------ */

static const struct wrong {
    const char *document, *message, *hint;
} wrongs[] = {
    {"{", "state 'kv.state.json' is broken at line 1: at byte 1: the document ends too early",
     HINT},
    {"[]", "state 'kv.state.json' is broken at line 1: the document must be an object", HINT},
    {"1", "state 'kv.state.json' is broken at line 1: the document must be an object", HINT},
    {"{}", "state 'kv.state.json' is broken at line 1: member 'version' is missing", HINT},
    {"{\"version\": 3}", "state 'kv.state.json' was written by a newer cfkv (format version 3)",
     "upgrade cfkv"},
    {"{\n  \"version\": 3,\n  \"accounts\": 1\n}",
     "state 'kv.state.json' was written by a newer cfkv (format version 3)", "upgrade cfkv"},
    {"{" SALT "}", "state 'kv.state.json' is broken at line 1: member 'version' is missing", HINT},
    {"{\"accounts\": [], \"lineage\": 1, \"version\": 7}",
     "state 'kv.state.json' was written by a newer cfkv (format version 7)", "upgrade cfkv"},
    {"{" SALT ", \"version\": 0}",
     "state 'kv.state.json' is broken at line 1: there is no format version 0", HINT},
    {"{" SALT ", \"version\": \"1\"}",
     "state 'kv.state.json' is broken at line 1: 'version' must be an integer", HINT},
    {"{" SALT ", \"version\": 1.5}",
     "state 'kv.state.json' is broken at line 1: 'version' must be an integer", HINT},
    {"{\n\"salt\": \"00\"}",
     "state 'kv.state.json' is broken at line 2: 'salt' must be 32 hexadecimal digits", HINT},
    {"{\"salt\": \"zz0102030405060708090a0b0c0d0e0f\"}",
     "state 'kv.state.json' is broken at line 1: 'salt' must be 32 hexadecimal digits", HINT},
    {"{\"accounts\": 1}", "state 'kv.state.json' is broken at line 1: 'accounts' must be an object",
     HINT},
    {"{\"accounts\": []}",
     "state 'kv.state.json' is broken at line 1: 'accounts' must be an object", HINT},
    {"{\"accounts\": {\"local\": null}}",
     "state 'kv.state.json' is broken at line 1: 'account' must be an object", HINT},
    {"{\"accounts\": {\"local\": {\"creating\": {}}}}",
     "state 'kv.state.json' is broken at line 1: 'creating' must be an array", HINT},
    {"{\"accounts\": {\"local\": {\"creating\": [1]}}}",
     "state 'kv.state.json' is broken at line 1: 'creating' must hold strings", HINT},
    {"{\"accounts\": {\"local\": {\"creating\": [[]]}}}",
     "state 'kv.state.json' is broken at line 1: 'creating' must hold strings", HINT},
    {"{\"accounts\": {\"local\": {}, \"local\": {}}}",
     "state 'kv.state.json' is broken at line 1: account 'local' is there twice", HINT},
    {"{\"salt\": 1, \"salt\": 1}",
     "state 'kv.state.json' is broken at line 1: 'salt' must be a string", HINT},
    {"{" SALT ", " SALT "}",
     "state 'kv.state.json' is broken at line 1: member 'salt' is there twice", HINT},
    {"{\"outputs\": {}, \"outputs\": {}}",
     "state 'kv.state.json' is broken at line 1: member 'outputs' is there twice", HINT},
    {"{\"outputs\": {\"a\": {\"value\": 1}, \"a\": {}}}",
     "state 'kv.state.json' is broken at line 1: output 'a' is there twice", HINT},
    {"{\"outputs\": {\"a\\u0000\": 1}}",
     "state 'kv.state.json' is broken at line 1: the name of an output has a NUL in it", HINT},
    {"{\"outputs\": {\"a\": {\"value\": {\"b\": 1, \"b\": 2}}}}",
     "state 'kv.state.json' is broken at line 1: member 'b' appears twice", HINT},
    {"{\"outputs\": {\"a\": {\"doc\": 1}}}",
     "state 'kv.state.json' is broken at line 1: member 'value' is missing", HINT},
    {"{\"outputs\": {\"a\": {\"namespaces\": [\"a\"], \"value\": 1}}}",
     "state 'kv.state.json' is broken at line 1: 'namespaces' must be an object", HINT},
    {"{\"outputs\": {\"a\": {\"namespaces\": {\"local\": [1]}, \"value\": 1}}}",
     "state 'kv.state.json' is broken at line 1: 'namespaces' must hold arrays of strings", HINT},
    {"{\"settings\": 1}", "state 'kv.state.json' is broken at line 1: 'settings' must be an object",
     HINT},
    {"{\"settings\": {\"guards\": 1}}",
     "state 'kv.state.json' is broken at line 1: 'guards' must be an object", HINT},
    {"{\"settings\": {\"guards\": {\"mass_from\": -1}}}",
     "state 'kv.state.json' is broken at line 1: 'mass_from' must be 0 or more", HINT},
    {"{\"settings\": {\"accounts\": {\"a\": 1}}}",
     "state 'kv.state.json' is broken at line 1: 'accounts' must hold strings", HINT},
    {"{\"wrangler\": []}",
     "state 'kv.state.json' is broken at line 1: 'wrangler' must be an object", HINT},
    {"{\"wrangler\": {\"w\": 1}}",
     "state 'kv.state.json' is broken at line 1: 'file' must be an object", HINT},
    {"{\"wrangler\": {\"w\": {\"\": 1}}}",
     "state 'kv.state.json' is broken at line 1: 'environment' must be an object", HINT},
    {"{\"wrangler\": {\"w\": {\"\": {\"KV\": \"i\"}}}}",
     "state 'kv.state.json' is broken at line 1: 'binding' must be an object", HINT},
    {"{\"wrangler\": {\"w\": {\"\": {\"KV\": {\"id\": 1}}}}}",
     "state 'kv.state.json' is broken at line 1: 'id' must be a string", HINT},
    {"{\"wrangler\": {\"w\": {\"\": {\"KV\": {\"title\": 1, \"title\": 1}}}}}",
     "state 'kv.state.json' is broken at line 1: member 'title' is there twice", HINT},
    {"{\"wrangler\": {\"w\": {\"\": {\"KV\": {}, \"KV\": {}}}}}",
     "state 'kv.state.json' is broken at line 1: binding 'KV' is there twice", HINT},
    {"{\"wrangler\": {\"w\": {\"x\": {\"KV\": {}}, \"x\": {}}}}",
     "state 'kv.state.json' is broken at line 1: environment 'x' is there twice", HINT},
    {"{\"wrangler\": {\"w\": {\"x\": {\"KV\": {}}}, \"w\": {}}}",
     "state 'kv.state.json' is broken at line 1: file 'w' is there twice", HINT},
    {"{\"lineage\": 1}", "state 'kv.state.json' is broken at line 1: member 'version' is missing",
     HINT},
    {"{\n\"accounts\": {\n<<<<<<< HEAD\n\"local\": {}\n=======\n\"x\": {}\n>>>>>>> theirs\n}}",
     "state 'kv.state.json' has a merge conflict at line 3",
     "merge the three versions, which 'git show :1:FILE', ':2:FILE' and ':3:FILE' print, with "
     "'cfkv state merge BASE OURS THEIRS'"},
};

static void what_is_wrong_is_said_with_its_line_and_a_hint(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_OF(wrongs); i++) {
        struct disk d = {0};
        struct error err;
        buf_add_str(&d.document, wrongs[i].document);
        open_fails(&d, &err);
        assert_int_equal(err.code, ERR_FORMAT);
        assert_string_equal(err.message, wrongs[i].message);
        assert_string_equal(err.hint, wrongs[i].hint);
        assert_int_equal(d.saves, 0);
        disk_release(&d);
    }
}

/* Members of one entry, put into a document around it. */
static const struct wrong entries[] = {
    {"\"id\": \"\", \"origin\": \"created\", \"title\": \"t\", \"ttl_seconds\": 0", "'id' is empty",
     NULL},
    {"\"id\": \"i\", \"origin\": \"created\", \"title\": \"t\"", "member 'ttl_seconds' is missing",
     NULL},
    {"\"id\": \"i\", \"origin\": \"found\"", "'origin' must be \"created\" or \"adopted\"", NULL},
    {"\"on_remove\": \"stay\"", "'on_remove' must be \"delete\" or \"keep\"", NULL},
    {"\"protect\": \"yes\"", "'protect' must be true or false", NULL},
    {"\"protect\": 1", "'protect' must be true or false", NULL},
    {"\"ttl_seconds\": -1", "'ttl_seconds' must be 0 or more", NULL},
    {"\"ttl_seconds\": true", "'ttl_seconds' must be an integer", NULL},
    {"\"title\": null", "'title' must be a string", NULL},
    {"\"title\": {}", "'title' must be a string", NULL},
    {"\"keys\": {\"a\": {}}", "member 'hmac' is missing", NULL},
    {"\"keys\": {\"a\": {\"hmac\": \"00\"}}", "'hmac' must be 64 hexadecimal digits", NULL},
    {"\"keys\": {\"a\": {\"hmac\": \"v3:" SHA "\"}}", "'hmac' must be 64 hexadecimal digits", NULL},
    {"\"keys\": {\"a\": {\"origin\": \"made\"}}", "'origin' must be \"wrote\" or \"found\"", NULL},
    {"\"keys\": {\"a\": 1}", "'key' must be an object", NULL},
    {"\"keys\": {\"a\": {\"hmac\": \"" SHA "\"}, \"a\": {}}", "key 'a' is there twice", NULL},
    {"\"bulk\": {\"a\": {\"count\": 1}}", "member 'sha256' is missing", NULL},
    {"\"bulk\": {\"a\": []}", "'bulk source' must be an object", NULL},
};

static void an_entry_is_checked_member_by_member(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < N_OF(entries); i++) {
        struct disk d = {0};
        struct error err;
        char want[256];
        snprintf(want, sizeof want, "state 'kv.state.json' is broken at line 2: %s",
                 entries[i].message);
        buf_addf(&d.document, "{\"accounts\": {\"local\": {\"namespaces\": {\"x\":\n{%s}}}}}",
                 entries[i].document);
        open_fails(&d, &err);
        assert_string_equal(err.message, want);
        disk_release(&d);
    }
}

static void two_entries_never_share_an_id(void **unused)
{
    struct disk d = {0};
    struct error err;
    (void)unused;
    buf_add_str(&d.document, "{\"accounts\": {\"local\": {\"namespaces\": {\n"
                             "\"x\": {\"id\": \"i\", \"origin\": \"created\", \"title\": \"t\", "
                             "\"ttl_seconds\": 0},\n"
                             "\"y\": {\"id\": \"i\", \"origin\": \"created\", \"title\": \"u\", "
                             "\"ttl_seconds\": 0}}}}}");
    open_fails(&d, &err);
    assert_string_equal(err.message,
                        "state 'kv.state.json' is broken at line 3: namespaces 'x' and "
                        "'y' have the same id");
    disk_release(&d);
}

static void a_document_without_accounts_and_outputs_is_fine(void **unused)
{
    struct disk d = {0};
    struct state s;
    (void)unused;
    buf_add_str(&d.document, "{" SALT ", \"version\": 1}");
    open_state(&s, &d);
    assert_int_equal(s.n_accounts, 0);
    assert_null(s.project.data);
    state_close(&s);
    disk_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_prints_what_it_read_byte_for_byte),
        cmocka_unit_test(a_document_of_version_1_is_read),
        cmocka_unit_test(the_version_may_stand_anywhere),
        cmocka_unit_test(unknown_members_outlive_loading_changing_and_saving),
        cmocka_unit_test(levels_without_bindings_are_not_printed),
        cmocka_unit_test(it_reads_every_member_of_an_entry),
        cmocka_unit_test(it_sorts_names_by_bytes_whatever_the_order_of_changes),
        cmocka_unit_test(what_is_wrong_is_said_with_its_line_and_a_hint),
        cmocka_unit_test(an_entry_is_checked_member_by_member),
        cmocka_unit_test(two_entries_never_share_an_id),
        cmocka_unit_test(a_document_without_accounts_and_outputs_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
