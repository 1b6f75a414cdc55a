#include "model/eval_json.h"
#include "test_model_builder.h"

static char *printed(const struct model *m)
{
    static struct buf out; /* released by the group's teardown */
    struct json_writer w = json_writer_to(&out, 0);
    buf_clear(&out);
    if (!m) {
        buf_release(&out);
        return NULL;
    }
    model_write_json(m, &w);
    return out.data;
}

static int release_buffer(void **state)
{
    (void)state;
    printed(NULL);
    return 0;
}

static void assert_prints(const struct model *m, const char *part)
{
    const char *text = printed(m);
    if (!strstr(text, part))
        print_error("%s\nlacks\n%s\n", text, part);
    assert_non_null(strstr(text, part));
}

static void an_empty_model_has_the_whole_shape(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    assert_string_equal(
        printed(&m),
        "{\"diagnostics\":[],\"format_version\":1,\"inputs\":[],\"namespaces\":[],\"outputs\":{},"
        "\"project\":{\"account_id\":null,\"accounts\":{},"
        "\"backups\":{\"days\":30,\"dir\":null,\"keep\":20},\"environments\":[],"
        "\"ephemeral\":null,\"guards\":{\"mass_from\":100,\"mass_percent\":30},"
        "\"limits\":{\"namespaces\":1000},\"name\":null,\"naming\":\"{app}-{purpose}-{env}\","
        "\"protected_envs\":[],\"state\":null,\"title_max\":64},"
        "\"removed\":[],"
        "\"wrangler\":[]}");
    model_release(&m);
}

static void a_plain_namespace_prints_every_field(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 2, "main");
    validate(&m);
    assert_prints(
        &m,
        "\"namespaces\":[{\"account\":null,\"account_id\":null,\"address\":\"main\",\"app\":null,"
        "\"binding\":null,\"bulk\":[],\"chain\":[],\"create\":true,\"create_options\":null,"
        "\"description\":null,\"env\":null,\"file\":\"kv.lua\",\"fingerprint\":false,"
        "\"id\":null,\"jurisdiction\":null,\"line\":2,\"mode\":null,\"on_remove\":null,\"owner\":"
        "null,"
        "\"preview\":false,\"preview_of\":null,\"protect\":false,\"prune\":[],\"purpose\":null,"
        "\"puts\":[],\"renamed_from\":null,\"title\":\"main\",\"ttl_seconds\":0}]");
    model_release(&m);
}

static void a_full_namespace_prints_what_was_given(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    struct namespace_decl *ns = ns_of(&m, 2, "shop", "cache", "prod");
    struct srcpos chain[] = {at(2), {"lib/x.lua", 7}};
    ns->chain = chain;
    ns->n_chain = 2;
    ns->account_id = B(ACCOUNT);
    ns->binding = B("CACHE");
    ns->description = B("d");
    ns->id = B(OTHER);
    ns->jurisdiction = B("eu");
    ns->on_remove = ON_REMOVE_KEEP;
    ns->protect = YES;
    ns->preview = ns->fingerprint = true;
    ns->create = false;
    ns->ttl_seconds = 60;
    validate(&m);
    assert_prints(
        &m, "{\"account\":null,\"account_id\":\"" ACCOUNT "\",\"address\":\"shop/cache/prod\","
            "\"app\":\"shop\",\"binding\":\"CACHE\",\"bulk\":[],"
            "\"chain\":[\"kv.lua:2\",\"lib/x.lua:7\"],\"create\":false,\"create_options\":null,"
            "\"description\":\"d\",\"env\":\"prod\",\"file\":\"kv.lua\","
            "\"fingerprint\":true,\"id\":\"" OTHER "\",\"jurisdiction\":\"eu\","
            "\"line\":2,\"mode\":null,\"on_remove\":\"keep\",\"owner\":null,\"preview\":"
            "true,\"preview_of\":null,"
            "\"protect\":true,"
            "\"prune\":[],\"purpose\":\"cache\",\"puts\":[],\"renamed_from\":null,"
            "\"title\":\"shop-cache-prod\",\"ttl_seconds\":60}");
    model_release(&m);
}

static void namespaces_are_sorted_by_account_and_address(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 1, "b");
    ns_at(&m, 2, "a")->account_id = B(OTHER);
    ns_at(&m, 3, "c")->account_id = B(ACCOUNT);
    ns_at(&m, 4, "a");
    validate(&m);
    const char *text = printed(&m);
    static const int lines[] = {4, 1, 3, 2};
    for (size_t i = 0; i < 4; i++) {
        text = strstr(text, "\"line\":");
        assert_non_null(text);
        text += strlen("\"line\":");
        assert_int_equal(*text - '0', lines[i]);
    }
    model_release(&m);
}

static void a_preview_is_a_namespace_that_names_its_own(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_of(&m, 2, "shop", "cache", "dev")->preview = true;
    model_add_previews(&m);
    validate(&m);
    assert_prints(&m, "\"preview\":true,\"preview_of\":null,");
    assert_prints(&m,
                  "{\"account\":null,\"account_id\":null,\"address\":\"shop/cache/dev_preview\",");
    assert_prints(&m, "\"preview\":false,\"preview_of\":\"shop/cache/dev\",");
    model_release(&m);
}

static void puts_are_sorted_by_key_with_their_attributes(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 2, "main");
    put_at(&m, 0, 4, "b", "\xff");
    struct seed_key *seed = put_at(&m, 0, 5, "a", "x\n");
    seed->metadata = B("{\"n\":1}");
    seed->expiration = NOW + 100;
    m.namespaces[0].puts[1].policy = SEED_ONCE;
    put_at(&m, 0, 6, "c", "hidden")->value.secret = true;
    m.namespaces[0].puts[2].seed.expiration_ttl = 90;
    validate(&m);
    assert_prints(
        &m, "\"puts\":[{\"expiration\":1700000100,\"expiration_ttl\":null,\"file\":\"kv.lua\","
            "\"key\":\"a\",\"line\":5,\"metadata\":{\"n\":1},\"policy\":\"once\","
            "\"secret\":false,\"value\":\"x\\n\"},"
            "{\"expiration\":null,\"expiration_ttl\":null,\"file\":\"kv.lua\",\"key\":\"b\","
            "\"line\":4,\"metadata\":null,\"policy\":\"managed\",\"secret\":false,"
            "\"value\":{\"base64\":\"/w==\"}},"
            "{\"expiration\":null,\"expiration_ttl\":90,\"file\":\"kv.lua\",\"key\":\"c\","
            "\"line\":6,\"metadata\":null,\"policy\":\"managed\",\"secret\":true,"
            "\"value\":null}]");
    assert_null(strstr(printed(&m), "hidden"));
    model_release(&m);
}

static void ids_print_as_placeholders(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_of(&m, 2, "shop", "cache", "dev");
    struct part parts[] = {{.kind = PART_TEXT, .text = B("x/")}, {.kind = PART_ID, .ns = 0}};
    put_at(&m, 0, 3, "k", "")->value = (struct deferred){.parts = parts, .n = 2};
    output_at(&m, 4, "out", "")->value = (struct deferred){.parts = parts + 1, .n = 1};
    validate(&m);
    assert_prints(&m, "\"value\":\"x/${shop/cache/dev.id}\"");
    assert_prints(&m, "\"outputs\":{\"out\":\"${shop/cache/dev.id}\"}");
    model_release(&m);
}

static void bulk_sources_and_prunes_are_listed_not_read(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 2, "main");
    struct bulk_decl *bulk = model_add_bulk(&m, 0);
    *bulk = (struct bulk_decl){
        .format = SOURCE_JSONL, .path = B("seed/a.jsonl"), .policy = SEED_ONCE, .pos = at(3)};
    bulk = model_add_bulk(&m, 0);
    bulk->pos = at(4);
    item_at(&m, 0, 1, 4, "k");
    struct prune_decl *prune = model_add_prune(&m, 0);
    *prune = (struct prune_decl){.prefix = B("old/"), .pos = at(5)};
    validate(&m);
    assert_prints(&m, "\"bulk\":[{\"file\":\"kv.lua\",\"format\":\"jsonl\",\"items\":null,"
                      "\"line\":3,\"path\":\"seed/a.jsonl\",\"policy\":\"once\"},"
                      "{\"file\":\"kv.lua\",\"format\":\"inline\",\"items\":1,\"line\":4,"
                      "\"path\":null,\"policy\":\"managed\"}]");
    assert_prints(&m, "\"prune\":[{\"file\":\"kv.lua\",\"line\":5,\"prefix\":\"old/\"}]");
    model_release(&m);
}

static void outputs_are_sorted_and_typed(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    output_at(&m, 1, "b", "text");
    output_at(&m, 2, "a", "")->json = B("{\"n\":[1,true]}");
    output_at(&m, 3, "c", "hidden")->value.secret = true;
    output_at(&m, 4, "b", "again");
    assert_prints(&m, "\"outputs\":{\"a\":{\"n\":[1,true]},\"b\":\"text\",\"c\":null}");
    model_release(&m);
}

static void wrangler_and_project_are_printed(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    environments(&m, 2, (const char *const[]){"prod", "dev"});
    m.project.name = B("shop");
    m.project.ephemeral = B("pr-*");
    struct removed_decl *removed = model_add_removed(&m);
    removed->address = B("a/b/c");
    removed->allow_data_loss = true;
    removed->pos = at(7);
    struct renaming renames[] = {{.from = B("prod"), .to = B("production")},
                                 {.from = B("dev"), .to = B("development")},
                                 {.from = B("prod"), .to = B("live")}};
    struct renaming names[] = {{.from = B("a*"), .to = B("A")},
                               {.from = B("b*"), .part = B("top_level"), .to = B("TOP")},
                               {.from = B("b*"), .part = B("live"), .to = B("LIVE")}};
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->environments = (struct renamings){renames, 3};
    w->bindings = (struct renamings){names, 3};
    w->previews = B("dev");
    w->ids = IDS_AUTO;
    w->app = B("shop");
    w->select = (struct strings){texts(&m, 1, (const char *const[]){"shop/*"}), 1};
    assert_prints(
        &m, "\"wrangler\":[{\"app\":\"shop\",\"bindings\":{\"a*\":\"A\",\"b*\":{\"live\":\"LIVE\","
            "\"top_level\":\"TOP\"}},\"environments\":{\"dev\":\"development\","
            "\"prod\":[\"production\",\"live\"]},\"file\":\"kv.lua\",\"ids\":\"auto\",\"line\":9,"
            "\"path\":\"wrangler.toml\",\"persist_to\":null,\"previews\":\"dev\",\"select\":["
            "\"shop/*\"],"
            "\"top_level\":null}]");
    assert_prints(
        &m, "\"environments\":[\"prod\",\"dev\"],\"ephemeral\":{\"days\":7,\"match\":\"pr-*\"},");
    assert_prints(&m, "\"name\":\"shop\"");
    assert_prints(&m, "\"removed\":[{\"address\":\"a/b/c\",\"allow_data_loss\":true,"
                      "\"allow_mass_delete\":false,\"file\":\"kv.lua\",\"line\":7,"
                      "\"title\":null}]");
    model_release(&m);
}

static void diagnostics_are_part_of_it(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    ns_at(&m, 2, "main")->ttl_seconds = 30;
    validate(&m);
    assert_prints(&m, "{\"diagnostics\":[{\"code\":\"namespace.ttl_seconds\",\"column\":null,"
                      "\"file\":\"kv.lua\",");
    model_release(&m);
}

static void add_input(struct model *m, struct input_decl input)
{
    struct input_decl *added = model_add_input(m);
    assert_non_null(added);
    *added = input;
}

static void add_inputs(struct model *m)
{
    add_input(m, (struct input_decl){.kind = INPUT_VAR,
                                     .name = "region",
                                     .type = "string",
                                     .doc = "where data lives",
                                     .default_value = B("eu"),
                                     .value = B("us"),
                                     .given = true,
                                     .oneof = texts(m, 2, (const char *const[]){"eu", "us"}),
                                     .n_oneof = 2});
    add_input(m,
              (struct input_decl){
                  .kind = INPUT_VAR, .name = "limit", .type = "integer", .default_value = B("7")});
    add_input(m, (struct input_decl){.kind = INPUT_ENV,
                                     .name = "TOKEN",
                                     .type = "string",
                                     .secret = true,
                                     .default_value = B("hidden"),
                                     .value = B("hidden")});
}

static void inputs_print_sorted_without_values(void **state)
{
    (void)state;
    struct model m;
    struct buf out = {0};
    struct json_writer w = json_writer_to(&out, 0);
    model_init(&m);
    add_inputs(&m);
    model_write_inputs_json(&m, &w);
    assert_string_equal(out.data,
                        "[{\"default\":null,\"doc\":null,\"given\":false,\"kind\":\"env\","
                        "\"name\":\"TOKEN\",\"oneof\":[],\"secret\":true,\"type\":\"string\"},"
                        "{\"default\":7,\"doc\":null,\"given\":false,\"kind\":\"var\","
                        "\"name\":\"limit\",\"oneof\":[],\"secret\":false,\"type\":\"integer\"},"
                        "{\"default\":\"eu\",\"doc\":\"where data lives\",\"given\":true,"
                        "\"kind\":\"var\",\"name\":\"region\",\"oneof\":[\"eu\",\"us\"],"
                        "\"secret\":false,\"type\":\"string\"}]");
    buf_release(&out);
    model_release(&m);
}

static void defaults_print_in_their_type(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"integer", "-12", "-12"},     {"integer", "x", "\"x\""},   {"number", "1.50", "1.5"},
        {"number", "", "\"\""},        {"boolean", "true", "true"}, {"boolean", "false", "false"},
        {"boolean", "yes", "\"yes\""}, {"string", "12", "\"12\""},  {"number", "0x10", "\"0x10\""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct model m;
        model_init(&m);
        add_input(&m, (struct input_decl){
                          .name = "v", .type = cases[i][0], .default_value = B(cases[i][1])});
        struct buf expected = {0};
        buf_addf(&expected, "\"inputs\":[{\"default\":%s,", cases[i][2]);
        assert_prints(&m, expected.data);
        buf_release(&expected);
        model_release(&m);
    }
}

static void inputs_print_a_line_each_for_people(void **state)
{
    (void)state;
    struct model m;
    struct buf out = {0};
    model_init(&m);
    model_write_inputs_text(&m, &out);
    assert_int_equal(out.len, 0);
    add_inputs(&m);
    model_write_inputs_text(&m, &out);
    assert_string_equal(out.data, "env TOKEN: string, secret, not given\n"
                                  "var limit: integer, default '7', not given\n"
                                  "var region: string, default 'eu', one of 'eu', 'us', given "
                                  "(where data lives)\n");
    buf_release(&out);
    model_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_model_has_the_whole_shape),
        cmocka_unit_test(a_plain_namespace_prints_every_field),
        cmocka_unit_test(a_full_namespace_prints_what_was_given),
        cmocka_unit_test(namespaces_are_sorted_by_account_and_address),
        cmocka_unit_test(a_preview_is_a_namespace_that_names_its_own),
        cmocka_unit_test(puts_are_sorted_by_key_with_their_attributes),
        cmocka_unit_test(ids_print_as_placeholders),
        cmocka_unit_test(bulk_sources_and_prunes_are_listed_not_read),
        cmocka_unit_test(outputs_are_sorted_and_typed),
        cmocka_unit_test(wrangler_and_project_are_printed),
        cmocka_unit_test(diagnostics_are_part_of_it),
        cmocka_unit_test(inputs_print_sorted_without_values),
        cmocka_unit_test(defaults_print_in_their_type),
        cmocka_unit_test(inputs_print_a_line_each_for_people),
    };
    return cmocka_run_group_tests_name("model/eval_json", tests, NULL, release_buffer);
}
