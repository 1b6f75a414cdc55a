#include "test_wrangler_kit.h"

static void there_and_back(const char *text, struct wrangler_edit edit, const char *want)
{
    assert_there_and_back(WRANGLER_TOML, text, edit, want);
}

static void edits(const char *text, struct wrangler_edit edit, const char *want)
{
    assert_edit(WRANGLER_TOML, text, edit, want);
}

static void refuses(const char *text, const char *want)
{
    assert_refused(WRANGLER_TOML, text, want);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static void it_lists_the_bindings_of_each_environment(void **state)
{
    (void)state;
    struct wrangler_config c;
    struct error err;
    assert_true(wrangler_config_read(TEXT("name = \"w\"\n"
                                          "account_id = 'acc'\n"
                                          "[[kv_namespaces]]\n"
                                          "binding = \"A\"\n"
                                          "id = \"\\u0031\"\n"
                                          "remote = true\n"
                                          "[env.\"my env\"]\n"
                                          "name = \"w-my\"\n"
                                          "kv_namespaces = [\n"
                                          "  { binding = \"B\", preview_id = \"p\" } ]\n"
                                          "[env.bare]\n"),
                                     WRANGLER_TOML, &c, &err));
    assert_text(c.name, "w");
    assert_text(c.account_id, "acc");
    assert_text(c.main, NULL);
    assert_int_equal(c.n_bindings, 2);
    const struct wrangler_binding *a = wrangler_config_binding(&c, bytes_of(NULL), TEXT("A"));
    assert_text(a->env, NULL);
    assert_text(a->id, "1");
    assert_text(a->preview_id, NULL);
    assert_true(a->remote);
    assert_int_equal(a->line, 3);
    assert_int_equal(a->form, WRANGLER_TABLE);
    const struct wrangler_binding *b = wrangler_config_binding(&c, TEXT("my env"), TEXT("B"));
    assert_text(b->id, NULL);
    assert_text(b->preview_id, "p");
    assert_int_equal(b->line, 10);
    assert_int_equal(b->form, WRANGLER_INLINE);
    assert_null(wrangler_config_binding(&c, TEXT("my env"), TEXT("A")));
    assert_int_equal(c.n_environments, 2);
    assert_text(wrangler_config_environment(&c, TEXT("my env"))->worker, "w-my");
    assert_false(wrangler_config_environment(&c, TEXT("bare"))->has_bindings);
    assert_null(wrangler_config_environment(&c, TEXT("other")));
    wrangler_config_release(&c);
}

static void it_refuses_bindings_that_are_not_sound(void **state)
{
    (void)state;
    refuses("[[kv_namespaces]]\nbinding = \"A\"\nid = 1\n",
            "line 3, column 6: 'id' of a KV binding must be a string");
    refuses("[[kv_namespaces]]\nid = \"1\"\n", "line 1, column 1: the KV binding has no 'binding'");
    refuses("kv_namespaces = 1\n", "line 1, column 1: 'kv_namespaces' must be an array of tables");
    refuses("kv_namespaces = [\"A\"]\n",
            "line 1, column 18: an element of 'kv_namespaces' must be a table");
    refuses("[kv_namespaces]\n", "line 1, column 2: 'kv_namespaces' must be an array of tables");
    refuses("[[env.p.kv_namespaces]]\nbinding = 'A'\n[[env.p.kv_namespaces]]\nbinding = \"A\"\n",
            "line 3, column 1: KV binding 'A' is there twice, first at line 1");
    refuses("env = 3", "line 1, column 1: 'env' must be a table of environments");
    refuses("[env]\nprod = 3", "line 2, column 1: environment 'prod' must be a table");
}

static void it_refuses_what_does_not_parse(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"a = \"b", "line 1, column 7: the string does not end"},
        {"a = 1 2", "line 1, column 7: the end of the line is expected"},
        {"\xc3\xa9 = 1", "line 1, column 1: a key is expected"},
        {"a = \"\xc3\xa9\\q\"", "line 1, column 7: there is no such escape"},
        {"a 1", "line 1, column 3: '=' is expected behind the key"},
        {"a = [1\nb = 2", "line 2, column 1: ',' is expected"},
        {"a = {b = 1", "line 1, column 11: '}' is missing"},
        {"[a", "line 1, column 3: ']' is expected"},
        {"[[a]", "line 1, column 5: ']]' is expected"},
        {"a = yes", "line 1, column 5: this is no value (a string needs quotes)"},
        {"a = 1\na = 2", "line 2, column 1: 'a' is there twice, first at line 1"},
        {"[a]\n[a]", "line 2, column 2: 'a' is defined already, otherwise"},
        {"a.b = 1\n[a]", "line 2, column 2: 'a' is defined already, otherwise"},
        {"a = {}\n[a.b]", "line 2, column 2: 'a' is defined already, otherwise"},
        {"a = []\n[[a]]", "line 2, column 3: 'a' is defined already, otherwise"},
        {"[a.b]\n[a]\nb.c = 1", "line 3, column 1: 'b' is defined already, otherwise"},
        {"a = \"\xff\"", "line 1, column 6: the text is not valid UTF-8"},
    };
    for (size_t i = 0; i < N_OF(cases); i++)
        refuses(cases[i].text, cases[i].want);
}

static void it_knows_every_kind_of_value(void **state)
{
    (void)state;
    static const char *const good[] = {"0",
                                       "-17",
                                       "+1_000",
                                       "0xdead_BEEF",
                                       "0o17",
                                       "0b1",
                                       "1.5e-3",
                                       "-inf",
                                       "nan",
                                       "1979-05-27",
                                       "1979-05-27T07:32:00Z",
                                       "07:32",
                                       "true",
                                       "'''a\n'b'''",
                                       "\"\\e\"",
                                       "[1,[],{}]",
                                       "2024-02-29 07:32:00.5-07:00",
                                       "{ a.b = 1, a.c = 2 }"};
    static const char *const bad[] = {
        "01",    "1_",     "_1",     "1.",          ".5",
        "0x",    "1e",     "+0x1",   "1979-02-30",  "2023-02-29",
        "25:00", "truee",  "'a\nb'", "\"\\ud800\"", "{ a = 1, a = 2 }",
        "[,]",   "\"\"\"a"};
    for (size_t i = 0; i < N_OF(good); i++) {
        struct buf text = {0};
        buf_addf(&text, "a = %s\n", good[i]);
        assert_reads(WRANGLER_TOML, text.data);
        buf_release(&text);
    }
    for (size_t i = 0; i < N_OF(bad); i++) {
        struct buf text = {0};
        struct wrangler_config config;
        struct error err;
        buf_addf(&text, "a = %s\n", bad[i]);
        if (wrangler_config_read(buf_bytes(&text), WRANGLER_TOML, &config, &err))
            fail_msg("it takes %s", bad[i]);
        wrangler_config_release(&config);
        buf_release(&text);
    }
}

static void depth_is_limited(void **state)
{
    (void)state;
    struct buf text = {0};
    struct wrangler_config config;
    struct error err;
    buf_add_str(&text, "a = ");
    for (int i = 0; i < 100000; i++)
        buf_add_char(&text, '[');
    assert_false(wrangler_config_read(buf_bytes(&text), WRANGLER_TOML, &config, &err));
    assert_string_equal(err.message, "line 1, column 69: more than 64 levels");
    wrangler_config_release(&config);
    buf_release(&text);
}

/* ---- A new binding --------------------------------------------------------------------------- */

#define BLOCK "[[kv_namespaces]]\nbinding = \"N\"\nid = \"9\"\n"
#define PROD  "[[env.prod.kv_namespaces]]\nbinding = \"N\"\nid = \"9\"\n"

static void a_first_binding_comes_behind_what_is_of_the_top_level(void **state)
{
    (void)state;
    there_and_back("", set(NULL, "N", "9"), BLOCK);
    there_and_back("a = 1\n", set(NULL, "N", "9"), "a = 1\n\n" BLOCK);
    there_and_back("a = 1\n\n[v]\nx = 1\n", set(NULL, "N", "9"), "a = 1\n\n[v]\nx = 1\n\n" BLOCK);
    there_and_back("a = 1\n\n# the envs\n[env.p]\nx = 1\n", set(NULL, "N", "9"),
                   "a = 1\n\n" BLOCK "\n# the envs\n[env.p]\nx = 1\n");
    there_and_back("a = 1\n[env.p]\nx = 1\n", set(NULL, "N", "9"),
                   "a = 1\n" BLOCK "[env.p]\nx = 1\n");
    there_and_back("[env.p]\n", set(NULL, "N", "9"), BLOCK "\n[env.p]\n");
    there_and_back("# head\n\n[env.p]\n", set(NULL, "N", "9"), "# head\n\n" BLOCK "\n[env.p]\n");
}

static void a_further_binding_comes_behind_the_last_in_its_style(void **state)
{
    (void)state;
    there_and_back("[[kv_namespaces]]\nbinding = 'A'\nid      = 'a' # a\n# more\n\n[v]\n",
                   set_preview(NULL, "N", "9", "8"),
                   "[[kv_namespaces]]\nbinding = 'A'\nid      = 'a' # a\n# more\n\n"
                   "[[kv_namespaces]]\nbinding = 'N'\nid      = '9'\npreview_id = '8'\n\n[v]\n");
    there_and_back("  [[ kv_namespaces ]] # x\n    binding=\"A\"\n", set(NULL, "N", "9"),
                   "  [[ kv_namespaces ]] # x\n    binding=\"A\"\n\n"
                   "  [[ kv_namespaces ]]\n    binding=\"N\"\n    id=\"9\"\n");
}

static void an_environment_keeps_its_place_and_spelling(void **state)
{
    (void)state;
    there_and_back("[env.prod]\nx = 1\n\n[env.b]\n", set("prod", "N", "9"),
                   "[env.prod]\nx = 1\n\n" PROD "\n[env.b]\n");
    there_and_back("[env . 'my env'.vars]\n", set("my env", "N", "9"),
                   "[env . 'my env'.vars]\n\n"
                   "[[env . 'my env'.kv_namespaces]]\nbinding = \"N\"\nid = \"9\"\n");
    there_and_back("a = 1\n", set("a.b", "N", "9"),
                   "a = 1\n\n[[env.\"a.b\".kv_namespaces]]\nbinding = \"N\"\nid = \"9\"\n");
    there_and_back(
        "  [env.prod]\n\n    [[env.b.kv_namespaces]]\n      binding = \"A\"\n",
        set("prod", "N", "9"),
        "  [env.prod]\n\n  [[env.prod.kv_namespaces]]\n  binding = \"N\"\n  id = \"9\"\n\n"
        "    [[env.b.kv_namespaces]]\n      binding = \"A\"\n");
    there_and_back("env.prod.x = 1\n", set("prod", "N", "9"), "env.prod.x = 1\n\n" PROD);
}

#define PREVIEW "[[previews.kv_namespaces]]\nbinding = \"N\"\nid = \"9\"\n"

static void bindings_of_previews_come_before_the_environments(void **state)
{
    (void)state;
    const struct wrangler_edit edit = set(WRANGLER_PREVIEWS, "N", "9");
    there_and_back("a = 1\n", edit, "a = 1\n\n" PREVIEW);
    there_and_back("a = 1\n\n[env.previews]\nx = 1\n", edit,
                   "a = 1\n\n" PREVIEW "\n[env.previews]\nx = 1\n");
    there_and_back("[previews.vars]\nx = 1\n\n[v]\n", edit,
                   "[previews.vars]\nx = 1\n\n" PREVIEW "\n[v]\n");
    there_and_back("['previews']\nkv_namespaces = [\n  { binding = \"A\" },\n]\n", edit,
                   "['previews']\nkv_namespaces = [\n  { binding = \"A\" },\n"
                   "  { binding = \"N\", id = \"9\" },\n]\n");
    there_and_back("previews = { vars = {} }\n", edit,
                   "previews = { vars = {}, kv_namespaces = "
                   "[{ binding = \"N\", id = \"9\" }] }\n");
    there_and_back("a = 1\n\n" PREVIEW, set(NULL, "N", "9"), "a = 1\n\n" BLOCK "\n" PREVIEW);
    edits(PREVIEW, set(WRANGLER_PREVIEWS, "N", "10"),
          "[[previews.kv_namespaces]]\nbinding = \"N\"\nid = \"10\"\n");
}

static void arrays_are_filled_in_their_style(void **state)
{
    (void)state;
    there_and_back(
        "kv_namespaces = [{binding=\"A\",id=\"1\"}]\n[v]\n", set(NULL, "N", "9"),
        "kv_namespaces = [{binding=\"A\",id=\"1\"}, { binding=\"N\", id=\"9\" }]\n[v]\n");
    there_and_back(
        "kv_namespaces = [\n\t{ binding = 'A' } # a\n]\n", set(NULL, "N", "9"),
        "kv_namespaces = [\n\t{ binding = 'A' }, # a\n\t{ binding = 'N', id = '9' }\n]\n");
    there_and_back(
        "kv_namespaces = [\n\t{ binding = 'A' }, # a\n]\n", set(NULL, "N", "9"),
        "kv_namespaces = [\n\t{ binding = 'A' }, # a\n\t{ binding = 'N', id = '9' },\n]\n");
    there_and_back("kv_namespaces = [\n  # none\n]\n", set(NULL, "N", "9"),
                   "kv_namespaces = [\n  # none\n\n  { binding = \"N\", id = \"9\" }\n]\n");
}

static void an_empty_list_gets_lines(void **state)
{
    (void)state;
    there_and_back("kv_namespaces = []\n", set(NULL, "N", "9"),
                   "kv_namespaces = [\n  { binding = \"N\", id = \"9\" },\n]\n");
    there_and_back("a = [\n\t1\n]\n[env.p]\r\n  kv_namespaces = [] # none\r\n", set("p", "N", "9"),
                   "a = [\n\t1\n]\n[env.p]\r\n  kv_namespaces = [\n"
                   "  \t{ binding = \"N\", id = \"9\" },\n  ] # none\r\n");
    there_and_back("previews.kv_namespaces = []", set(WRANGLER_PREVIEWS, "N", "9"),
                   "previews.kv_namespaces = [\n  { binding = \"N\", id = \"9\" },\n]");
    there_and_back("kv_namespaces = [{binding='A'}]\n[env.p]\nkv_namespaces = []\n",
                   set("p", "N", "9"),
                   "kv_namespaces = [{binding='A'}]\n[env.p]\nkv_namespaces = [\n"
                   "  { binding='N', id='9' },\n]\n");
    there_and_back("kv_namespaces = [\n]\n", set(NULL, "N", "9"),
                   "kv_namespaces = [\n  { binding = \"N\", id = \"9\" }\n]\n");
    edits("[env]\np = { kv_namespaces = [], x = 1 }\n", set("p", "N", "9"),
          "[env]\np = { kv_namespaces = [{ binding = \"N\", id = \"9\" }], x = 1 }\n");
}

static void inline_environments_are_extended_inside(void **state)
{
    (void)state;
    there_and_back(
        "env = { prod = { x = 1 } }\n", set("prod", "N", "9"),
        "env = { prod = { x = 1, kv_namespaces = [{ binding = \"N\", id = \"9\" }] } }\n");
    there_and_back("env = { prod = { x = 1 } }\n", set("b c", "N", "9"),
                   "env = { prod = { x = 1 }, \"b c\".kv_namespaces = "
                   "[{ binding = \"N\", id = \"9\" }] }\n");
    there_and_back(
        "env = { prod.x = 1 }\n", set("prod", "N", "9"),
        "env = { prod.x = 1, prod.kv_namespaces = [{ binding = \"N\", id = \"9\" }] }\n");
}

static void line_endings_byte_order_mark_and_a_missing_newline_stay(void **state)
{
    (void)state;
    there_and_back("\xef\xbb\xbf[env.p]\r\n", set(NULL, "N", "9"),
                   "\xef\xbb\xbf[[kv_namespaces]]\r\nbinding = \"N\"\r\nid = \"9\"\r\n\r\n"
                   "[env.p]\r\n");
    there_and_back("a = 1", set(NULL, "N", "9"),
                   "a = 1\n\n[[kv_namespaces]]\nbinding = \"N\"\nid = \"9\"");
    there_and_back("a = 1\r\n# end", set(NULL, "N", "9"),
                   "a = 1\r\n# end\r\n\r\n[[kv_namespaces]]\r\nbinding = \"N\"\r\nid = \"9\"");
}

static void what_only_looks_like_a_binding_is_left_alone(void **state)
{
    (void)state;
    static const char text[] = "a = \"\"\"\n[[kv_namespaces]]\nbinding = \"N\"\n\"\"\"\n"
                               "b = '''\n[env.p]'''\n"
                               "# [[kv_namespaces]]\n# binding = \"N\"\n";
    struct buf want = {0};
    buf_addf(&want, "%s\n%s", text, BLOCK);
    there_and_back(text, set(NULL, "N", "9"), want.data);
    edits(text, removal(NULL, "N"), text);
    buf_release(&want);
}

/* ---- A binding that is there ----------------------------------------------------------------- */

static void a_set_changes_the_value_where_it_stands(void **state)
{
    (void)state;
    edits("[[kv_namespaces]]\nid  =  'old' # c\nbinding = \"A\"\nremote = true\n",
          set(NULL, "A", "new"),
          "[[kv_namespaces]]\nid  =  'new' # c\nbinding = \"A\"\nremote = true\n");
    edits("kv_namespaces = [{ id = \"\"\"old\"\"\", binding = \"A\" }]", set(NULL, "A", "it's"),
          "kv_namespaces = [{ id = \"it's\", binding = \"A\" }]");
    edits("[[kv_namespaces]]\nbinding = 'A'\nid = 'old'\n", set(NULL, "A", "it's"),
          "[[kv_namespaces]]\nbinding = 'A'\nid = \"it's\"\n");
}

static void a_missing_id_comes_behind_its_neighbour(void **state)
{
    (void)state;
    edits("[[kv_namespaces]]\n  binding   = \"A\" # a\n  remote = true\n",
          set_preview(NULL, "A", "1", "2"),
          "[[kv_namespaces]]\n  binding   = \"A\" # a\n  id        = \"1\"\n"
          "  preview_id = \"2\"\n  remote = true\n");
    edits("[[kv_namespaces]]\nbinding = \"A\"", set(NULL, "A", "1"),
          "[[kv_namespaces]]\nbinding = \"A\"\nid = \"1\"");
    edits("kv_namespaces = [{ binding = \"A\", remote = true }]", set_preview(NULL, "A", "1", "2"),
          "kv_namespaces = [{ binding = \"A\", id = \"1\", preview_id = \"2\", remote = true }]");
}

static void an_empty_preview_id_takes_it_out(void **state)
{
    (void)state;
    edits("[[kv_namespaces]]\nbinding = \"A\"\npreview_id = \"2\" # p\nid = \"1\"\n",
          set_preview(NULL, "A", "3", ""), "[[kv_namespaces]]\nbinding = \"A\"\nid = \"3\"\n");
    edits("[[kv_namespaces]]\r\nbinding = \"A\"\r\npreview_id = \"2\"",
          set_preview(NULL, "A", NULL, ""), "[[kv_namespaces]]\r\nbinding = \"A\"");
    edits("kv_namespaces = [{ binding = \"A\", preview_id = \"2\", id = \"1\" }]",
          set_preview(NULL, "A", NULL, ""), "kv_namespaces = [{ binding = \"A\", id = \"1\" }]");
    edits("", set_preview(NULL, "N", "9", ""), BLOCK);
}

static void a_removal_takes_the_comments_that_are_its_own(void **state)
{
    (void)state;
    edits("a = 1\n\n# about A\n# more\n[[kv_namespaces]]\nbinding = \"A\"\n\n[v]\n",
          removal(NULL, "A"), "a = 1\n\n[v]\n");
    edits("# the head\n[[kv_namespaces]]\nbinding = \"A\"\n\n[v]\n", removal(NULL, "A"),
          "# the head\n[v]\n");
    edits("a = 1\n\n# KV\n[[kv_namespaces]]\nbinding = \"A\"\n\n[[kv_namespaces]]\n"
          "binding = \"B\"\n",
          removal(NULL, "A"), "a = 1\n\n# KV\n[[kv_namespaces]]\nbinding = \"B\"\n");
    edits("kv_namespaces = [\n  # all\n  { binding = \"A\" }, # a\n  { binding = \"B\" }, # b\n"
          "  # about C\n  { binding = \"C\" }, # c\n]\n",
          removal(NULL, "A"),
          "kv_namespaces = [\n  # all\n  { binding = \"B\" }, # b\n"
          "  # about C\n  { binding = \"C\" }, # c\n]\n");
    edits("kv_namespaces = [{ binding = \"A\" }, { binding = \"B\" }]\n", removal(NULL, "A"),
          "kv_namespaces = [{ binding = \"B\" }]\n");
}

static void what_cannot_be_edited_safely_is_refused(void **state)
{
    (void)state;
    struct wrangler_edit edit = removal(NULL, "A");
    struct buf out = {0};
    struct error err;
    assert_false(wrangler_config_edit(
        TEXT("[[kv_namespaces]]\nbinding = \"A\"\n[kv_namespaces.sub]\nx = 1\n"), WRANGLER_TOML,
        &edit, 1, &out, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_true(strncmp(err.message, "cannot edit KV binding 'A' safely: ", 35) == 0);
    assert_int_equal(out.len, 0);
    buf_release(&out);
}

/* ---- New files, differences, memory ---------------------------------------------------------- */

static void a_new_file_holds_the_bindings(void **state)
{
    (void)state;
    struct wrangler_new config = {.name = TEXT("w"), .compatibility_date = TEXT("2026-11-24")};
    struct wrangler_edit both[] = {set(NULL, "N", "9"), set("prod", "N", "9")};
    struct buf out = {0};
    struct error err;
    assert_true(wrangler_config_create(&config, WRANGLER_TOML, both, 2, &out, &err));
    assert_buf(&out, "name = \"w\"\ncompatibility_date = \"2026-11-24\"\n\n" BLOCK "\n" PROD);
    buf_release(&out);
}

static void assert_diff(const char *before, const char *after, const char *want)
{
    struct buf out = {0};
    wrangler_config_diff(bytes_of(before), bytes_of(after), &out);
    assert_buf(&out, want);
    buf_release(&out);
}

static void a_diff_shows_the_lines_that_changed(void **state)
{
    (void)state;
    assert_diff("a\nb\n", "a\nb\n", "");
    assert_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n",
                "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
    assert_diff("", "a\r\n", "@@ -0,0 +1 @@\n+a\n");
    assert_diff("a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
    assert_diff("a\n2\n3\n4\n5\n6\n7\n8\n9\nb\n", "A\n2\n3\n4\n5\n6\n7\n8\n9\nB\n",
                "@@ -1,4 +1,4 @@\n-a\n+A\n 2\n 3\n 4\n"
                "@@ -7,4 +7,4 @@\n 7\n 8\n 9\n-b\n+B\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_lists_the_bindings_of_each_environment),
        cmocka_unit_test(it_refuses_bindings_that_are_not_sound),
        cmocka_unit_test(it_refuses_what_does_not_parse),
        cmocka_unit_test(it_knows_every_kind_of_value),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_first_binding_comes_behind_what_is_of_the_top_level),
        cmocka_unit_test(a_further_binding_comes_behind_the_last_in_its_style),
        cmocka_unit_test(an_environment_keeps_its_place_and_spelling),
        cmocka_unit_test(bindings_of_previews_come_before_the_environments),
        cmocka_unit_test(arrays_are_filled_in_their_style),
        cmocka_unit_test(an_empty_list_gets_lines),
        cmocka_unit_test(inline_environments_are_extended_inside),
        cmocka_unit_test(line_endings_byte_order_mark_and_a_missing_newline_stay),
        cmocka_unit_test(what_only_looks_like_a_binding_is_left_alone),
        cmocka_unit_test(a_set_changes_the_value_where_it_stands),
        cmocka_unit_test(a_missing_id_comes_behind_its_neighbour),
        cmocka_unit_test(an_empty_preview_id_takes_it_out),
        cmocka_unit_test(a_removal_takes_the_comments_that_are_its_own),
        cmocka_unit_test(what_cannot_be_edited_safely_is_refused),
        cmocka_unit_test(a_new_file_holds_the_bindings),
        cmocka_unit_test(a_diff_shows_the_lines_that_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
