#include "test_script.h"

#include "model/validate.h"

#define NS "local ns = cfkv.namespace { title = 'a' }\n"

/* ---- put ------------------------------------------------------------------------------------- */

static void a_string_value_is_stored_as_its_bytes(void **state)
{
    (void)state;
    struct model m = evaluate_clean(NS "ns:put('k', 'a\\0b\\xff')");
    const struct put_decl *put = &m.namespaces[0].puts[0];
    assert_bytes(put->seed.key, TEXT("k"));
    assert_bytes(literal(&put->seed.value), TEXT("a\0b\xff"));
    assert_int_equal(put->policy, SEED_MANAGED);
    assert_null(put->seed.metadata.data);
    assert_int_equal(put->seed.expiration_ttl, 0);
    assert_int_equal(put->seed.expiration, 0);
    assert_int_equal(put->seed.pos.line, 2);
    model_release(&m);
}

static void a_table_value_is_stored_as_canonical_json(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        NS "ns:put('k', { b = { 1, 2.5, 3.0, true, cfkv.null }, a = {}, ['\\n'] = 'ü\"',\n"
           "  c = cfkv.array(), d = cfkv.array { 'x' }, e = 1 << 62 })");
    assert_bytes(literal(&m.namespaces[0].puts[0].seed.value),
                 TEXT("{\"\\n\":\"ü\\\"\",\"a\":{},\"b\":[1,2.5,3,true,null],\"c\":[],"
                      "\"d\":[\"x\"],\"e\":4611686018427387904}"));
    model_release(&m);
}

static void put_options_are_recorded(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        NS
        "ns:put('k', 'v', { expiration_ttl = 60, metadata = { b = 1, a = 2 }, policy = 'once' })\n"
        "ns:put('l', 'v', { expiration = 2000000000, metadata = cfkv.null })\n"
        "ns:put('m', 'v', { metadata = 'text', policy = 'managed' })");
    const struct put_decl *puts = m.namespaces[0].puts;
    assert_int_equal(puts[0].seed.expiration_ttl, 60);
    assert_bytes(puts[0].seed.metadata, TEXT("{\"a\":2,\"b\":1}"));
    assert_int_equal(puts[0].policy, SEED_ONCE);
    assert_int_equal(puts[1].seed.expiration, 2000000000);
    assert_null(puts[1].seed.metadata.data);
    assert_bytes(puts[2].seed.metadata, TEXT("\"text\""));
    assert_int_equal(puts[2].policy, SEED_MANAGED);
    model_release(&m);
}

static void a_zero_expiry_is_told_from_none(void **state)
{
    (void)state;
    struct model m = evaluate_clean(NS "ns:put('k', 'v', { expiration_ttl = 0 }) ns:put('l', 'v')\n"
                                       "ns:bulk { { key = 'm', value = 'v', expiration_ttl = 0 } }"
                                       "ns:put('n', 'v', { expiration = 0 })");
    const struct namespace_decl *ns = &m.namespaces[0];
    assert_true(ns->puts[0].seed.no_ttl);
    assert_false(ns->puts[1].seed.no_ttl);
    assert_true(ns->bulks[0].items[0].no_ttl);
    assert_true(ns->puts[2].seed.zero_expiration);
    model_release(&m);
}

static void a_value_that_is_no_text_says_how_to_write_one(void **state)
{
    (void)state;
    assert_problems(NS "ns:put('k', 3)",
                    "kv.lua:2: error: the value must be a string or a table, got 3\n"
                    "  hint: tostring(v) stores its text, cfkv.json.encode(v) its JSON\n");
    assert_problems(NS "ns:put('k')",
                    "kv.lua:2: error: the value must be a string or a table, got nothing\n");
    assert_mentions(NS "ns:put('k', print)", "got a function");
}

static void what_json_cannot_say_is_refused_with_the_path_to_it(void **state)
{
    (void)state;
    assert_mentions(NS "ns:put('k', { a = { 1, { b = print } } })",
                    "kv.lua:2: error: value.a[2].b is a function\n");
    assert_mentions(NS "ns:put('k', { a = 0/0 })", "value.a is not a number (NaN)");
    assert_mentions(NS "ns:put('k', { a = -1/0 })", "value.a is infinite");
    assert_mentions(NS "ns:put('k', { a = '\\xff' })", "value.a is a string that is not valid");
    assert_mentions(NS "ns:put('k', { ['\\xff'] = 1 })", "is a string that is not valid UTF-8");
    assert_mentions(NS "ns:put('k', { 1, nil, 3 })", "value is an array with holes");
    assert_mentions(NS "ns:put('k', { 1, a = 2 })", "value mixes an array with named members");
    assert_mentions(NS "ns:put('k', { [1.5] = 2 })", "neither a string nor an integer");
    assert_mentions(NS "ns:put('k', cfkv.array { a = 1 })", "mixes an array with named members");
    assert_mentions(NS "local t = {} t.t = { t } ns:put('k', t)", "value.t[1] contains itself");
}

static void json_nests_to_64_levels(void **state)
{
    (void)state;
    assert_lua("local t = 1 for _ = 1, 64 do t = { t } end\n"
               "local text = cfkv.json.encode(t)\n"
               "assert(cfkv.json.encode(cfkv.json.decode(text)) == text)");
    assert_mentions("local t = 1 for _ = 1, 65 do t = { t } end cfkv.json.encode(t)",
                    "is nested too deeply");
}

static void metadata_holds_no_ids_and_no_secrets(void **state)
{
    (void)state;
    const char *want = "kv.lua:2: error: metadata cannot hold ids or secrets\n"
                       "  hint: put them into the value\n";
    assert_problems(NS "ns:put('k', 'v', { metadata = { id = ns.id } })", want);
    assert_problems(NS "ns:put('k', 'v', { metadata = cfkv.secret 's' })", want);
}

static void a_wrong_put_is_kept_for_the_rules_about_the_rest_of_it(void **state)
{
    (void)state;
    struct model m = evaluate(NS "ns:put(1, 'v') ns:put('k', 1) ns:put('k', 'v', 3)\n"
                                 "ns:put('k', 'v', { metadata = print })\n"
                                 "ns:put('good', 'v')");
    assert_int_equal(m.namespaces[0].n_puts, 5);
    assert_int_equal(m.diags.errors, 4);
    assert_bytes(m.namespaces[0].puts[0].seed.key, TEXT("(unnamed 0.1)"));
    assert_int_equal(m.namespaces[0].puts[1].seed.value.n, 0);
    model_release(&m);
}

static void puts_of_a_namespace_without_a_name_are_still_checked(void **state)
{
    (void)state;
    assert_problems("local ns = cfkv.namespace { title = true }\nns:put(1, 'v')\nns:put('a', 'b')\n"
                    "ns:prune 'x' ns:bulk { { key = 'a', value = 'b' } } cfkv.output('id', ns.id)",
                    "kv.lua:1: error: field 'title' of cfkv.namespace must be a string, got true\n"
                    "kv.lua:2: error: the key must be a string, got 1\n"
                    "  hint: write tostring(key)\n");
}

/* ---- ids and secrets ------------------------------------------------------------------------ */

static void an_id_is_joined_into_a_value_known_at_apply(void **state)
{
    (void)state;
    struct model m = evaluate_clean(NS "local b = cfkv.namespace { title = 'b' }\n"
                                       "ns:put('k', 'x/' .. b.id .. '/' .. ns.id .. 3)\n"
                                       "ns:put('j', { list = { b.id }, text = '\"' .. b.id })");
    const struct deferred *v = &m.namespaces[0].puts[0].seed.value;
    assert_int_equal(v->n, 5);
    assert_bytes(v->parts[0].text, TEXT("x/"));
    assert_int_equal(v->parts[1].kind, PART_ID);
    assert_int_equal(v->parts[1].ns, 1);
    assert_int_equal(v->parts[3].ns, 0);
    assert_bytes(v->parts[4].text, TEXT("3"));
    const struct deferred *j = &m.namespaces[0].puts[1].seed.value;
    assert_int_equal(j->n, 5);
    assert_bytes(j->parts[0].text, TEXT("{\"list\":[\""));
    assert_int_equal(j->parts[1].kind, PART_ID_JSON);
    assert_bytes(j->parts[2].text, TEXT("\"],\"text\":\"\\\""));
    assert_bytes(j->parts[4].text, TEXT("\"}"));
    model_release(&m);
}

static void ids_can_be_compared_but_not_read(void **state)
{
    (void)state;
    assert_lua(NS "local b = cfkv.namespace { title = 'b' }\n"
                  "assert(ns.id == ns.id and ns.id ~= b.id and ns.id ~= 'x')\n"
                  "assert(ns.id .. 'x' == ns.id .. 'x' and ns.id .. 'x' ~= ns.id .. 'y')");
    const char *unreadable[] = {"tostring(ns.id)", "ns.id:upper()",        "#ns.id",
                                "ns.id < ns.id",   "('%s'):format(ns.id)", "ns.id()"};
    for (size_t i = 0; i < N_OF(unreadable); i++) {
        char code[200];
        snprintf(code, sizeof code, NS "local x = %s", unreadable[i]);
        assert_problems(code, "kv.lua:2: error: the id of a namespace is known only at apply\n"
                              "  hint: join it with .. or pass it as a value\n");
    }
}

static void a_secret_taints_everything_it_is_joined_to(void **state)
{
    (void)state;
    struct model m = evaluate_clean(NS "local s = cfkv.secret 'hunter2'\n"
                                       "ns:put('a', s) ns:put('b', 'x' .. s) ns:put('c', { s })\n"
                                       "ns:put('d', cfkv.secret { token = 'x' })\n"
                                       "ns:put('e', cfkv.secret(ns.id)) ns:put('f', 'plain')\n"
                                       "ns:put('g', cfkv.json.encode { s = s } .. '!')");
    const struct put_decl *puts = m.namespaces[0].puts;
    for (int i = 0; i < 5; i++)
        assert_true(puts[i].seed.value.secret);
    assert_false(puts[5].seed.value.secret);
    assert_true(puts[6].seed.value.secret);
    assert_bytes(literal(&puts[2].seed.value), TEXT("[\"hunter2\"]"));
    assert_bytes(literal(&puts[3].seed.value), TEXT("{\"token\":\"x\"}"));
    assert_int_equal(puts[4].seed.value.parts[0].kind, PART_ID);
    model_release(&m);
}

static void no_way_of_failing_shows_a_secret(void **state)
{
    (void)state;
    const char *failures[] = {
        "local x = s + 1",
        "error(s)",
        "local x = s.y",
        "error('x' .. s)",
        "local x = s < 'a'",
        "s()",
        "cfkv.namespace { title = s }",
        "ns:put(s, 'v')",
        "ns:bulk(s)",
        "ns:prune(s)",
        "cfkv.output(s, 1)",
        "cfkv.output('a', s)",
        "tostring(s)",
        "cfkv.json.decode(s)",
        "local t = setmetatable({}, s)",
        "require(s)",
        "string.rep(s, 2)",
        "cfkv.var('v', { default = s })",
        "ns:put('k', 'v', { metadata = { s } })",
        "cfkv.json.encode { [s] = 1 }",
        "cfkv.json.encode { s, nil, s }",
        "cfkv.policy(s, s)",
        "cfkv.file.text(s)",
    };
    for (size_t i = 0; i < N_OF(failures); i++) {
        char code[300];
        snprintf(code, sizeof code, NS "local s = cfkv.secret 'hunter2' %s", failures[i]);
        struct model m = evaluate(code);
        struct buf text = {0};
        model_validate(&m, 1700000000);
        diag_write_text(&m.diags, true, 0, &text);
        if (!text.data || strstr(text.data, "hunter2"))
            fail_msg("%s gives: %s", failures[i], text.data ? text.data : "nothing");
        buf_release(&text);
        model_release(&m);
    }
}

/* ---- bulk and prune ------------------------------------------------------------------------- */

static void a_bulk_list_is_recorded_item_by_item(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        NS "ns:bulk({ { key = 'a', value = '1', expiration_ttl = 60, metadata = { 1 } },\n"
           "  { key = 'b', value = { x = 1 } }, { key = 'c', value = 'AAH/', base64 = true },\n"
           "  { key = 'd', value = ns.id, expiration = 2000000000 } }, { policy = 'once' })");
    const struct bulk_decl *bulk = &m.namespaces[0].bulks[0];
    assert_int_equal(bulk->format, SOURCE_INLINE);
    assert_int_equal(bulk->policy, SEED_ONCE);
    assert_int_equal(bulk->n, 4);
    assert_bytes(bulk->items[0].key, TEXT("a"));
    assert_bytes(literal(&bulk->items[0].value), TEXT("1"));
    assert_int_equal(bulk->items[0].expiration_ttl, 60);
    assert_bytes(bulk->items[0].metadata, TEXT("[1]"));
    assert_bytes(literal(&bulk->items[1].value), TEXT("{\"x\":1}"));
    assert_bytes(literal(&bulk->items[2].value), TEXT("\0\x01\xff"));
    assert_int_equal(bulk->items[3].value.parts[0].kind, PART_ID);
    assert_int_equal(bulk->items[3].expiration, 2000000000);
    model_release(&m);
}

static void problems_of_bulk_items_name_the_item(void **state)
{
    (void)state;
    assert_problems(
        NS
        "ns:bulk { { key = 'a', value = '1' }, { key = 'b' }, 'c', { key = 3, value = '4' },\n"
        "  { key = 'e', value = '%%', base64 = true }, { key = 'f', vlaue = 'x', value = 'y' } }",
        "kv.lua:2: error: item 2: a bulk item needs field 'value'\n"
        "  hint: add value = …\n"
        "kv.lua:2: error: item 3: a bulk item takes a table of named fields, got 'c'\n"
        "kv.lua:2: error: item 4: field 'key' of a bulk item must be a string, got 3\n"
        "  hint: write it in quotes\n"
        "kv.lua:2: error: item 5: the value of key 'e' is not base64: base64 of 2 characters, not "
        "a multiple of 4\n"
        "  hint: leave base64 out for plain text\n"
        "kv.lua:2: error: item 6: unknown field 'vlaue' in a bulk item\n"
        "  hint: did you mean 'value'?\n");
}

static void one_item_without_a_list_around_it_is_told(void **state)
{
    (void)state;
    assert_problems(NS "ns:bulk { key = 'a', value = '1' }",
                    "kv.lua:2: error: ns:bulk takes a list of items, but this table has names as "
                    "keys\n"
                    "  hint: write { { key = \"a\", value = \"1\" }, … }\n");
}

static void a_list_with_a_hole_is_told(void **state)
{
    (void)state;
    const char *want = "kv.lua:2: error: ns:bulk takes a list of items, but this one has nothing "
                       "at 2\n"
                       "  hint: a list counts from 1 and has no holes: what is behind one would be "
                       "lost\n";
    assert_problems(NS "ns:bulk { { key = 'a', value = '1' }, nil, { key = 'b', value = '1' } }",
                    want);
    assert_problems(NS "ns:bulk { { key = 'a', value = '1' }, [7] = { key = 'b', value = '1' } }",
                    want);
    assert_mentions(NS "ns:bulk { [1.5] = {} }", "has other things than numbers as keys");
    struct model m =
        evaluate_clean(NS "ns:bulk(setmetatable({}, { __len = function() return 1 end,\n"
                          "__index = function() return { key = 'a', value = '1' } end }))");
    assert_int_equal(m.namespaces[0].bulks[0].n, 1);
    model_release(&m);
}

static void a_bulk_source_is_recorded_by_its_path(void **state)
{
    (void)state;
    mkdir("seed", 0700);
    write_text("seed/a.json", "[]");
    write_text("seed/b.jsonl", "");
    struct model m = evaluate_clean(NS "ns:bulk(cfkv.source.json 'seed/a.json')\n"
                                       "ns:bulk(cfkv.source.jsonl 'seed/b.jsonl')");
    const struct bulk_decl *bulks = m.namespaces[0].bulks;
    assert_int_equal(bulks[0].format, SOURCE_JSON);
    assert_bytes(bulks[0].path, TEXT("seed/a.json"));
    assert_int_equal(bulks[1].format, SOURCE_JSONL);
    assert_int_equal(bulks[1].pos.line, 3);
    model_release(&m);
}

static void rows_and_folders_are_sources(void **state)
{
    (void)state;
    mkdir("seed", 0700);
    write_text("seed/c.csv", "key,value\n");
    struct model m = evaluate_clean(NS "ns:bulk(cfkv.source.csv 'seed/c.csv')\n"
                                       "ns:bulk(cfkv.source.dir 'seed')");
    assert_int_equal(m.namespaces[0].bulks[0].format, SOURCE_CSV);
    assert_int_equal(m.namespaces[0].bulks[1].format, SOURCE_DIR);
    model_release(&m);
    m = evaluate(NS "ns:bulk(cfkv.source.csv 'seed')\nns:bulk(cfkv.source.dir 'seed/c.csv')");
    assert_int_equal(m.diags.n, 2);
    assert_string_equal(m.diags.items[0].code, "source.path");
    assert_non_null(strstr(m.diags.items[0].message, "'seed' is not a regular file"));
    assert_non_null(strstr(m.diags.items[1].message, "no folder 'seed/c.csv'"));
    model_release(&m);
}

static void a_source_that_is_missing_or_outside_is_told_once(void **state)
{
    (void)state;
    struct model m = evaluate(NS "ns:bulk(cfkv.source.json 'nothere.json')\n"
                                 "ns:bulk(cfkv.source.jsonl '../x.json')\n"
                                 "ns:bulk('x.json')");
    assert_int_equal(m.diags.n, 3);
    assert_string_equal(m.diags.items[0].code, "source.path");
    assert_int_equal(m.diags.items[0].pos.line, 2);
    assert_non_null(strstr(m.diags.items[0].message, "nothere.json"));
    assert_int_equal(m.diags.items[1].pos.line, 3);
    assert_string_equal(m.diags.items[2].hint, "a file is read by cfkv.source.json(path)");
    assert_int_equal(m.namespaces[0].n_bulks, 0);
    model_release(&m);
}

static void prune_takes_a_prefix(void **state)
{
    (void)state;
    struct model m = evaluate_clean(NS "ns:prune 'legacy/' ns:prune ''");
    assert_bytes(m.namespaces[0].prunes[0].prefix, TEXT("legacy/"));
    assert_int_equal(m.namespaces[0].n_prunes, 2);
    model_release(&m);
    assert_problems(NS "ns:prune()",
                    "kv.lua:2: error: ns:prune takes a prefix as a string, got nothing\n"
                    "  hint: ns:prune \"\" deletes every key that is not declared\n");
}

/* ---- the codec ------------------------------------------------------------------------------ */

static void json_round_trips(void **state)
{
    (void)state;
    assert_lua("local text = "
               "'{\"a\":[],\"b\":{},\"c\":[1,2.5,null,true,\"\\\\u0000x\"],\"d\":{\"e\":"
               "9007199254740993}}'\n"
               "local t = cfkv.json.decode(text)\n"
               "assert(math.type(t.d.e) == 'integer' and t.c[3] == cfkv.null and #t.c == 5)\n"
               "assert(t.c[5] == '\\0x')\n"
               "assert(cfkv.json.encode(t) == text)\n"
               "assert(tostring(cfkv.null) == 'null' and type(cfkv.null) == 'userdata')");
}

static void json_that_is_wrong_raises(void **state)
{
    (void)state;
    assert_mentions("cfkv.json.decode '[1,'", "kv.lua:1: error: cannot decode JSON: ");
    assert_mentions("cfkv.json.decode '{\"a\":1,\"a\":2}'", "member 'a' is there twice");
    assert_mentions("cfkv.json.decode '[1] 2'", "cannot decode JSON: ");
    assert_mentions("cfkv.json.encode(nil)", "value is nil");
    assert_mentions("cfkv.json.encode(setmetatable({}, { __pairs = print }))", "its own __pairs");
    assert_mentions(
        "local t = ('x'):rep(1e5) for _ = 1, 40 do t = { t, t } end cfkv.json.encode(t)",
        "larger than 25 MiB");
}

static void what_json_cannot_keep_is_told(void **state)
{
    (void)state;
    write_text("f", "[9007199254740993, -9223372036854775808, 9223372036854775808]");
    assert_problems("local t = cfkv.json.decode '[9007199254740993,-9223372036854775808]'\n"
                    "assert(cfkv.json.encode(t) == '[9007199254740993,-9223372036854775808]')\n"
                    "cfkv.file.json 'f'",
                    "kv.lua:3: error: file 'f': at '[3]': the integer '9223372036854775808' does "
                    "not fit 64 bits\n"
                    "  hint: write it as a string: JSON's readers would round it\n");
}

static void a_number_that_cannot_be_kept_is_told_with_its_place(void **state)
{
    static const struct {
        const char *json, *place;
    } cases[] = {
        {"?", ""},
        {"{\"a\":?}", "at 'a': "},
        {"{\"a\":{\"b\":[1,\"two\",?]}}", "at 'a.b[3]': "},
        {"[{},[],{\"k\":[[null,true]],\"x y\":[2.5,?]}]", "at '[3].x y[2]': "},
        {"[[1,2],[3,4],?]", "at '[3]': "},
        {"{\"done\":{\"a\":[1]},\"\\u00e9\":?}", "at '\xc3\xa9': "},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct buf text = {0}, told = {0};
        for (const char *at = cases[i].json; *at; at++)
            buf_add_str(&text, *at == '?' ? "12345678901234567890" : (char[]){*at, 0});
        write_text("f", text.data);
        buf_addf(&told,
                 "kv.lua:1: error: file 'f': %sthe integer '12345678901234567890' does not fit 64 "
                 "bits\n  hint: write it as a string: JSON's readers would round it\n",
                 cases[i].place);
        assert_problems("cfkv.file.json 'f'", told.data);
        buf_release(&text);
        buf_release(&told);
    }
}

static void utf_16_is_told_as_such(void **state)
{
    (void)state;
    write_file("f", TEXT("\xff\xfe[\0"
                         "1\0]\0"));
    write_file("m.lua", TEXT("r\0e\0t\0u\0r\0n\0"));
    assert_problems("cfkv.file.json 'f'", "kv.lua:1: error: file 'f': this is UTF-16\n"
                                          "  hint: save it as UTF-8\n");
    assert_problems("cfkv.file.text 'f'", "kv.lua:1: error: file 'f': this is UTF-16\n"
                                          "  hint: save it as UTF-8\n");
    assert_problems("require 'm'", "m.lua:1: error: this is UTF-16\n"
                                   "  hint: save it as UTF-8\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(a_string_value_is_stored_as_its_bytes),
        SCRIPT_TEST(a_table_value_is_stored_as_canonical_json),
        SCRIPT_TEST(put_options_are_recorded),
        SCRIPT_TEST(a_zero_expiry_is_told_from_none),
        SCRIPT_TEST(a_value_that_is_no_text_says_how_to_write_one),
        SCRIPT_TEST(what_json_cannot_say_is_refused_with_the_path_to_it),
        SCRIPT_TEST(json_nests_to_64_levels),
        SCRIPT_TEST(metadata_holds_no_ids_and_no_secrets),
        SCRIPT_TEST(a_wrong_put_is_kept_for_the_rules_about_the_rest_of_it),
        SCRIPT_TEST(puts_of_a_namespace_without_a_name_are_still_checked),
        SCRIPT_TEST(an_id_is_joined_into_a_value_known_at_apply),
        SCRIPT_TEST(ids_can_be_compared_but_not_read),
        SCRIPT_TEST(a_secret_taints_everything_it_is_joined_to),
        SCRIPT_TEST(no_way_of_failing_shows_a_secret),
        SCRIPT_TEST(a_bulk_list_is_recorded_item_by_item),
        SCRIPT_TEST(problems_of_bulk_items_name_the_item),
        SCRIPT_TEST(one_item_without_a_list_around_it_is_told),
        SCRIPT_TEST(a_list_with_a_hole_is_told),
        SCRIPT_TEST(a_bulk_source_is_recorded_by_its_path),
        SCRIPT_TEST(rows_and_folders_are_sources),
        SCRIPT_TEST(a_source_that_is_missing_or_outside_is_told_once),
        SCRIPT_TEST(prune_takes_a_prefix),
        SCRIPT_TEST(json_round_trips),
        SCRIPT_TEST(json_that_is_wrong_raises),
        SCRIPT_TEST(what_json_cannot_keep_is_told),
        SCRIPT_TEST(a_number_that_cannot_be_kept_is_told_with_its_place),
        SCRIPT_TEST(utf_16_is_told_as_such),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
