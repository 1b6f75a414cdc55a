#include "test_script.h"

#include "base/duration.h"

#include "model/validate.h"

/* ---- project --------------------------------------------------------------------------------- */

static void a_project_is_recorded_with_all_its_fields(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        "cfkv.project { name = 'shop', account_id = ('a'):rep(32), naming = '{env}-{app}',\n"
        "  environments = { 'dev', 'prod' }, protected_envs = 'prod', title_max = 100,\n"
        "  guards = { mass_percent = 50, mass_from = 10 }, ephemeral = { match = 'pr-*' },\n"
        "  backups = { dir = 'saved', keep = 3, days = 4 }, limits = { namespaces = 2000 } }");
    assert_true(m.project.declared);
    assert_bytes(m.project.name, TEXT("shop"));
    assert_bytes(m.project.account_id, TEXT("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    assert_bytes(m.project.naming, TEXT("{env}-{app}"));
    assert_int_equal(m.project.environments.n, 2);
    assert_bytes(m.project.environments.items[1], TEXT("prod"));
    assert_int_equal(m.project.protected_envs.n, 1);
    assert_bytes(m.project.protected_envs.items[0], TEXT("prod"));
    assert_int_equal(m.project.title_max, 100);
    assert_int_equal(m.project.namespaces_max, 2000);
    assert_int_equal(m.project.mass_percent, 50);
    assert_int_equal(m.project.mass_from, 10);
    assert_bytes(m.project.backups_dir, TEXT("saved"));
    assert_int_equal(m.project.backups_keep, 3);
    assert_int_equal(m.project.backups_days, 4);
    assert_true(environment_is_ephemeral(&m.project, TEXT("pr-12")));
    assert_false(environment_is_ephemeral(&m.project, TEXT("prod")));
    assert_string_equal(m.project.pos.file, "kv.lua");
    assert_int_equal(m.project.pos.line, 1);
    model_release(&m);
}

static void fields_that_a_project_leaves_out_keep_their_defaults(void **state)
{
    (void)state;
    struct model m = evaluate_clean("cfkv.project { name = 'shop' }");
    assert_bytes(m.project.naming, TEXT("{app}-{purpose}-{env}"));
    assert_int_equal(m.project.title_max, CFKV_TITLE_MAX_DEFAULT);
    assert_int_equal(m.project.environments.n, 0);
    assert_int_equal(m.project.mass_percent, 30);
    assert_int_equal(m.project.mass_from, 100);
    assert_null(m.project.backups_dir.data);
    assert_int_equal(m.project.backups_keep, 20);
    assert_int_equal(m.project.backups_days, 30);
    assert_false(environment_is_ephemeral(&m.project, TEXT("")));
    model_release(&m);
}

static void project_defaults_reach_every_namespace_that_says_nothing_else(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        "cfkv.project { name = 'p', defaults = { ttl_seconds = 90, on_remove = 'keep',\n"
        "  protect = true, create = false, fingerprint = true } }\n"
        "cfkv.namespace { title = 'a' }\n"
        "cfkv.namespace { title = 'b', ttl_seconds = 0, protect = false, on_remove = 'delete' }");
    assert_int_equal(m.namespaces[0].ttl_seconds, 90);
    assert_int_equal(m.namespaces[0].on_remove, ON_REMOVE_KEEP);
    assert_int_equal(m.namespaces[0].protect, YES);
    assert_false(m.namespaces[0].create);
    assert_true(m.namespaces[0].fingerprint);
    assert_int_equal(m.namespaces[1].ttl_seconds, 0);
    assert_int_equal(m.namespaces[1].on_remove, ON_REMOVE_DELETE);
    assert_int_equal(m.namespaces[1].protect, NO);
    model_release(&m);
}

static void a_second_project_is_told_with_the_place_of_the_first(void **state)
{
    (void)state;
    assert_problems("cfkv.project { name = 'a' }\ncfkv.project { name = 'b' }",
                    "kv.lua:2: error: cfkv.project was called before, at kv.lua:1\n"
                    "  hint: declare the project once\n");
}

static void a_project_after_a_namespace_is_told(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace { title = 'a' }\ncfkv.project { name = 'b' }",
                    "kv.lua:2: error: cfkv.project comes after the namespace at kv.lua:1\n"
                    "  hint: put cfkv.project before the first cfkv.namespace\n");
}

static void a_project_tells_unknown_members_of_its_tables(void **state)
{
    (void)state;
    assert_problems("cfkv.project { name = 'p', guards = { mass_form = 1 }, backups = { keep = 'x' "
                    "},\n  ephemeral = {} }",
                    "kv.lua:1: error: unknown field 'mass_form' in guards\n"
                    "  hint: did you mean 'mass_from'?\n"
                    "kv.lua:1: error: field 'keep' of backups must be an integer, got 'x'\n"
                    "kv.lua:1: error: ephemeral needs field 'match'\n"
                    "  hint: add match = …\n");
}

static void what_may_go_is_recorded(void **state)
{
    (void)state;
    struct model m = evaluate_clean("cfkv.removed { title = 'a', allow_data_loss = true }\n"
                                    "cfkv.removed { address = 'x/y/z', allow_mass_delete = true }");
    assert_int_equal(m.n_removed, 2);
    const struct removed_decl *a = model_find_removed(&m, TEXT(""), TEXT("i/j/k"), TEXT("a"));
    assert_true(a && a->allow_data_loss && !a->allow_mass_delete && a->pos.line == 1);
    const struct removed_decl *z = model_find_removed(&m, TEXT(""), TEXT("x/y/z"), TEXT("b"));
    assert_true(z && !z->allow_data_loss && z->allow_mass_delete);
    assert_null(model_find_removed(&m, TEXT(""), TEXT("a"), TEXT("x/y/z")));
    model_release(&m);
    assert_problems("cfkv.removed 'a'",
                    "kv.lua:1: error: cfkv.removed takes a table of named fields, got 'a'\n");
    assert_problems("cfkv.removed { title = 'a', allow_dataloss = true }",
                    "kv.lua:1: error: unknown field 'allow_dataloss' in cfkv.removed\n"
                    "  hint: did you mean 'allow_data_loss'?\n");
}

/* ---- all of what is wrong -------------------------------------------------------------------- */

/* What model_validate adds to the problems of evaluation. */
static void assert_all_problems(const char *code, const char *want)
{
    struct model m = evaluate(code);
    struct buf text = {0};
    model_validate(&m, 1700000000);
    diag_write_text(&m.diags, true, 0, &text);
    assert_string_equal(text.data, want);
    buf_release(&text);
    model_release(&m);
}

static void a_namespace_tells_every_wrong_field(void **state)
{
    (void)state;
    assert_all_problems("cfkv.namespace { title = 5, jurisdiction = 'mars', ttl_seconds = 5 }",
                        "kv.lua:1: error: field 'title' of cfkv.namespace must be a string, got 5\n"
                        "  hint: write it in quotes\n"
                        "kv.lua:1: error: ttl_seconds '5 s' is too short\n"
                        "  hint: give 0 (keys do not expire) or at least 60 seconds\n"
                        "kv.lua:1: error: jurisdiction 'mars' is unknown\n"
                        "  hint: known: 'eu', 'fedramp', 'us'\n");
}

static void a_put_and_an_item_tell_every_wrong_field(void **state)
{
    (void)state;
    assert_all_problems(
        "local ns = cfkv.namespace { title = 'a' }\n"
        "ns:put('', 5, { expiration_ttl = 5 })\n"
        "ns:put(5, 'v', { policy = 'x', expiration = -1 })\n"
        "ns:put(6, 'v')\n"
        "ns:bulk { { key = 5, value = 'v', expiration_ttl = 5 }, { key = '.', value = print } }",
        "kv.lua:2: error: the value must be a string or a table, got 5\n"
        "  hint: tostring(v) stores its text, cfkv.json.encode(v) its JSON\n"
        "kv.lua:2: error: key '' is empty\n"
        "  hint: give it a name\n"
        "kv.lua:2: error: expiration_ttl '5 s' of key '' is too short\n"
        "  hint: give at least 60 seconds\n"
        "kv.lua:3: error: the key must be a string, got 5\n"
        "  hint: write tostring(key)\n"
        "kv.lua:3: error: field 'policy' of ns:put must be 'managed' or 'once', got 'x'\n"
        "kv.lua:3: error: expiration '-1 (1969-12-31T23:59:59Z)' of key '(unnamed 0.2)' is not "
        "between 1 and 2147483647\n"
        "  hint: give seconds since 1970, or a time such as '2027-01-31T12:00:00Z'\n"
        "kv.lua:4: error: the key must be a string, got 6\n"
        "  hint: write tostring(key)\n"
        "kv.lua:5: error: item 1: field 'key' of a bulk item must be a string, got 5\n"
        "  hint: write it in quotes\n"
        "kv.lua:5: error: item 2: the value must be a string or a table, got a function\n"
        "kv.lua:5: error: item 1: expiration_ttl '5 s' of key '(unnamed 1.1)' is too short\n"
        "  hint: give at least 60 seconds\n"
        "kv.lua:5: error: item 2: key '.' is refused by Workers KV\n"
        "  hint: call it something else: '.' and '..' are steps in an address\n");
}

static void a_wrangler_declaration_tells_every_wrong_field(void **state)
{
    (void)state;
    assert_all_problems("cfkv.namespace { title = 'a', env = 'dev', binding = 'A' }\n"
                        "cfkv.wrangler { path = 5, top_level = 'deev', bindings = { a = 'x-y' } }\n"
                        "cfkv.wrangler { path = 'w.yaml', select = 5, persist_to = '' }",
                        "kv.lua:2: error: field 'path' of cfkv.wrangler must be a string, got 5\n"
                        "  hint: write it in quotes\n"
                        "kv.lua:2: error: top_level names 'deev', which is the env of no "
                        "namespace\n"
                        "  hint: did you mean 'dev'?\n"
                        "kv.lua:2: error: binding 'x-y' is not a JavaScript identifier\n"
                        "  hint: it becomes env.NAME in a Worker: letters, digits, _ and $\n"
                        "kv.lua:3: error: field 'select' of cfkv.wrangler must be a list of "
                        "strings, got 5\n"
                        "kv.lua:3: error: wrangler path 'w.yaml' is neither .toml nor .jsonc nor "
                        ".json\n"
                        "  hint: name the config that wrangler reads, such as 'wrangler.jsonc'\n"
                        "kv.lua:3: error: persist_to '' is empty\n"
                        "  hint: give the folder that wrangler dev gets with --persist-to\n");
}

static void an_output_and_a_removal_tell_everything(void **state)
{
    (void)state;
    assert_all_problems(
        "cfkv.output('a-b', print)\ncfkv.output(5, print)\n"
        "cfkv.removed { title = 'a', address = 'b', allow_data_loss = 'yes' }",
        "kv.lua:1: error: output 'a-b': value is a function\n"
        "  hint: JSON holds strings, numbers, booleans, tables and cfkv.null\n"
        "kv.lua:1: error: output name 'a-b' is not an identifier\n"
        "  hint: use letters, digits and _, not starting with a digit\n"
        "kv.lua:2: error: the name of an output must be a string, got 5\n"
        "  hint: cfkv.output(\"name\", value)\n"
        "kv.lua:2: error: output '(unnamed)': value is a function\n"
        "  hint: JSON holds strings, numbers, booleans, tables and cfkv.null\n"
        "kv.lua:3: error: field 'allow_data_loss' of cfkv.removed must be true or false, got "
        "'yes'\n"
        "kv.lua:3: error: cfkv.removed has a title and an address\n"
        "  hint: give title or address\n");
}

/* ---- fields ---------------------------------------------------------------------------------- */

static void an_unknown_field_gets_the_nearest_known_name(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace { title = 'a', ttl_second = 60 }",
                    "kv.lua:1: error: unknown field 'ttl_second' in cfkv.namespace\n"
                    "  hint: did you mean 'ttl_seconds'?\n");
}

static void a_ttl_gets_the_name_that_it_has_there(void **state)
{
    (void)state;
    static const char *const words[] = {"ttl", "expirationTtl", "expiration_ttl"};
    char code[160], want[200];
    for (size_t i = 0; i < N_OF(words); i++) {
        snprintf(code, sizeof code, "cfkv.namespace { title = 'a', %s = 60 }", words[i]);
        snprintf(want, sizeof want,
                 "kv.lua:1: error: unknown field '%s' in cfkv.namespace\n"
                 "  hint: did you mean 'ttl_seconds'?\n",
                 words[i]);
        assert_problems(code, want);
    }
    static const char *const of_puts[] = {"ttl", "expirationTtl", "ttl_seconds"};
    for (size_t i = 0; i < N_OF(of_puts); i++) {
        snprintf(code, sizeof code, "cfkv.namespace { title = 'a' }:put('k', 'v', { %s = 60 })",
                 of_puts[i]);
        snprintf(want, sizeof want,
                 "kv.lua:1: error: unknown field '%s' in ns:put\n"
                 "  hint: did you mean 'expiration_ttl'?\n",
                 of_puts[i]);
        assert_problems(code, want);
    }
}

static void an_unknown_field_near_nothing_gets_the_list_of_known_ones(void **state)
{
    (void)state;
    assert_problems(
        "cfkv.wrangler { path = 'wrangler.toml', colour = 'red' }",
        "kv.lua:1: error: unknown field 'colour' in cfkv.wrangler\n"
        "  hint: accepted: path, top_level, environments, previews, bindings, app, select, ids, "
        "persist_to\n");
}

static void unknown_fields_are_told_in_the_same_order_every_time(void **state)
{
    (void)state;
    const char *code = "cfkv.namespace { title = 'a', zz = 1, qq = 1, ww = 1, [1] = 2, vv = 3 }";
    struct model m = evaluate(code);
    assert_int_equal(m.diags.n, 5);
    assert_non_null(strstr(m.diags.items[0].message, "not a list"));
    assert_non_null(strstr(m.diags.items[1].message, "'qq'"));
    assert_non_null(strstr(m.diags.items[2].message, "'vv'"));
    assert_non_null(strstr(m.diags.items[4].message, "'zz'"));
    model_release(&m);
}

static void a_field_of_a_wrong_type_says_what_is_expected_and_what_was_given(void **state)
{
    (void)state;
    assert_problems(
        "cfkv.namespace { title = 'a',\nttl_seconds = '60', protect = 'yes', binding = {}, preview "
        "= 1 }",
        "kv.lua:1: error: field 'binding' of cfkv.namespace must be a string, got a table\n"
        "kv.lua:1: error: field 'ttl_seconds' of cfkv.namespace must be whole seconds, or a "
        "duration such as '15m' or '7d', got '60'\n"
        "  hint: write 60, without quotes; cfkv.var gives it with type = 'duration'\n"
        "kv.lua:1: error: field 'protect' of cfkv.namespace must be true or false, got 'yes'\n"
        "kv.lua:1: error: field 'preview' of cfkv.namespace must be true or false, got 1\n");
}

static void a_field_with_accepted_values_lists_them(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace { title = 'a', on_remove = 'drop' }",
                    "kv.lua:1: error: field 'on_remove' of cfkv.namespace must be 'delete' or "
                    "'keep', got 'drop'\n");
}

static void an_integer_may_be_written_with_a_zero_fraction_only(void **state)
{
    (void)state;
    struct model m = evaluate_clean("cfkv.namespace { title = 'a', ttl_seconds = 3600.0 }");
    assert_int_equal(m.namespaces[0].ttl_seconds, 3600);
    model_release(&m);
    assert_problems("cfkv.namespace { title = 'a', ttl_seconds = 3600.5 }",
                    "kv.lua:1: error: field 'ttl_seconds' of cfkv.namespace must be whole seconds, "
                    "or a duration such as '15m' or '7d', "
                    "got 3600.5\n");
    assert_problems("cfkv.namespace { title = 'a', ttl_seconds = 2^63 }",
                    "kv.lua:1: error: field 'ttl_seconds' of cfkv.namespace must be whole seconds, "
                    "or a duration such as '15m' or '7d', "
                    "got 9.2233720368548e+18\n");
}

static void seconds_may_be_written_as_people_say_them(void **state)
{
    (void)state;
    struct model m =
        evaluate_clean("cfkv.project { name = 'p', defaults = { ttl_seconds = '1h' }, backups = { "
                       "days = '2w' } }\n"
                       "local ns = cfkv.namespace { title = 'a' }\n"
                       "cfkv.namespace { title = 'b', ttl_seconds = '1d12h' }\n"
                       "ns:put('k', 'v', { expiration_ttl = '15m' })\n"
                       "ns:put('l', 'v', { expiration = '2037-01-31T13:00:00+01:00' })\n"
                       "ns:put('m', 'v', { expiration_ttl = '0s' })\n"
                       "ns:bulk { { key = 'n', value = '', expiration_ttl = '90s' } }\n");
    assert_int_equal(m.project.backups_days, 14);
    assert_int_equal(m.namespaces[0].ttl_seconds, 3600);
    assert_int_equal(m.namespaces[1].ttl_seconds, 129600);
    assert_int_equal(m.namespaces[0].puts[0].seed.expiration_ttl, 900);
    assert_int_equal(m.namespaces[0].puts[1].seed.expiration, 2117016000);
    assert_true(m.namespaces[0].puts[2].seed.no_ttl);
    assert_int_equal(m.namespaces[0].bulks[0].items[0].expiration_ttl, 90);
    model_release(&m);
}

static void what_is_no_duration_or_time_says_what_to_write(void **state)
{
    (void)state;
    assert_problems(
        "cfkv.namespace { title = 'a', ttl_seconds = '1 hour' }",
        "kv.lua:1: error: field 'ttl_seconds' of cfkv.namespace must be " DURATION_WANTED
        ", got '1 hour'\n"
        "  hint: write '1h'\n");
    assert_problems("cfkv.project { name = 'p', backups = { days = '36h' } }",
                    "kv.lua:1: error: field 'days' of backups must be " DAYS_WANTED
                    ", got '36h'\n");
    assert_problems("local ns = cfkv.namespace { title = 'a' }\n"
                    "ns:put('k', 'v', { expiration = '1h' })",
                    "kv.lua:2: error: field 'expiration' of ns:put must be " MOMENT_WANTED
                    ", got '1h'\n"
                    "  hint: a duration is what expiration_ttl takes\n");
    assert_problems("local ns = cfkv.namespace { title = 'a' }\n"
                    "ns:put('k', 'v', { expiration_ttl = '2027-01-31' })",
                    "kv.lua:2: error: field 'expiration_ttl' of ns:put must be " DURATION_WANTED
                    ", got '2027-01-31'\n"
                    "  hint: a time is what expiration takes\n");
}

static void a_field_that_belongs_into_a_table_is_told_where(void **state)
{
    static const struct {
        const char *field, *hint;
    } misplaced[] = {
        {"ttl_seconds",
         "did you mean 'ttl_seconds' inside of 'defaults'? defaults = { ttl_seconds = … }"},
        {"ttl", "did you mean 'ttl_seconds' inside of 'defaults'? defaults = { ttl_seconds = … }"},
        {"owner", "did you mean 'owner' inside of 'defaults'? defaults = { owner = … }"},
        {"keep", "did you mean 'keep' inside of 'backups'? backups = { keep = … }"},
        {"mass_percent",
         "did you mean 'mass_percent' inside of 'guards'? guards = { mass_percent = … }"},
        {"environment", "did you mean 'environments'?"},
        {"backup", "did you mean 'backups'?"},
    };
    (void)state;
    for (size_t i = 0; i < N_OF(misplaced); i++) {
        char script[160], told[400];
        snprintf(script, sizeof script, "cfkv.project { name = 'p', %s = {} }", misplaced[i].field);
        snprintf(told, sizeof told,
                 "kv.lua:1: error: unknown field '%s' in cfkv.project\n  hint: %s\n",
                 misplaced[i].field, misplaced[i].hint);
        assert_problems(script, told);
    }
}

static void a_required_field_that_is_missing_is_named(void **state)
{
    (void)state;
    assert_problems("cfkv.project {}", "kv.lua:1: error: cfkv.project needs field 'name'\n"
                                       "  hint: add name = …\n");
    assert_problems("cfkv.wrangler {}", "kv.lua:1: error: cfkv.wrangler needs field 'path'\n"
                                        "  hint: add path = …\n");
}

static void an_argument_that_is_no_table_is_one_problem(void **state)
{
    (void)state;
    assert_problems("cfkv.namespace 'cache'", "kv.lua:1: error: cfkv.namespace takes a table of "
                                              "named fields, got 'cache'\n");
    assert_problems("cfkv.namespace()", "kv.lua:1: error: cfkv.namespace takes a table of named "
                                        "fields, got nothing\n");
}

static void all_problems_of_a_file_are_told_at_once(void **state)
{
    (void)state;
    assert_problems("cfkv.project { nam = 'a' }\n"
                    "local ns = cfkv.namespace { title = 3 }\n"
                    "ns:put(1, 'x')\n"
                    "cfkv.output('o')",
                    "kv.lua:1: error: unknown field 'nam' in cfkv.project\n"
                    "  hint: did you mean 'name'?\n"
                    "kv.lua:2: error: field 'title' of cfkv.namespace must be a string, got 3\n"
                    "  hint: write it in quotes\n"
                    "kv.lua:3: error: the key must be a string, got 1\n"
                    "  hint: write tostring(key)\n"
                    "kv.lua:4: error: output 'o': it has no value (nil)\n"
                    "  hint: is there a slip in a name?\n");
}

static void fields_inherited_through_a_metatable_count(void **state)
{
    (void)state;
    struct model m =
        evaluate_clean("local base = { app = 'shop', env = 'dev' }\n"
                       "cfkv.namespace(setmetatable({ purpose = 'cache' }, { __index = base }))");
    assert_bytes(m.namespaces[0].title, TEXT("shop-cache-dev"));
    model_release(&m);
}

/* ---- namespace ------------------------------------------------------------------------------- */

static void a_namespace_is_recorded_with_all_its_fields(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        "\ncfkv.namespace { app = 'shop', purpose = 'cache', env = 'prod', ttl_seconds = 60,\n"
        "  description = 'd', binding = 'CACHE', protect = true, on_remove = 'keep',\n"
        "  renamed_from = 'old', id = 'abc', create = false, preview = true, fingerprint = true,\n"
        "  jurisdiction = 'eu', account_id = 'acc' }");
    const struct namespace_decl *ns = &m.namespaces[0];
    assert_int_equal(m.n_namespaces, 1);
    assert_bytes(ns->title, TEXT("shop-cache-prod"));
    assert_bytes(ns->address, TEXT("shop/cache/prod"));
    assert_false(ns->title_explicit);
    assert_int_equal(ns->ttl_seconds, 60);
    assert_bytes(ns->description, TEXT("d"));
    assert_bytes(ns->binding, TEXT("CACHE"));
    assert_int_equal(ns->protect, YES);
    assert_int_equal(ns->on_remove, ON_REMOVE_KEEP);
    assert_bytes(ns->renamed_from, TEXT("old"));
    assert_bytes(ns->id, TEXT("abc"));
    assert_false(ns->create);
    assert_true(ns->preview);
    assert_true(ns->fingerprint);
    assert_bytes(ns->jurisdiction, TEXT("eu"));
    assert_bytes(ns->account_id, TEXT("acc"));
    assert_int_equal(ns->pos.line, 2);
    model_release(&m);
}

static void fields_that_a_namespace_leaves_out_are_absent(void **state)
{
    (void)state;
    struct model m = evaluate_clean("cfkv.namespace { title = 'a' }");
    const struct namespace_decl *ns = &m.namespaces[0];
    assert_true(ns->title_explicit);
    assert_true(ns->create);
    assert_null(ns->app.data);
    assert_null(ns->description.data);
    assert_null(ns->binding.data);
    assert_int_equal(ns->protect, UNSET);
    assert_int_equal(ns->on_remove, ON_REMOVE_DEFAULT);
    model_release(&m);
}

static void namespace_name_means_title(void **state)
{
    (void)state;
    struct model m = evaluate_clean("cfkv.namespace { namespace_name = 'cache' }");
    assert_bytes(m.namespaces[0].title, TEXT("cache"));
    assert_true(m.namespaces[0].title_explicit);
    model_release(&m);
    assert_problems("cfkv.namespace { namespace_name = 'a', title = 'b' }",
                    "kv.lua:1: error: both title and namespace_name are given\n"
                    "  hint: they mean the same; keep title\n");
}

static void a_namespace_remembers_the_chain_of_calls(void **state)
{
    (void)state;
    mkdir("lib", 0700);
    write_text("lib/make.lua", "local cfkv = require 'cfkv'\n"
                               "return function(title)\n"
                               "  local ns = cfkv.namespace { title = title }\n"
                               "  return ns\n"
                               "end\n");
    struct model m = evaluate_clean("local make = require 'lib.make'\n"
                                    "for _, t in ipairs { 'a', 'b' } do\n"
                                    "  local ns = make(t)\n"
                                    "end");
    const struct namespace_decl *ns = &m.namespaces[1];
    assert_int_equal(ns->n_chain, 2);
    assert_string_equal(ns->chain[0].file, "lib/make.lua");
    assert_int_equal(ns->chain[0].line, 3);
    assert_string_equal(ns->chain[1].file, "kv.lua");
    assert_int_equal(ns->chain[1].line, 3);
    assert_string_equal(ns->pos.file, "lib/make.lua");
    model_release(&m);
}

static void a_namespace_handle_tells_title_and_address(void **state)
{
    (void)state;
    assert_lua("local ns = cfkv.namespace { app = 'shop', purpose = 'cache', env = 'dev' }\n"
               "assert(ns.title == 'shop-cache-dev')\n"
               "assert(ns.address == 'shop/cache/dev')\n"
               "assert(tostring(ns) == 'namespace shop/cache/dev')\n"
               "assert(getmetatable(ns) == false)");
}

static void a_namespace_handle_cannot_be_assigned_to(void **state)
{
    (void)state;
    assert_problems(
        "local ns = cfkv.namespace { title = 'a' }\nns.ttl_seconds = 60",
        "kv.lua:2: error: a namespace cannot be assigned to (field 'ttl_seconds')\n"
        "  hint: give attributes to cfkv.namespace { … } and keys to ns:put(key, value)\n");
}

static void an_unknown_field_of_a_handle_gets_the_nearest_name(void **state)
{
    (void)state;
    assert_problems("local ns = cfkv.namespace { title = 'a' }\nprint(ns.adress)",
                    "kv.lua:2: error: a namespace has no field 'adress'\n"
                    "  hint: did you mean 'address'?\n");
}

static void a_method_called_with_a_dot_is_misuse_and_raises(void **state)
{
    (void)state;
    assert_problems("local ns = cfkv.namespace { title = 'a' }\nns.put('k', 'v')",
                    "kv.lua:2: error: put was called without its namespace\n"
                    "  hint: write ns:put(…), with a colon\n");
}

/* ---- outputs, wrangler ---------------------------------------------------------------------- */

static void outputs_hold_text_ids_and_json(void **state)
{
    (void)state;
    struct model m = evaluate_clean("local ns = cfkv.namespace { title = 'a' }\n"
                                    "cfkv.output('text', 'hello')\n"
                                    "cfkv.output('id', ns.id)\n"
                                    "cfkv.output('n', 3)\n"
                                    "cfkv.output('flag', true)\n"
                                    "cfkv.output('t', { b = { 1, 2 }, a = cfkv.null })");
    assert_int_equal(m.n_outputs, 5);
    assert_bytes(literal(&m.outputs[0].value), TEXT("hello"));
    assert_string_equal(m.outputs[1].name, "id");
    assert_int_equal(m.outputs[1].value.parts[0].kind, PART_ID);
    assert_bytes(m.outputs[2].json, TEXT("3"));
    assert_bytes(m.outputs[3].json, TEXT("true"));
    assert_bytes(m.outputs[4].json, TEXT("{\"a\":null,\"b\":[1,2]}"));
    assert_int_equal(m.outputs[4].pos.line, 6);
    model_release(&m);
}

static void secrets_are_refused_as_outputs(void **state)
{
    (void)state;
    struct model m = evaluate("cfkv.output('x', cfkv.secret 'hunter2')\n"
                              "cfkv.output('y', 'Bearer ' .. cfkv.secret 'hunter2')");
    model_validate(&m, 0);
    assert_diagnostics(&m, "kv.lua:1: error: output 'x' is a secret\n"
                           "  hint: outputs are kept in state and printed; leave it out\n"
                           "kv.lua:2: error: output 'y' is a secret\n"
                           "  hint: outputs are kept in state and printed; leave it out\n");
    model_release(&m);
    assert_problems("cfkv.output('x', { token = cfkv.secret 'hunter2' })",
                    "kv.lua:1: error: output 'x': a secret cannot be an output\n"
                    "  hint: outputs are printed and kept in the state file\n");
}

static void an_output_without_a_string_as_name_is_told(void **state)
{
    (void)state;
    assert_problems("cfkv.output(3, 'x')",
                    "kv.lua:1: error: the name of an output must be a string, got 3\n"
                    "  hint: cfkv.output(\"name\", value)\n");
}

static void a_wrangler_config_is_recorded_with_all_its_fields(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        "cfkv.wrangler { path = 'w.toml', top_level = 'prod', app = 'shop', select = { 'a*', 'b' "
        "},\n"
        "  environments = { prod = 'production', dev = 'development' }, persist_to = 'p' }");
    const struct wrangler_decl *w = &m.wranglers[0];
    assert_bytes(w->path, TEXT("w.toml"));
    assert_bytes(w->top_level, TEXT("prod"));
    assert_bytes(w->app, TEXT("shop"));
    assert_bytes(w->persist_to, TEXT("p"));
    assert_int_equal(w->select.n, 2);
    assert_bytes(w->select.items[0], TEXT("a*"));
    assert_int_equal(w->environments.n, 2);
    assert_bytes(w->environments.items[0].from, TEXT("dev"));
    assert_bytes(w->environments.items[1].to, TEXT("production"));
    assert_null(w->previews.data);
    assert_int_equal(w->ids, IDS_FILL);
    model_release(&m);
}

static void a_wrangler_declaration_may_name_several_sections(void **state)
{
    (void)state;
    struct model m = evaluate_clean(
        "cfkv.namespace { title = 'g', env = 'prod', binding = 'G' }\n"
        "cfkv.wrangler { path = 'w.toml', top_level = 'prod', previews = 'prod', ids = 'auto',\n"
        "  environments = { prod = { 'production', 'live' } },\n"
        "  bindings = { g = { top_level = 'TOP', production = 'PROD' }, ['*'] = 'ALL' } }");
    const struct wrangler_decl *w = &m.wranglers[0];
    const struct renaming *envs = w->environments.items, *names = w->bindings.items;
    assert_bytes(w->previews, TEXT("prod"));
    assert_int_equal(w->ids, IDS_AUTO);
    assert_int_equal(w->environments.n, 2);
    assert_bytes(envs[0].from, TEXT("prod"));
    assert_bytes(envs[0].to, TEXT("production"));
    assert_bytes(envs[1].from, TEXT("prod"));
    assert_bytes(envs[1].to, TEXT("live"));
    assert_int_equal(w->bindings.n, 3);
    assert_bytes(names[0].to, TEXT("ALL"));
    assert_null(names[0].part.data);
    assert_bytes(names[1].part, TEXT("production"));
    assert_bytes(names[1].to, TEXT("PROD"));
    assert_bytes(names[2].from, TEXT("g"));
    assert_bytes(names[2].part, TEXT("top_level"));
    model_release(&m);
}

static void sections_that_are_no_text_are_told(void **state)
{
    (void)state;
    static const struct {
        const char *field, *problem;
    } cases[] = {
        {"environments = { prod = {} }",
         "field 'environments' of cfkv.wrangler member 'prod': must be a string or a list of "
         "strings, got a table"},
        {"environments = { prod = { a = 'b' } }",
         "field 'environments' of cfkv.wrangler member 'prod': must be a string or a list of "
         "strings, got a table"},
        {"environments = { prod = 5 }",
         "field 'environments' of cfkv.wrangler member 'prod': must be a string or a list of "
         "strings, got 5"},
        {"environments = { prod = { 'a', false } }",
         "field 'environments' of cfkv.wrangler member 'prod': element 2: must be a string, got "
         "false"},
        {"bindings = { a = {} }",
         "field 'bindings' of cfkv.wrangler member 'a': must be a string or a table such as { "
         "top_level = 'NAME' }, got a table"},
        {"bindings = { a = { 'B' } }", "field 'bindings' of cfkv.wrangler member 'a': must be a "
                                       "table with names as keys, such as "
                                       "top_level = '…'"},
        {"bindings = { a = { top_level = { 'B' } } }",
         "field 'bindings' of cfkv.wrangler member 'a': member 'top_level': must be a string, got "
         "a table"},
        {"ids = 'none'", "field 'ids' of cfkv.wrangler must be 'fill' or 'auto', got 'none'"},
    };
    char code[160], want[320];
    for (size_t i = 0; i < N_OF(cases); i++) {
        snprintf(code, sizeof code, "cfkv.wrangler { path = 'w.toml', %s }", cases[i].field);
        snprintf(want, sizeof want, "kv.lua:1: error: %s\n", cases[i].problem);
        assert_problems(code, want);
    }
}

/* ---- what belongs elsewhere ----------------------------------------------------------------- */

static void live_calls_raise_and_say_what_to_write(void **state)
{
    (void)state;
    assert_problems("cfkv.key.put('a', 'b')",
                    "kv.lua:1: error: cfkv.key.put is a live call: it works in scripts (cfkv run), "
                    "not in a configuration\n"
                    "  hint: use ns:put(key, value)\n");
    assert_mentions("cfkv.namespace.create('x')", "cfkv.namespace.create is a live call");
    assert_mentions("cfkv.bulk.get {}", "cfkv.bulk.get is a live call");
}

static void the_module_is_read_only_and_knows_its_names(void **state)
{
    (void)state;
    assert_problems("cfkv.output = print",
                    "kv.lua:1: error: cfkv cannot be changed (field 'output')\n");
    assert_problems("cfkv.outptu('a', 'b')", "kv.lua:1: error: unknown name 'cfkv.outptu'\n"
                                             "  hint: did you mean 'cfkv.output'?\n");
}

/* One mechanism for all calls: a row of its own for each, so that none is left out. */
static void an_argument_too_many_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *call, *takes;
    } calls[] = {
        {"cfkv.project({ name = 'p' }, 7)", "cfkv.project takes (fields)"},
        {"cfkv.namespace({ title = 'a' }, 7)", "cfkv.namespace takes (fields)"},
        {"cfkv.removed({ title = 'a' }, 7)", "cfkv.removed takes (fields)"},
        {"cfkv.wrangler({ path = 'w.toml' }, 7)", "cfkv.wrangler takes (fields)"},
        {"cfkv.namespace { title = 'a' }:put('k', 'v', {}, 7)",
         "ns:put takes (key, value, options)"},
        {"cfkv.namespace { title = 'a' }:bulk({}, {}, 7)", "ns:bulk takes (source, options)"},
        {"cfkv.namespace { title = 'a' }:prune('x', 7)", "ns:prune takes (prefix)"},
        {"cfkv.output('n', 1, 7)", "cfkv.output takes (name, value)"},
        {"cfkv.secret('n', 7)", "cfkv.secret takes (value)"},
        {"cfkv.var('n', { default = 1 }, 7)", "cfkv.var takes (name, options)"},
        {"cfkv.getenv('N', { default = '1' }, 7)", "cfkv.getenv takes (name, options)"},
        {"cfkv.file.text('f', 7)", "cfkv.file.text takes (path)"},
        {"cfkv.file.bytes('f', 7)", "cfkv.file.bytes takes (path)"},
        {"cfkv.file.json('f', 7)", "cfkv.file.json takes (path)"},
        {"cfkv.source.json('f', 7)", "cfkv.source.json takes (path)"},
        {"cfkv.source.jsonl('f', 7)", "cfkv.source.jsonl takes (path)"},
        {"cfkv.source.csv('f', 7)", "cfkv.source.csv takes (path)"},
        {"cfkv.source.dir('.', 7)", "cfkv.source.dir takes (path)"},
        {"cfkv.json.encode(1, 7)", "cfkv.json.encode takes (value)"},
        {"cfkv.json.decode('1', 7)", "cfkv.json.decode takes (text)"},
        {"cfkv.array({}, 7)", "cfkv.array takes (table)"},
        {"cfkv.policy('n', print, 7)", "cfkv.policy takes (name, check)"},
    };
    write_text("f", "1");
    for (size_t i = 0; i < N_OF(calls); i++) {
        char code[200], want[200];
        snprintf(code, sizeof code, "\n%s", calls[i].call);
        snprintf(want, sizeof want, "kv.lua:2: error: %s and nothing more, got 7 besides\n",
                 calls[i].takes);
        assert_mentions(code, want);
    }
    assert_lua("cfkv.namespace { title = 'a' }:put('k', 'v', nil, nil) cfkv.array({}, nil)");
    assert_problems("cfkv.source.csv('f', { map = print })",
                    "kv.lua:1: error: cfkv.source.csv takes (path) and nothing more, got a table "
                    "besides\n");
}

static void a_missing_argument_is_told_with_the_name_of_the_call(void **state)
{
    (void)state;
    static const char *const reads[] = {"text", "bytes", "json"};
    static const char *const sources[] = {"json", "jsonl", "csv", "dir"};
    char code[100], want[200];
    for (size_t i = 0; i < N_OF(reads); i++) {
        snprintf(code, sizeof code, "\ncfkv.file.%s()", reads[i]);
        snprintf(want, sizeof want, "kv.lua:2: error: cfkv.file.%s takes a path, got nothing\n",
                 reads[i]);
        assert_mentions(code, want);
    }
    for (size_t i = 0; i < N_OF(sources); i++) {
        snprintf(code, sizeof code, "pcall(cfkv.source.%s)\ncfkv.source.%s(5)", sources[i],
                 sources[i]);
        snprintf(want, sizeof want, "kv.lua:1: error: cfkv.source.%s takes a path, got nothing\n",
                 sources[i]);
        assert_mentions(code, want);
        snprintf(want, sizeof want, "kv.lua:2: error: cfkv.source.%s takes a path, got 5\n",
                 sources[i]);
        assert_mentions(code, want);
    }
    assert_problems("cfkv.array(5)\ncfkv.json.decode()",
                    "kv.lua:1: error: cfkv.array takes a table, got 5\n"
                    "  hint: write cfkv.array { … }\n"
                    "kv.lua:2: error: cfkv.json.decode takes a text, got nothing\n"
                    "  hint: write cfkv.json.decode(text)\n");
}

static void a_namespace_with_a_wrong_name_is_judged_in_all_else(void **state)
{
    (void)state;
    struct model m = evaluate("local ns = cfkv.namespace { title = 5, jurisdiction = 'mars', "
                              "ttl_seconds = 5, ttl = 5, env = 'x' }\n"
                              "ns:put('k', 'v', { ttl = 60 })\n"
                              "cfkv.policy('p', function(n) return n.title end)");
    model_validate(&m, 0);
    assert_diagnostics(&m,
                       "kv.lua:1: error: field 'title' of cfkv.namespace must be a string, got 5\n"
                       "  hint: write it in quotes\n"
                       "kv.lua:1: error: unknown field 'ttl' in cfkv.namespace\n"
                       "  hint: did you mean 'ttl_seconds'?\n"
                       "kv.lua:1: error: ttl_seconds '5 s' is too short\n"
                       "  hint: give 0 (keys do not expire) or at least 60 seconds\n"
                       "kv.lua:1: error: jurisdiction 'mars' is unknown\n"
                       "  hint: known: 'eu', 'fedramp', 'us'\n"
                       "kv.lua:2: error: unknown field 'ttl' in ns:put\n"
                       "  hint: did you mean 'expiration_ttl'?\n");
    model_release(&m);
}

static void a_thousand_problems_end_the_evaluation(void **state)
{
    (void)state;
    struct model m = evaluate("while true do cfkv.namespace { titel = 'x' } end");
    assert_int_equal(m.diags.n, 2); /* the same problem a thousand times is told once */
    assert_string_equal(m.diags.items[1].code, "budget.problems");
    model_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCRIPT_TEST(a_namespace_tells_every_wrong_field),
        SCRIPT_TEST(a_put_and_an_item_tell_every_wrong_field),
        SCRIPT_TEST(a_wrangler_declaration_tells_every_wrong_field),
        SCRIPT_TEST(an_output_and_a_removal_tell_everything),
        SCRIPT_TEST(a_project_is_recorded_with_all_its_fields),
        SCRIPT_TEST(fields_that_a_project_leaves_out_keep_their_defaults),
        SCRIPT_TEST(project_defaults_reach_every_namespace_that_says_nothing_else),
        SCRIPT_TEST(a_second_project_is_told_with_the_place_of_the_first),
        SCRIPT_TEST(a_project_after_a_namespace_is_told),
        SCRIPT_TEST(a_project_tells_unknown_members_of_its_tables),
        SCRIPT_TEST(what_may_go_is_recorded),
        SCRIPT_TEST(an_unknown_field_gets_the_nearest_known_name),
        SCRIPT_TEST(a_ttl_gets_the_name_that_it_has_there),
        SCRIPT_TEST(an_unknown_field_near_nothing_gets_the_list_of_known_ones),
        SCRIPT_TEST(unknown_fields_are_told_in_the_same_order_every_time),
        SCRIPT_TEST(a_field_of_a_wrong_type_says_what_is_expected_and_what_was_given),
        SCRIPT_TEST(a_field_with_accepted_values_lists_them),
        SCRIPT_TEST(an_integer_may_be_written_with_a_zero_fraction_only),
        SCRIPT_TEST(seconds_may_be_written_as_people_say_them),
        SCRIPT_TEST(what_is_no_duration_or_time_says_what_to_write),
        SCRIPT_TEST(a_field_that_belongs_into_a_table_is_told_where),
        SCRIPT_TEST(a_required_field_that_is_missing_is_named),
        SCRIPT_TEST(an_argument_that_is_no_table_is_one_problem),
        SCRIPT_TEST(all_problems_of_a_file_are_told_at_once),
        SCRIPT_TEST(fields_inherited_through_a_metatable_count),
        SCRIPT_TEST(a_namespace_is_recorded_with_all_its_fields),
        SCRIPT_TEST(fields_that_a_namespace_leaves_out_are_absent),
        SCRIPT_TEST(namespace_name_means_title),
        SCRIPT_TEST(a_namespace_remembers_the_chain_of_calls),
        SCRIPT_TEST(a_namespace_handle_tells_title_and_address),
        SCRIPT_TEST(a_namespace_handle_cannot_be_assigned_to),
        SCRIPT_TEST(an_unknown_field_of_a_handle_gets_the_nearest_name),
        SCRIPT_TEST(a_method_called_with_a_dot_is_misuse_and_raises),
        SCRIPT_TEST(outputs_hold_text_ids_and_json),
        SCRIPT_TEST(secrets_are_refused_as_outputs),
        SCRIPT_TEST(an_output_without_a_string_as_name_is_told),
        SCRIPT_TEST(a_wrangler_config_is_recorded_with_all_its_fields),
        SCRIPT_TEST(a_wrangler_declaration_may_name_several_sections),
        SCRIPT_TEST(sections_that_are_no_text_are_told),
        SCRIPT_TEST(live_calls_raise_and_say_what_to_write),
        SCRIPT_TEST(the_module_is_read_only_and_knows_its_names),
        SCRIPT_TEST(an_argument_too_many_is_told),
        SCRIPT_TEST(a_missing_argument_is_told_with_the_name_of_the_call),
        SCRIPT_TEST(a_namespace_with_a_wrong_name_is_judged_in_all_else),
        SCRIPT_TEST(a_thousand_problems_end_the_evaluation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
