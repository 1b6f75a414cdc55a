#include "test_wrangler_kit.h"

/* The config, which the caller releases. */
static struct wrangler_config reads(enum wrangler_syntax syntax, const char *text)
{
    struct wrangler_config config;
    struct error err = {.message = ""};
    if (!wrangler_config_read(bytes_of(text), syntax, &config, &err))
        fail_msg("%s", err.message);
    return config;
}

static const struct bytes PREVIEWS = {WRANGLER_PREVIEWS, sizeof WRANGLER_PREVIEWS - 1};

/* ---- Sections -------------------------------------------------------------------------------- */

static void the_previews_block_is_a_section(void **state)
{
    (void)state;
    static const struct {
        enum wrangler_syntax syntax;
        const char *text;
    } cases[] = {
        {WRANGLER_TOML, "[[previews.kv_namespaces]]\nbinding = 'A'\nid = '1'\n"},
        {WRANGLER_TOML, "[previews]\nkv_namespaces = [{ binding = 'A', id = '1' }]\n"},
        {WRANGLER_TOML, "previews = { kv_namespaces = [{ binding = 'A', id = '1' }] }\n"},
        {WRANGLER_TOML, "previews.kv_namespaces = [{ binding = 'A', id = '1' }]\n"},
        {WRANGLER_JSON, "{\"previews\":{\"kv_namespaces\":[{\"binding\":\"A\",\"id\":\"1\"}]}}"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct wrangler_config c = reads(cases[i].syntax, cases[i].text);
        assert_true(c.previews_line > 0);
        assert_false(c.has_bindings);
        assert_int_equal(c.n_bindings, 1);
        assert_int_equal(c.n_environments, 0);
        assert_text(wrangler_config_binding(&c, PREVIEWS, TEXT("A"))->id, "1");
        assert_null(wrangler_config_binding(&c, bytes_of(NULL), TEXT("A")));
        assert_null(wrangler_config_binding(&c, TEXT("previews"), TEXT("A")));
        wrangler_config_release(&c);
    }
}

static void an_environment_called_previews_is_another_section(void **state)
{
    (void)state;
    struct wrangler_config c =
        reads(WRANGLER_TOML, "[[env.previews.kv_namespaces]]\nbinding = 'A'\nid = '1'\n"
                             "[[previews.kv_namespaces]]\nbinding = 'A'\nid = '2'\n"
                             "[[kv_namespaces]]\nbinding = 'A'\nid = '3'\n");
    assert_int_equal(c.n_bindings, 3);
    assert_text(c.bindings[0].env, NULL);
    assert_text(c.bindings[1].env, WRANGLER_PREVIEWS);
    assert_text(c.bindings[1].id, "2");
    assert_text(c.bindings[2].env, "previews");
    assert_text(c.bindings[2].id, "1");
    assert_non_null(wrangler_config_environment(&c, TEXT("previews")));
    assert_null(wrangler_config_environment(&c, PREVIEWS));
    wrangler_config_release(&c);
}

static void what_cannot_be_a_section_is_refused(void **state)
{
    (void)state;
    assert_refused(WRANGLER_TOML, "[env.'[previews]'.vars]\n",
                   "line 1, column 6: an environment cannot be called '[previews]': Worker names "
                   "have no brackets, and the previews block is a table 'previews' of the top "
                   "level");
    assert_refused(WRANGLER_TOML, "[[previews]]\n", "line 1, column 3: 'previews' must be a table");
    assert_refused(WRANGLER_JSON, "{\"previews\": {\"kv_namespaces\": {}}}",
                   "line 1, column 15: 'kv_namespaces' must be an array of tables");
}

/* ---- Facts ----------------------------------------------------------------------------------- */

static void it_tells_where_the_accounts_are_said(void **state)
{
    (void)state;
    struct wrangler_config c = reads(WRANGLER_TOML, "name = 'w'\naccount_id = 'a'\n[env.p]\n"
                                                    "x = 1\naccount_id = 'b'\n[env.q]\n");
    assert_int_equal(c.account_line, 2);
    assert_int_equal(wrangler_config_environment(&c, TEXT("p"))->account_line, 5);
    assert_int_equal(wrangler_config_environment(&c, TEXT("q"))->account_line, 0);
    assert_int_equal(c.pages_line, 0);
    assert_int_equal(c.previews_line, 0);
    wrangler_config_release(&c);
}

#define ACC_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ACC_B "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB"

static void assert_account(const struct wrangler_config *c, struct bytes env, struct bytes id,
                           size_t line, bool inherited)
{
    struct wrangler_account account = wrangler_config_account(c, env);
    assert_true(bytes_same(account.id, id));
    assert_int_equal(account.line, line);
    assert_int_equal(account.inherited, inherited);
}

static void a_section_is_of_its_own_account_else_of_the_top_levels(void **state)
{
    (void)state;
    struct bytes none = bytes_make(NULL, 0);
    struct wrangler_config c = reads(WRANGLER_TOML, "account_id = '" ACC_A "'\n[env.p]\n"
                                                    "account_id = '" ACC_B "'\n[env.q]\n"
                                                    "[env.r]\naccount_id = '<YOURS>'\n"
                                                    "[env.s]\naccount_id = ''\n");
    assert_account(&c, none, TEXT(ACC_A), 1, false);
    assert_account(&c, TEXT("p"), TEXT(ACC_B), 3, false);
    assert_account(&c, TEXT("q"), TEXT(ACC_A), 1, true);
    assert_account(&c, TEXT("s"), TEXT(ACC_A), 1, true);
    assert_account(&c, TEXT(WRANGLER_PREVIEWS), TEXT(ACC_A), 1, true);
    assert_account(&c, TEXT("r"), none, 0, false); /* what wrangler finds there is no account */
    wrangler_config_release(&c);
}

static void it_knows_pages_projects(void **state)
{
    (void)state;
    struct wrangler_config c = reads(WRANGLER_JSON, "{\n\"pages_build_output_dir\": \"dist\"}");
    assert_int_equal(c.pages_line, 2);
    assert_int_equal(c.account_line, 0);
    wrangler_config_release(&c);
    c = reads(WRANGLER_TOML, "[vars]\npages_build_output_dir = 'x'\n");
    assert_int_equal(c.pages_line, 0);
    wrangler_config_release(&c);
}

static void it_lists_what_wrangler_does_not_read(void **state)
{
    (void)state;
    struct wrangler_config c = reads(WRANGLER_TOML, "kv-namespaces = [{ binding = 'A' }]\n"
                                                    "[vars]\nkv_namespaces = [{ binding = 1 }]\n"
                                                    "[[d1_databases]]\nbinding = 'D'\n"
                                                    "kv_namespaces = []\n"
                                                    "[env.p]\nkv_namespaces = []\n"
                                                    "[env.p.vars]\nkv_namespaces = []\n"
                                                    "[env.q]\nkv-namespaces = []\n");
    static const struct wrangler_unread want[] = {
        {{"kv-namespaces", 13}, 1, true},
        {{"vars.kv_namespaces", 18}, 3, false},
        {{"d1_databases.kv_namespaces", 26}, 6, false},
        {{"env.p.vars.kv_namespaces", 24}, 10, false},
        {{"env.q.kv-namespaces", 19}, 12, true},
    };
    assert_int_equal(c.n_unread, N_OF(want));
    for (size_t i = 0; i < N_OF(want); i++) {
        assert_bytes(c.unread[i].path, want[i].path);
        assert_int_equal(c.unread[i].line, want[i].line);
        assert_int_equal(c.unread[i].legacy, want[i].legacy);
    }
    assert_int_equal(c.n_bindings, 0);
    wrangler_config_release(&c);
}

static void what_wrangler_reads_or_is_no_list_is_not_among_them(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "kv_namespaces = []\n",
        "[previews]\nkv_namespaces = []\n",
        "[env.p]\nkv_namespaces = []\n",
        "[env.p.previews]\nkv_namespaces = []\n",
        "[env.previews]\nkv_namespaces = []\n",
        "[[env.env.kv_namespaces]]\nbinding = 'A'\n",
        "[vars]\nkv_namespaces = 'text'\nkv-namespaces = 1\n",
    };
    for (size_t i = 0; i < N_OF(texts); i++) {
        struct wrangler_config c = reads(WRANGLER_TOML, texts[i]);
        assert_int_equal(c.n_unread, 0);
        wrangler_config_release(&c);
    }
}

static void it_tells_the_first_that_is_toml_1_1(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line;
        const char *what, *instead;
    } cases[] = {
        {"a = 1\nt = {\n  x = 1 }\n", 2, "an inline table over several lines",
         "write it on one line"},
        {"t = { x = 1,\n  y = 2 }\n", 1, "an inline table over several lines",
         "write it on one line"},
        {"t = [{ x = 1 # c\r\n}]\n", 1, "an inline table over several lines",
         "write it on one line"},
        {"t = [\n  { x = 1, }\n]\n", 2, "a comma behind the last member of an inline table",
         "leave it out"},
        {"a = \"\\e[0m\"\n", 1, "the escape \\e", "write \\u001B"},
        {"a = \"\"\"\n\\x41\"\"\"\n", 2, "the escape \\x", "write \\u00 and its two digits"},
        {"a = 07:32\n", 1, "a time without seconds", "write its seconds"},
        {"\na = 2026-01-01T07:32Z\nb = { x = 1, }\n", 2, "a time without seconds",
         "write its seconds"},
    };
    for (size_t i = 0; i < N_OF(cases); i++) {
        struct wrangler_config c = reads(WRANGLER_TOML, cases[i].text);
        assert_int_equal(c.newer.line, cases[i].line);
        assert_string_equal(c.newer.what, cases[i].what);
        assert_string_equal(c.newer.instead, cases[i].instead);
        wrangler_config_release(&c);
    }
}

static void toml_1_0_is_not_taken_for_newer(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "a = [\n  1,\n  2,\n]\nt = { x = [\n  1,\n], y = 1 } # {\n",
        "t = { x = \"\"\"\n\"\"\", y = '''\n''' }\n",
        "a = '\\e'\nb = \"\\\\e\\\\x\"\n",
        "a = 07:32:00\nb = 1979-05-27T07:32:00.5+01:00\nc = 1979-05-27\nd = 1979-05-27 07:32:00Z\n",
        "t = {}\nu = { }\n",
    };
    for (size_t i = 0; i < N_OF(texts); i++) {
        struct wrangler_config c = reads(WRANGLER_TOML, texts[i]);
        assert_int_equal(c.newer.line, 0);
        wrangler_config_release(&c);
    }
}

static void an_id_is_real_when_a_namespace_can_have_it(void **state)
{
    (void)state;
    assert_true(wrangler_id_is_real(TEXT("0123456789abcdef0123456789ABCDEF")));
    static const char *const placeholders[] = {
        "",
        "<YOUR_ID>",
        "your-kv-namespace-id",
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789abcdef0123456789abcde ",
        "01234567-89ab-cdef-0123-456789ab",
    };
    assert_false(wrangler_id_is_real(bytes_of(NULL)));
    for (size_t i = 0; i < N_OF(placeholders); i++)
        assert_false(wrangler_id_is_real(bytes_of(placeholders[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_previews_block_is_a_section),
        cmocka_unit_test(an_environment_called_previews_is_another_section),
        cmocka_unit_test(what_cannot_be_a_section_is_refused),
        cmocka_unit_test(it_tells_where_the_accounts_are_said),
        cmocka_unit_test(a_section_is_of_its_own_account_else_of_the_top_levels),
        cmocka_unit_test(it_knows_pages_projects),
        cmocka_unit_test(it_lists_what_wrangler_does_not_read),
        cmocka_unit_test(what_wrangler_reads_or_is_no_list_is_not_among_them),
        cmocka_unit_test(it_tells_the_first_that_is_toml_1_1),
        cmocka_unit_test(toml_1_0_is_not_taken_for_newer),
        cmocka_unit_test(an_id_is_real_when_a_namespace_can_have_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
