#include "test_model_builder.h"

#include "model/section.h"

static void assert_bytes(struct bytes b, const char *text)
{
    assert_int_equal(b.len, strlen(text));
    assert_memory_equal(b.data, text, b.len);
}

static void a_fresh_model_has_the_projects_defaults(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    assert_bytes(m.project.naming, "{app}-{purpose}-{env}");
    assert_int_equal(m.project.title_max, 64);
    assert_null(m.project.name.data);
    assert_false(m.project.declared);
    assert_int_equal(m.n_namespaces, 0);
    model_release(&m);
}

static void elements_keep_their_content_while_the_lists_grow(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    for (int i = 0; i < 100; i++) {
        struct namespace_decl *ns = ns_at(&m, i, "t");
        assert_true(ns->create);
        assert_int_equal(ns->n_puts, 0);
        for (int k = 0; k < 20; k++)
            put_at(&m, (size_t)i, 1000 * i + k, "k", "v");
    }
    assert_int_equal(m.n_namespaces, 100);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(m.namespaces[i].pos.line, i);
        assert_int_equal(m.namespaces[i].n_puts, 20);
        for (int k = 0; k < 20; k++)
            assert_int_equal(m.namespaces[i].puts[k].seed.pos.line, 1000 * i + k);
    }
    model_release(&m);
}

static void every_kind_of_element_is_added_zeroed(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 1, "t");
    struct bulk_decl *bulk = model_add_bulk(&m, 0);
    assert_non_null(bulk);
    assert_int_equal(bulk->format, SOURCE_INLINE);
    assert_null(model_add_bulk_item(&m, 0, 0)->key.data);
    assert_null(model_add_prune(&m, 0)->prefix.data);
    assert_null(model_add_output(&m)->name);
    assert_null(model_add_wrangler(&m)->path.data);
    assert_null(model_add_input(&m)->name);
    struct digest digest = hash_sha256(B("x"));
    model_add_file(&m, "lib/x.lua", 1, digest);
    assert_string_equal(m.files[0].path, "lib/x.lua");
    assert_true(digest_equal(&m.files[0].digest, &digest));
    assert_int_equal(m.namespaces[0].n_bulks + m.namespaces[0].bulks[0].n + m.n_outputs +
                         m.namespaces[0].n_prunes + m.n_wranglers + m.n_inputs + m.n_files,
                     7);
    model_release(&m);
}

static void title_and_address_are_built_from_the_parts(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_of(&m, 1, "shop", "cache", "dev");
    model_name_namespace(&m, ns);
    assert_bytes(ns->title, "shop-cache-dev");
    assert_bytes(ns->address, "shop/cache/dev");
    assert_false(ns->title_explicit);
    model_release(&m);
}

static void naming_may_repeat_and_leave_out_parts(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    m.project.naming = B("kv.{env}.{app}.{env}");
    struct namespace_decl *ns = ns_at(&m, 1, NULL);
    ns->app = B("shop");
    ns->env = B("dev");
    model_name_namespace(&m, ns);
    assert_bytes(ns->title, "kv.dev.shop.dev");
    assert_bytes(ns->address, "kv.dev.shop.dev");
    model_release(&m);
}

static void an_explicit_title_stays_and_is_the_address_without_all_parts(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_at(&m, 1, "mine");
    ns->app = B("shop");
    model_name_namespace(&m, ns);
    assert_bytes(ns->title, "mine");
    assert_bytes(ns->address, "mine");
    ns->purpose = B("cache");
    ns->env = B("dev");
    model_name_namespace(&m, ns);
    assert_bytes(ns->title, "mine");
    assert_bytes(ns->address, "shop/cache/dev");
    model_release(&m);
}

static void a_title_that_cannot_be_built_stays_absent(void **state)
{
    (void)state;
    static const char *const templates[] = {"{app}-{purpose}-{env}", "{app}-{zone}", "{app", "a}"};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        struct model m;
        model_init(&m);
        m.project.naming = B(templates[i]);
        struct namespace_decl *ns = ns_at(&m, 1, NULL);
        ns->app = B("shop");
        model_name_namespace(&m, ns);
        assert_null(ns->title.data);
        assert_null(ns->address.data);
        model_release(&m);
    }
}

static void protection_is_own_or_comes_with_the_environment(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    m.project.protected_envs = (struct strings){texts(&m, 1, (const char *const[]){"prod"}), 1};
    struct namespace_decl *ns = ns_of(&m, 1, "a", "b", "prod");
    assert_true(namespace_is_protected(&m, ns));
    ns->protect = NO;
    assert_false(namespace_is_protected(&m, ns));
    ns->protect = YES;
    ns->env = B("dev");
    assert_true(namespace_is_protected(&m, ns));
    ns->protect = UNSET;
    assert_false(namespace_is_protected(&m, ns));
    ns->env = bytes_make(NULL, 0);
    assert_false(namespace_is_protected(&m, ns));
    model_release(&m);
}

static void the_account_is_own_or_the_projects(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_at(&m, 1, "t");
    assert_null(namespace_account(&m, ns).data);
    m.project.account_id = B(ACCOUNT);
    assert_bytes(namespace_account(&m, ns), ACCOUNT);
    ns->account_id = B(OTHER);
    assert_bytes(namespace_account(&m, ns), OTHER);
    model_release(&m);
}

static void the_namespaces_ttl_is_the_default_of_keys_without_expiry(void **state)
{
    (void)state;
    struct namespace_decl ns = {.ttl_seconds = 3600};
    struct seed_key seed = {0};
    assert_int_equal(namespace_effective_ttl(&ns, &seed), 3600);
    seed.expiration = NOW + 1000;
    assert_int_equal(namespace_effective_ttl(&ns, &seed), 0);
    seed.expiration_ttl = 60;
    assert_int_equal(namespace_effective_ttl(&ns, &seed), 60);
}

static void a_literal_resolves_without_a_copy(void **state)
{
    (void)state;
    struct part part = {.kind = PART_TEXT, .text = bytes_make("a\0b", 3)};
    struct deferred d = {.parts = &part, .n = 1};
    struct buf scratch = {0};
    struct bytes value;
    assert_true(deferred_is_literal(&d));
    assert_true(deferred_resolve(&d, NULL, &scratch, &value));
    assert_ptr_equal(value.data, part.text.data);
    assert_int_equal(value.len, 3);
    assert_null(scratch.data);
}

static void ids_are_spliced_in_and_escaped_where_json_needs_it(void **state)
{
    (void)state;
    struct part parts[] = {{.kind = PART_TEXT, .text = B("x/")},
                           {.kind = PART_ID, .ns = 1},
                           {.kind = PART_TEXT, .text = B("/")},
                           {.kind = PART_ID_JSON, .ns = 1}};
    struct deferred d = {.parts = parts, .n = 4};
    struct bytes ids[] = {bytes_make(NULL, 0), B("a\"b")};
    struct buf scratch = {0};
    struct bytes value;
    assert_false(deferred_is_literal(&d));
    buf_add_str(&scratch, "old");
    assert_true(deferred_resolve(&d, ids, &scratch, &value));
    assert_bytes(value, "x/a\"b/a\\\"b");
    ids[1] = ids[0];
    assert_false(deferred_resolve(&d, ids, &scratch, &value));
    buf_release(&scratch);
}

static void a_value_without_parts_is_empty(void **state)
{
    (void)state;
    struct deferred d = {0};
    struct buf scratch = {0};
    struct bytes value = B("x");
    assert_true(deferred_is_literal(&d));
    assert_true(deferred_resolve(&d, NULL, &scratch, &value));
    assert_int_equal(value.len, 0);
    buf_release(&scratch);
}

static void globs_match_whole_texts(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool match;
    } cases[] = {{"*", "", true},
                 {"*", "a/b/c", true},
                 {"", "", true},
                 {"", "a", false},
                 {"shop/*", "shop/cache/dev", true},
                 {"shop/*", "shopping/cache/dev", false},
                 {"*/dev", "shop/cache/dev", true},
                 {"*/dev", "shop/cache/dev2", false},
                 {"s?op", "shop", true},
                 {"s?op", "sop", false},
                 {"*a*b", "xxaxxab", true},
                 {"*a*b", "xxaxxba", false},
                 {"a**", "a", true},
                 {"[a]", "a", false},
                 {"[a]", "[a]", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(glob_match(B(cases[i].pattern), B(cases[i].text)), cases[i].match);
}

static void a_hostile_glob_ends_soon(void **state)
{
    (void)state;
    char text[513], pattern[129];
    memset(text, 'a', 512);
    text[512] = '\0';
    for (size_t i = 0; i < 128; i++)
        pattern[i] = i % 2 ? 'a' : '*';
    pattern[127] = 'b';
    pattern[128] = '\0';
    assert_false(glob_match(B(pattern), B(text)));
}

/* "top_level CACHE, production PROD": the sections that bind the namespace, each with the name. */
static void assert_places(const struct wrangler_decl *w, const struct namespace_decl *ns,
                          const char *text)
{
    struct arena arena = {0};
    struct buf shown = {0};
    struct wrangler_places places = wrangler_places(w, ns, &arena);
    for (size_t i = 0; i < places.n; i++)
        buf_addf(&shown, "%s%.*s %.*s", i ? ", " : "",
                 BYTES_FMT(wrangler_section_word(places.items[i].env)),
                 BYTES_FMT(places.items[i].name));
    assert_string_equal(shown.len ? shown.data : "", text);
    buf_release(&shown);
    arena_release(&arena);
}

static struct namespace_decl ns_in(const char *env)
{
    return (struct namespace_decl){.address = B("shop/cache"),
                                   .title = B("shop-cache"),
                                   .binding = B("CACHE"),
                                   .env = env ? B(env) : bytes_make(NULL, 0),
                                   .preview_of = SIZE_MAX};
}

static void a_wrangler_declaration_selects_by_app_address_and_title(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_of(&m, 1, "shop", "cache", "dev");
    ns->binding = B("CACHE");
    model_name_namespace(&m, ns);
    struct wrangler_decl *w = wrangler_at(&m, 2, "wrangler.toml");
    assert_places(w, ns, "dev CACHE");
    w->app = B("blog");
    assert_places(w, ns, "");
    w->app = B("shop");
    assert_places(w, ns, "dev CACHE");
    w->select = (struct strings){texts(&m, 2, (const char *const[]){"x", "shop-*-dev"}), 2};
    assert_places(w, ns, "dev CACHE");
    w->select.n = 1;
    assert_places(w, ns, "");
    model_release(&m);
}

static void environments_are_renamed_and_one_may_own_the_top_level(void **state)
{
    (void)state;
    struct renaming renames[] = {{.from = B("prod"), .to = B("production")}};
    struct wrangler_decl w = {.environments = {renames, 1}};
    struct namespace_decl none = ns_in(NULL), dev = ns_in("dev"), prod = ns_in("prod");
    assert_places(&w, &none, "top_level CACHE");
    assert_places(&w, &dev, "dev CACHE");
    assert_places(&w, &prod, "production CACHE");
    w.top_level = B("dev");
    assert_places(&w, &dev, "top_level CACHE");
    assert_places(&w, &none, "top_level CACHE");
}

static void an_env_goes_into_every_section_that_is_said_for_it_once(void **state)
{
    (void)state;
    struct renaming renames[] = {{.from = B("prod"), .to = B("production")},
                                 {.from = B("prod"), .to = B("live")},
                                 {.from = B("prod"), .to = B("production")}};
    struct wrangler_decl w = {.environments = {renames, 3}, .top_level = B("prod")};
    struct namespace_decl prod = ns_in("prod"), dev = ns_in("dev");
    assert_places(&w, &prod, "top_level CACHE, production CACHE, live CACHE");
    w.top_level = B("dev");
    assert_places(&w, &prod, "production CACHE, live CACHE");
    w.previews = B("prod");
    assert_places(&w, &prod, "previews CACHE, production CACHE, live CACHE");
    w.environments.n = 0;
    assert_places(&w, &prod, "previews CACHE");
    w.previews = B("dev");
    assert_places(&w, &dev, "top_level CACHE, previews CACHE");
}

static void a_binding_may_have_a_name_of_its_own_in_each_section(void **state)
{
    (void)state;
    struct renaming envs[] = {{.from = B("prod"), .to = B("production")}};
    struct renaming names[] = {{.from = B("shop/*"), .part = B("top_level"), .to = B("TOP")},
                               {.from = B("shop/*"), .part = B("production"), .to = B("PROD")},
                               {.from = B("*"), .part = B("previews"), .to = B("PREVIEW")},
                               {.from = B("*"), .to = B("ALL")}};
    struct wrangler_decl w = {.environments = {envs, 1},
                              .bindings = {names, 3},
                              .top_level = B("prod"),
                              .previews = B("prod")};
    struct namespace_decl prod = ns_in("prod"), dev = ns_in("dev");
    assert_places(&w, &prod, "top_level TOP, previews PREVIEW, production PROD");
    assert_places(&w, &dev, "dev CACHE");
    w.bindings.n = 4;
    assert_places(&w, &dev, "dev ALL");
    w.bindings.n = 2;
    prod.binding = bytes_make(NULL, 0);
    assert_places(&w, &prod, "top_level TOP, production PROD");
}

static void what_an_address_is_called_counts_only_in_its_section(void **state)
{
    (void)state;
    struct renaming names[] = {{.from = B("shop/cache"), .part = B("prod"), .to = B("EXACT")},
                               {.from = B("shop/*"), .to = B("GLOB")}};
    struct wrangler_decl w = {.bindings = {names, 2}};
    struct namespace_decl prod = ns_in("prod"), dev = ns_in("dev");
    assert_places(&w, &prod, "prod EXACT");
    assert_places(&w, &dev, "dev GLOB");
}

static void a_preview_has_no_binding_though_a_glob_names_it(void **state)
{
    (void)state;
    struct renaming names[] = {{.from = B("*"), .to = B("ALL")}};
    struct wrangler_decl w = {.bindings = {names, 1}};
    struct namespace_decl ns = ns_in("prod");
    ns.preview_of = 0;
    assert_places(&w, &ns, "");
}

static void a_section_is_shown_in_one_way(void **state)
{
    (void)state;
    char shown[SECTION_SHOWN_SIZE];
    assert_string_equal(wrangler_section_shown(bytes_make(NULL, 0), shown), "the top level");
    assert_string_equal(wrangler_section_shown(B("prod"), shown), "environment 'prod'");
    assert_string_equal(wrangler_section_shown(B(WRANGLER_PREVIEWS), shown), "[previews]");
    assert_true(wrangler_is_previews(B("[previews]")));
    assert_false(wrangler_is_previews(B("previews")));
    assert_false(wrangler_is_previews(bytes_make(NULL, 0)));
}

/* ---- Previews -------------------------------------------------------------------------------- */

static void a_preview_is_declared_behind_the_others_and_named_after_its_own(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_of(&m, 1, "shop", "cache", "dev")->preview = true;
    ns_at(&m, 2, "plain");
    ns_at(&m, 3, "mine")->preview = true;
    model_add_previews(&m);
    assert_int_equal(m.n_namespaces, 5);
    assert_int_equal(model_preview(&m, 0), 3);
    assert_int_equal(model_preview(&m, 1), SIZE_MAX);
    assert_int_equal(model_preview(&m, 2), 4);
    assert_int_equal(model_preview(&m, 4), SIZE_MAX);
    assert_int_equal(m.namespaces[3].preview_of, 0);
    assert_int_equal(m.namespaces[1].preview_of, SIZE_MAX);
    assert_bytes(m.namespaces[3].title, "shop-cache-dev_preview");
    assert_bytes(m.namespaces[3].address, "shop/cache/dev_preview");
    assert_true(m.namespaces[3].title_explicit);
    assert_bytes(m.namespaces[4].title, "mine_preview");
    assert_bytes(m.namespaces[4].address, "mine_preview");
    assert_null(m.namespaces[4].renamed_from.data);
    model_release(&m);
}

static void a_preview_is_declared_as_its_namespace_but_for_what_is_its_own(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_of(&m, 7, "shop", "cache", "dev");
    struct srcpos chain[] = {at(7), {"lib/x.lua", 2}};
    ns->chain = chain;
    ns->n_chain = 2;
    ns->preview = ns->fingerprint = true;
    ns->protect = YES;
    ns->on_remove = ON_REMOVE_KEEP;
    ns->create = false;
    ns->jurisdiction = B("eu");
    ns->account_id = B(ACCOUNT);
    ns->id = B(OTHER);
    ns->binding = B("CACHE");
    ns->description = B("d");
    ns->ttl_seconds = 60;
    ns->renamed_from = B("old");
    put_at(&m, 0, 8, "k", "v");
    model_add_bulk(&m, 0);
    model_add_prune(&m, 0);
    model_add_previews(&m);
    const struct namespace_decl *preview = &m.namespaces[1];
    assert_bytes(preview->app, "shop");
    assert_bytes(preview->purpose, "cache");
    assert_bytes(preview->env, "dev");
    assert_bytes(preview->jurisdiction, "eu");
    assert_bytes(preview->account_id, ACCOUNT);
    assert_bytes(preview->renamed_from, "old_preview");
    assert_int_equal(preview->protect, YES);
    assert_int_equal(preview->on_remove, ON_REMOVE_KEEP);
    assert_false(preview->create);
    assert_int_equal(preview->pos.line, 7);
    assert_int_equal(preview->n_chain, 2);
    assert_string_equal(preview->chain[1].file, "lib/x.lua");
    assert_null(preview->id.data);
    assert_null(preview->binding.data);
    assert_null(preview->description.data);
    assert_int_equal(preview->ttl_seconds, 0);
    assert_false(preview->preview || preview->fingerprint);
    assert_int_equal(preview->n_puts + preview->n_bulks + preview->n_prunes, 0);
    model_release(&m);
}

static void a_namespace_without_a_title_has_no_preview(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 1, NULL)->preview = true;
    model_add_previews(&m);
    assert_int_equal(m.n_namespaces, 1);
    assert_int_equal(model_preview(&m, 0), SIZE_MAX);
    model_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fresh_model_has_the_projects_defaults),
        cmocka_unit_test(elements_keep_their_content_while_the_lists_grow),
        cmocka_unit_test(every_kind_of_element_is_added_zeroed),
        cmocka_unit_test(title_and_address_are_built_from_the_parts),
        cmocka_unit_test(naming_may_repeat_and_leave_out_parts),
        cmocka_unit_test(an_explicit_title_stays_and_is_the_address_without_all_parts),
        cmocka_unit_test(a_title_that_cannot_be_built_stays_absent),
        cmocka_unit_test(protection_is_own_or_comes_with_the_environment),
        cmocka_unit_test(the_account_is_own_or_the_projects),
        cmocka_unit_test(the_namespaces_ttl_is_the_default_of_keys_without_expiry),
        cmocka_unit_test(a_literal_resolves_without_a_copy),
        cmocka_unit_test(ids_are_spliced_in_and_escaped_where_json_needs_it),
        cmocka_unit_test(a_value_without_parts_is_empty),
        cmocka_unit_test(globs_match_whole_texts),
        cmocka_unit_test(a_hostile_glob_ends_soon),
        cmocka_unit_test(a_wrangler_declaration_selects_by_app_address_and_title),
        cmocka_unit_test(environments_are_renamed_and_one_may_own_the_top_level),
        cmocka_unit_test(an_env_goes_into_every_section_that_is_said_for_it_once),
        cmocka_unit_test(a_binding_may_have_a_name_of_its_own_in_each_section),
        cmocka_unit_test(what_an_address_is_called_counts_only_in_its_section),
        cmocka_unit_test(a_preview_has_no_binding_though_a_glob_names_it),
        cmocka_unit_test(a_section_is_shown_in_one_way),
        cmocka_unit_test(a_preview_is_declared_behind_the_others_and_named_after_its_own),
        cmocka_unit_test(a_preview_is_declared_as_its_namespace_but_for_what_is_its_own),
        cmocka_unit_test(a_namespace_without_a_title_has_no_preview),
    };
    return cmocka_run_group_tests_name("model/model", tests, NULL, NULL);
}
