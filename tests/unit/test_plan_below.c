/* What lies below a folder: wrangler configs, and the states of projects. */
#include "test_plan_kit.h"

#include "plan/below.h"

#define ID  "0123456789abcdef0123456789abcdef"
#define ONE "11111111111111111111111111111111"

static void put_file(struct world *w, const char *path, const char *text)
{
    char folder[512];
    snprintf(folder, sizeof folder, "%s/%s", w->root, path);
    for (char *at = folder + strlen(w->root) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = '\0';
        mkdir(folder, 0777);
    }
    write_file(w, path, text);
}

static void look(struct world *w, struct below *b, const char *own)
{
    const char *owns[] = {own, NULL};
    *b = (struct below){0};
    below_find(b, w->root, owns, &w->p.notes);
}

static void configs_are_found_in_order_but_not_where_tools_write(void **state)
{
    (void)state;
    WORLD(w);
    struct below b;
    put_file(&w, "wrangler.toml", "name = \"top\"\n");
    put_file(&w, "apps/z/wrangler.jsonc", "{}");
    put_file(&w, "apps/a/b/wrangler.toml", "name = \"b\"\n");
    put_file(&w, "node_modules/x/wrangler.toml", "name = \"x\"\n");
    put_file(&w, ".hidden/wrangler.toml", "name = \"x\"\n");
    put_file(&w, "dist/wrangler.json", "{ \"userConfigPath\": \"../wrangler.toml\" }");
    look(&w, &b, NULL);
    assert_int_equal(b.n_configs, 3);
    assert_string_equal(b.configs[0].path, "wrangler.toml");
    assert_string_equal(b.configs[1].path, "apps/a/b/wrangler.toml");
    assert_string_equal(b.configs[2].path, "apps/z/wrangler.jsonc");
    assert_int_equal(w.p.notes.n, 0);
    below_release(&b);
    world_end(&w);
}

#define STATE(project, title)                                                                      \
    "{\"version\":2,\"project\":\"" project "\",\"salt\":\"00000000000000000000000000000000\","    \
    "\"outputs\":{},\"accounts\":{\"" ONE "\":{\"namespaces\":{\"a/b/c\":{\"bulk\":{},\"id\":"     \
    "\"" ID "\",\"keys\":{},\"origin\":\"created\",\"title\":\"" title "\",\"ttl_seconds\":60,"    \
    "\"owner\":\"us\"}}}}}"

static void states_tell_what_other_projects_have(void **state)
{
    (void)state;
    WORLD(w);
    struct below b;
    char own[512];
    put_file(&w, "kv.lua", "");
    put_file(&w, "kv.state.json", STATE("own", "mine"));
    put_file(&w, "a/kv.lua", "");
    put_file(&w, "a/kv.state.json", STATE("one", "theirs"));
    put_file(&w, "b/shop.lua", "");
    put_file(&w, "b/shop.state.json", STATE("two", "theirs"));
    put_file(&w, "c/kv.state.json", STATE("left", "no configuration is beside it"));
    snprintf(own, sizeof own, "%s/kv.state.json", w.root);
    look(&w, &b, own);
    assert_int_equal(b.n_projects, 2);
    size_t at = below_entry_of(&b, B(ONE), B(ID));
    assert_string_equal(b.entries[at].project->path, "a/kv.state.json");
    assert_true(bytes_equal(b.entries[at].project->name, B("one")));
    assert_true(bytes_equal(b.entries[at].ns.owner, B("us")));
    assert_int_equal(b.entries[at].ns.ttl_seconds, 60);
    at = below_entry_next(&b, B(ONE), at);
    assert_string_equal(b.entries[at].project->path, "b/shop.state.json");
    assert_int_equal(below_entry_next(&b, B(ONE), at), MAP_NONE);
    assert_int_equal(below_entry_of(&b, B(ID), B(ID)), MAP_NONE);
    assert_int_not_equal(below_entry_of(&b, B(""), B(ID)), MAP_NONE);
    below_release(&b);
    world_end(&w);
}

static void what_is_broken_is_left_out_and_told(void **state)
{
    (void)state;
    WORLD(w);
    struct below b;
    put_file(&w, "a/wrangler.toml", "name = [\n");
    put_file(&w, "b/kv.lua", "");
    put_file(&w, "b/kv.state.json", "{\"version\":99}");
    put_file(&w, "c/wrangler.toml", "name = \"c\"\n");
    put_file(&w, "d/kv.lua", "");
    put_file(&w, "d/kv.state.json", "");
    char large[512];
    snprintf(large, sizeof large, "%s/d/kv.state.json", w.root);
    assert_int_equal(truncate(large, BELOW_STATE + 1), 0);
    look(&w, &b, NULL);
    assert_int_equal(b.n_configs, 1);
    assert_int_equal(b.n_projects, 0);
    assert_contains(note(&w, "audit.config")->pos.file, "a/wrangler.toml");
    assert_int_equal(w.p.notes.n, 3);
    assert_contains(w.p.notes.items[1].message, "b/kv.state.json");
    assert_contains(w.p.notes.items[2].message,
                    "state 'd/kv.state.json' is larger than 67108864 bytes");
    below_release(&b);
    world_end(&w);
}

static void more_than_is_looked_at_is_told(void **state)
{
    (void)state;
    WORLD(w);
    struct below b;
    char path[64];
    for (int i = 0; i <= BELOW_FILES; i++) {
        snprintf(path, sizeof path, "app%d/wrangler.toml", i);
        put_file(&w, path, "name = \"x\"\n");
    }
    look(&w, &b, NULL);
    assert_int_equal(b.n_configs, BELOW_FILES);
    assert_non_null(note(&w, "audit.folders"));
    below_release(&b);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(configs_are_found_in_order_but_not_where_tools_write),
        cmocka_unit_test(states_tell_what_other_projects_have),
        cmocka_unit_test(what_is_broken_is_left_out_and_told),
        cmocka_unit_test(more_than_is_looked_at_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
