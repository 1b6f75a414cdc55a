#include <stdio.h>
#include <time.h>

#include "test_model_builder.h"

#define X64  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X512 X64 X64 X64 X64 X64 X64 X64 X64

static struct model new_model(void)
{
    struct model m;
    model_init(&m);
    m.project.declared = true;
    m.project.pos = at(1);
    return m;
}

/* One namespace 'main' at line 2, for what is declared inside one. */
static struct model with_namespace(void)
{
    struct model m = new_model();
    ns_at(&m, 2, "main");
    return m;
}

/* ---- project --------------------------------------------------------------------------------- */

static void a_project_with_every_field_right_passes(void **state)
{
    (void)state;
    struct model m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    m.project.name = B("shop");
    m.project.account_id = B(ACCOUNT);
    m.project.naming = B("{env}.{purpose}.{app}");
    m.project.protected_envs = (struct strings){texts(&m, 1, (const char *const[]){"prod"}), 1};
    m.project.title_max = 512;
    assert_clean(&m);
}

static void a_project_name_is_text(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.name = B("");
    assert_error(&m, 1, "project.name", "project name '' is empty",
                 "give a word: the state file is called after it");
    m = new_model();
    m.project.name = B("a\nb");
    assert_error(&m, 1, "project.name", "project name 'a\\x0Ab' contains a control character",
                 "give a word: the state file is called after it");
}

static void an_account_id_is_32_hexadecimal_digits(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "abc", "0123456789ABCDEF0123456789ABCDEF",
                                        "0123456789abcdef0123456789abcdeg", ACCOUNT "0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char message[128];
        snprintf(message, sizeof message, "account_id '%s' is not 32 lowercase hexadecimal digits",
                 wrong[i]);
        struct model m = new_model();
        m.project.account_id = B(wrong[i]);
        assert_error(&m, 1, "project.account_id", message, ACCOUNT_ID_HINT);
        m = with_namespace();
        m.namespaces[0].account_id = B(wrong[i]);
        assert_error(&m, 2, "namespace.account_id", message, ACCOUNT_ID_HINT);
    }
    struct model m = with_namespace();
    m.namespaces[0].account_id = B(OTHER);
    assert_clean(&m);
}

static void a_wrong_account_of_the_project_is_said_once(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.project.account_id = m.namespaces[0].account_id = B("abc");
    assert_error(&m, 1, "project.account_id",
                 "account_id 'abc' is not 32 lowercase hexadecimal digits", ACCOUNT_ID_HINT);
}

static void title_max_is_between_1_and_512(void **state)
{
    (void)state;
    static const int64_t wrong[] = {0, -1, 513, INT64_MIN};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char message[64];
        snprintf(message, sizeof message, "title_max '%lld' is out of range", (long long)wrong[i]);
        struct model m = with_namespace();
        m.project.title_max = wrong[i];
        assert_error(&m, 1, "project.title_max", message,
                     "give 1 to 512 characters; Cloudflare allows no more");
    }
    struct model m = new_model();
    m.project.title_max = 1;
    ns_at(&m, 2, "a");
    assert_clean(&m);
}

static void thresholds_and_backups_have_ranges(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.project.mass_percent = 101;
    assert_error(&m, 1, "project.guards", "guards.mass_percent '101' is out of range",
                 "give 1 to 100: more of the namespaces, or of the keys of one, are not deleted "
                 "unasked");
    m = with_namespace();
    m.project.mass_from = 0;
    assert_error(&m, 1, "project.guards", "guards.mass_from '0' is out of range",
                 "give 1 to 1000000000: the keys of a namespace from which mass_percent counts");
    m = with_namespace();
    m.project.backups_keep = 0;
    assert_error(&m, 1, "project.backups", "backups.keep '0' is out of range",
                 "give 1 to 100000: so many backups stay, however old they are");
    m = with_namespace();
    m.project.backups_days = -1;
    assert_error(&m, 1, "project.backups", "backups.days '-1' is out of range",
                 "give 1 to 36500: younger backups stay, however many they are");
}

static void backups_stay_below_the_root(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.project.backups_dir = B("../there");
    assert_error(&m, 1, "project.backups", "backups.dir '../there' contains '..'",
                 "give a folder below the project root");
    m = with_namespace();
    m.project.backups_dir = B(".");
    assert_error(&m, 1, "project.backups", "backups.dir '.' is the root itself",
                 "give a folder below the project root");
    m = with_namespace();
    m.project.backups_dir = B(".git/kept");
    assert_error(&m, 1, "project.backups",
                 "backups.dir '.git/kept' has a component that starts with a dot",
                 "give a folder below the project root");
}

static void an_ephemeral_environment_is_not_protected(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.project.ephemeral = B("p*");
    m.project.protected_envs = (struct strings){texts(&m, 1, (const char *const[]){"prod"}), 1};
    assert_error(&m, 1, "project.ephemeral",
                 "ephemeral.match 'p*' matches the protected environment 'prod'",
                 "match only environments that come and go, such as 'pr-*'");
    m = with_namespace();
    m.project.ephemeral = B("");
    assert_error(&m, 1, "project.ephemeral", "ephemeral.match is empty", NULL);
    m = with_namespace();
    m.project.ephemeral_days = 0;
    assert_error(&m, 1, "project.ephemeral", "ephemeral.days '0' is out of range",
                 "give 1 to 36500: cfkv sweep removes older environments");
}

/* ---- removed --------------------------------------------------------------------------------- */

static struct model with_removed(const char *title, const char *address)
{
    struct model m = with_namespace();
    struct removed_decl *r = model_add_removed(&m);
    r->title = title ? bytes_of(title) : (struct bytes){0};
    r->address = address ? bytes_of(address) : (struct bytes){0};
    r->pos = at(5);
    return m;
}

static void what_may_go_is_named_once(void **state)
{
    (void)state;
    struct model m = with_removed(NULL, NULL);
    assert_error(&m, 5, "removed.name", "cfkv.removed names no namespace", "give title or address");
    m = with_removed("", NULL);
    assert_error(&m, 5, "removed.name", "cfkv.removed names no namespace", "give title or address");
    m = with_removed("x", "y");
    assert_error(&m, 5, "removed.name", "cfkv.removed has a title and an address",
                 "give title or address");
    m = with_removed("gone", NULL);
    assert_clean(&m);
}

static void what_may_go_is_not_declared(void **state)
{
    (void)state;
    struct model m = with_removed("main", NULL);
    assert_warning(&m, 5, "removed.declared",
                   "namespace 'main' is said to be removed and is declared, at kv.lua:2",
                   "take one of the two away; while it is declared it stays");
}

/* ---- naming ---------------------------------------------------------------------------------- */

static void naming_knows_app_purpose_and_env(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.naming = B("{app}-{purpos}");
    assert_error(&m, 1, "project.naming",
                 "naming '{app}-{purpos}' has an unknown placeholder 'purpos'",
                 "did you mean '{purpose}'?");
    m = new_model();
    m.project.naming = B("{app}-{region}");
    assert_error(&m, 1, "project.naming",
                 "naming '{app}-{region}' has an unknown placeholder 'region'",
                 "known: '{app}', '{purpose}', '{env}'");
    m = new_model();
    m.project.naming = B("{app");
    assert_error(&m, 1, "project.naming", "naming '{app' has a brace without its other half",
                 "write a placeholder as '{env}'");
    m = new_model();
    m.project.naming = B("{app}}");
    assert_error(&m, 1, "project.naming", "naming '{app}}' has a brace without its other half",
                 "write a placeholder as '{env}'");
    m = new_model();
    m.project.naming = B("shop");
    assert_error(&m, 1, "project.naming",
                 "naming 'shop' has no placeholder, so all titles would be the same",
                 "known: '{app}', '{purpose}', '{env}'");
    m = new_model();
    m.project.naming = B("{app}\t");
    assert_error(&m, 1, "project.naming", "naming '{app}\\x09' contains a control character", NULL);
}

static void a_wrong_naming_is_said_once_not_for_each_namespace(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.naming = B("{app}-{zone}");
    ns_of(&m, 2, "a", "b", "c");
    ns_of(&m, 3, "a", "b", "d");
    validate(&m);
    assert_count(&m, 1);
    assert_int_equal(m.diags.items[0].pos.line, 1);
    assert_non_null(m.namespaces[0].title.data);
    model_release(&m);
}

static void protected_envs_are_environments(void **state)
{
    (void)state;
    struct model m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    m.project.protected_envs =
        (struct strings){texts(&m, 2, (const char *const[]){"prod", "prd"}), 2};
    assert_error(&m, 1, "project.protected_envs",
                 "protected_envs names 'prd', which is not in environments",
                 "did you mean 'prod'?");
    m = new_model();
    m.project.protected_envs = (struct strings){texts(&m, 1, (const char *const[]){"prd"}), 1};
    assert_clean(&m);
}

static void environments_are_text(void **state)
{
    (void)state;
    struct model m = new_model();
    environments(&m, 2, (const char *const[]){"dev", ""});
    assert_error(&m, 1, "project.environments", "environment '' is empty",
                 "give it a name, such as 'dev', or take it out");
}

/* ---- titles and addresses -------------------------------------------------------------------- */

static void a_title_can_be_given_or_built(void **state)
{
    (void)state;
    struct model m = with_namespace();
    ns_of(&m, 3, "shop", "cache", "dev");
    validate(&m);
    assert_count(&m, 0);
    assert_string_equal(m.namespaces[1].title.data, "shop-cache-dev");
    model_release(&m);
}

static void a_namespace_without_title_says_which_parts_are_missing(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 2, NULL)->app = B("shop");
    assert_error(&m, 2, "namespace.title",
                 "namespace has no title, and none can be built without purpose and env",
                 "give title, or what naming '{app}-{purpose}-{env}' asks for");
    m = new_model();
    m.project.naming = B("{app}-{env}");
    ns_at(&m, 2, NULL)->env = B("dev");
    validate(&m);
    assert_count(&m, 1);
    assert_string_equal(m.diags.items[0].message,
                        "namespace has no title, and none can be built without app");
    assert_non_null(m.namespaces[0].title.data);
    assert_non_null(m.namespaces[0].address.data);
    model_release(&m);
}

static void texts_of_a_namespace_are_not_empty_and_valid(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 2, "");
    assert_error(&m, 2, "namespace.title", "title is empty", "give it a value, or leave it out");
    m = new_model();
    ns_at(&m, 2, "caf\xe9");
    assert_error(&m, 2, "namespace.title", "title 'caf\\xE9' is not valid UTF-8",
                 "write it without");
    m = new_model();
    ns_of(&m, 2, "shop", "", "dev");
    assert_error(&m, 2, "namespace.purpose", "purpose is empty",
                 "give it a value, or leave it out");
    m = with_namespace();
    m.namespaces[0].renamed_from = B("a\033[31m");
    assert_error(&m, 2, "namespace.renamed_from",
                 "renamed_from 'a\\x1B[31m' contains a control character", "write it without");
}

static void a_title_is_at_most_64_characters_unless_title_max_says_more(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 2, X64);
    assert_clean(&m);
    m = new_model();
    ns_at(&m, 2, X64 "y");
    assert_error(&m, 2, "namespace.title", "title '" X64 "y' has 65 characters, more than 64",
                 "shorten it, or raise project.title_max (up to 512)");
    m = new_model();
    m.project.title_max = 512;
    ns_at(&m, 2, X512);
    assert_clean(&m);
    m = new_model();
    m.project.title_max = 512;
    ns_at(&m, 2, X512 "y");
    validate(&m);
    assert_count(&m, 1);
    assert_non_null(strstr(m.diags.items[0].message, "has 513 characters, more than 512"));
    assert_null(m.diags.items[0].hint);
    model_release(&m);
}

static void a_titles_length_counts_characters_not_bytes(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.title_max = 4;
    ns_at(&m, 2, "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80o");
    assert_clean(&m);
}

static void a_title_is_unique_in_its_account_and_both_places_are_named(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 3, "shop");
    ns_at(&m, 9, "shop");
    assert_error(&m, 9, "namespace.title",
                 "title 'shop' is declared twice: at kv.lua:3 and kv.lua:9",
                 "titles are unique in an account");
    m = new_model();
    m.project.account_id = B(ACCOUNT);
    ns_at(&m, 3, "shop");
    ns_at(&m, 9, "shop")->account_id = B(OTHER);
    assert_clean(&m);
    m = new_model();
    m.project.account_id = B(ACCOUNT);
    ns_at(&m, 3, "shop");
    ns_at(&m, 9, "shop")->account_id = B(ACCOUNT);
    validate(&m);
    assert_count(&m, 1);
    model_release(&m);
}

static void a_title_declared_twice_by_one_line_of_a_loop_reads_well(void **state)
{
    (void)state;
    struct model m = new_model();
    for (int i = 0; i < 3; i++)
        ns_of(&m, 5, "shop", "cache", "dev");
    assert_error(&m, 5, "namespace.title",
                 "title 'shop-cache-dev' is declared twice, both times at kv.lua:5",
                 "titles are unique in an account: in a loop each turn needs its own");
}

static void an_address_is_unique_in_its_account(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_of(&m, 3, "shop", "cache", "dev");
    ns_at(&m, 4, "shop/cache/dev");
    assert_error(&m, 4, "namespace.address",
                 "address 'shop/cache/dev' is declared twice: at kv.lua:3 and kv.lua:4",
                 "app, purpose and env together are unique in an account");
    m = new_model();
    m.project.account_id = B(ACCOUNT);
    ns_of(&m, 3, "shop", "cache", "dev");
    ns_of(&m, 4, "shop", "cache", "dev")->account_id = B(OTHER);
    assert_clean(&m);
}

static void a_previews_title_is_unique_too(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 3, "shop_preview");
    ns_at(&m, 9, "shop")->preview = true;
    model_add_previews(&m);
    assert_error(&m, 9, "namespace.title",
                 "title 'shop_preview' is declared twice: at kv.lua:3 and kv.lua:9",
                 "titles are unique in an account; namespace 'shop' has preview = true, which "
                 "declares 'shop_preview'");
    m = new_model();
    ns_at(&m, 3, "a/b/c_preview");
    ns_of(&m, 9, "a", "b", "c")->preview = true;
    model_add_previews(&m);
    assert_error(&m, 9, "namespace.address",
                 "address 'a/b/c_preview' is declared twice: at kv.lua:3 and kv.lua:9",
                 "app, purpose and env together are unique in an account; namespace 'a-b-c' has "
                 "preview = true, which declares 'a-b-c_preview'");
}

static void a_previews_title_is_as_long_as_others_may_be(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.title_max = 12;
    ns_at(&m, 2, "1234")->preview = true;
    model_add_previews(&m);
    assert_clean(&m);
    m = new_model();
    m.project.title_max = 12;
    ns_at(&m, 2, "12345")->preview = true;
    model_add_previews(&m);
    assert_error(&m, 2, "namespace.title",
                 "title '12345_preview' of the preview namespace has 13 characters, more than 12",
                 "shorten title '12345', leave out preview, or raise project.title_max (up to "
                 "512)");
    m = new_model();
    m.project.title_max = 4;
    ns_at(&m, 2, "12345")->preview = true;
    model_add_previews(&m);
    assert_error(&m, 2, "namespace.title", "title '12345' has 5 characters, more than 4",
                 "shorten it, or raise project.title_max (up to 512)");
}

/* Two namespaces of one name, wrong in whatever a preview has from its own. */
static struct model wrong_twins(void)
{
    struct model m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    for (size_t i = 0; i < 2; i++) {
        struct namespace_decl *ns = ns_of(&m, 2, "shop", "cache", "prd");
        ns->preview = true;
        ns->account_id = B("abc");
        ns->jurisdiction = B("mars");
        ns->renamed_from = B("shop-cache-prd");
        ns->create = false;
        ns->protect = YES;
        ns->on_remove = ON_REMOVE_DELETE;
    }
    return m;
}

static void what_a_preview_has_from_its_namespace_is_judged_once(void **state)
{
    (void)state;
    struct model alone = wrong_twins(), m = wrong_twins();
    validate(&alone);
    model_add_previews(&m);
    assert_int_equal(m.n_namespaces, 4);
    validate(&m);
    assert_count(&m, alone.diags.n);
    model_release(&alone);
    model_release(&m);
}

static void an_explicit_title_beside_parts_should_follow_naming(void **state)
{
    (void)state;
    struct model m = new_model();
    struct namespace_decl *ns = ns_of(&m, 2, "shop", "cache", "dev");
    ns->title = B("CACHE");
    ns->title_explicit = true;
    assert_warning(&m, 2, "namespace.naming",
                   "title 'CACHE' does not follow naming '{app}-{purpose}-{env}'",
                   "leave title out to get 'shop-cache-dev'");
    m = new_model();
    ns = ns_of(&m, 2, "shop", "cache", "dev");
    ns->title = B("shop-cache-dev");
    ns->title_explicit = true;
    assert_clean(&m);
    m = new_model();
    ns_at(&m, 2, "CACHE")->env = B("dev"); /* naming asks for more: nothing to compare with */
    assert_clean(&m);
}

static void a_title_built_before_naming_was_known_is_wrong(void **state)
{
    (void)state;
    struct model m = new_model();
    struct namespace_decl *ns = ns_of(&m, 2, "shop", "cache", "dev");
    model_name_namespace(&m, ns);
    m.project.naming = B("{env}.{purpose}");
    assert_error(&m, 2, "namespace.naming",
                 "title 'shop-cache-dev' was built before naming became '{env}.{purpose}'",
                 "call cfkv.project before the first namespace");
}

/* ---- other fields of a namespace ------------------------------------------------------------- */

static void ttl_seconds_is_0_or_at_least_60(void **state)
{
    (void)state;
    static const int64_t right[] = {0, 60, 3600, KV_EXPIRATION_MAX - NOW};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct model m = with_namespace();
        m.namespaces[0].ttl_seconds = right[i];
        assert_clean(&m);
    }
    static const int64_t wrong[] = {30, 59, 1, -60};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char message[64];
        snprintf(message, sizeof message, "ttl_seconds '%lld s' is too short", (long long)wrong[i]);
        struct model m = with_namespace();
        m.namespaces[0].ttl_seconds = wrong[i];
        assert_error(&m, 2, "namespace.ttl_seconds", message,
                     "give 0 (keys do not expire) or at least 60 seconds");
    }
    struct model m = with_namespace();
    m.namespaces[0].ttl_seconds = INT64_MAX;
    assert_error(&m, 2, "namespace.ttl_seconds", "ttl_seconds '9223372036854775807 s' is too long",
                 "keys may expire until January 2038; 0: they do not expire");
}

static void a_description_is_at_most_256_characters(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].description = B(X64 X64 X64 X64);
    assert_clean(&m);
    m = with_namespace();
    m.namespaces[0].description = B(X64 X64 X64 X64 "y");
    validate(&m);
    assert_count(&m, 1);
    assert_string_equal(m.diags.items[0].code, "namespace.description");
    assert_non_null(strstr(m.diags.items[0].message, "has 257 characters, more than 256"));
    model_release(&m);
    m = with_namespace();
    m.namespaces[0].description = B("two\nlines");
    assert_clean(&m);
    m = with_namespace();
    m.namespaces[0].description = B("\xff");
    assert_error(&m, 2, "namespace.description", "description '\\xFF' is not valid UTF-8",
                 "write it without");
}

static void env_is_one_of_the_projects_environments(void **state)
{
    (void)state;
    struct model m = new_model();
    environments(&m, 3, (const char *const[]){"dev", "staging", "prod"});
    ns_of(&m, 2, "a", "b", "stagign");
    assert_error(&m, 2, "namespace.env", "env 'stagign' is not one of project.environments",
                 "did you mean 'staging'?");
    m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    ns_of(&m, 2, "a", "b", "testing");
    assert_error(&m, 2, "namespace.env", "env 'testing' is not one of project.environments",
                 "known: 'dev', 'prod'");
    m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    ns_of(&m, 2, "a", "b", "prod");
    ns_at(&m, 3, "no env at all");
    assert_clean(&m);
}

static void a_binding_is_a_javascript_identifier(void **state)
{
    (void)state;
    static const char *const right[] = {"CACHE", "_a1", "$x", "className", "k"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        assert_true(binding_name_valid(B(right[i])));
    static const char *const wrong[] = {"", "1A", "a-b", "a b", "class", "await", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(binding_name_valid(B(wrong[i])));

    struct model m = with_namespace();
    m.namespaces[0].binding = B("my-cache");
    assert_error(&m, 2, "namespace.binding", "binding 'my-cache' is not a JavaScript identifier",
                 "it becomes env.NAME in a Worker; 'my_cache' would do");
    m = with_namespace();
    m.namespaces[0].binding = B("2nd");
    assert_error(&m, 2, "namespace.binding", "binding '2nd' is not a JavaScript identifier",
                 "it becomes env.NAME in a Worker; '_2nd' would do");
    m = with_namespace();
    m.namespaces[0].binding = B("class");
    assert_error(&m, 2, "namespace.binding", "binding 'class' is not a JavaScript identifier",
                 "it becomes env.NAME in a Worker: call it something else");
    m = with_namespace();
    m.namespaces[0].binding = B("CACHE");
    assert_clean(&m);
}

static void a_pinned_id_is_32_hexadecimal_digits(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].id = B("");
    assert_error(&m, 2, "namespace.id", "id '' is not 32 lowercase hexadecimal digits",
                 "'cfkv kv namespace list' shows ids; without id a namespace is found by its "
                 "title, or created");
    m = with_namespace();
    m.namespaces[0].id = B("main-id");
    assert_error(&m, 2, "namespace.id", "id 'main-id' is not 32 lowercase hexadecimal digits",
                 "'cfkv kv namespace list' shows ids; without id a namespace is found by its "
                 "title, or created");
    m = with_namespace();
    m.namespaces[0].id = B(OTHER);
    assert_clean(&m);
}

static void an_id_is_pinned_once(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].id = B(OTHER);
    ns_at(&m, 7, "other")->id = B(OTHER);
    assert_error(&m, 7, "namespace.id",
                 "id '" OTHER "' is declared twice: at kv.lua:2 and kv.lua:7",
                 "declare it once: cfkv.wrangler may bind its env in several sections "
                 "('cfkv help wrangler')");
}

static void a_jurisdiction_is_one_that_exists(void **state)
{
    (void)state;
    static const char *const right[] = {"eu", "fedramp", "us"};
    for (size_t i = 0; i < 3; i++) {
        struct model m = with_namespace();
        m.namespaces[0].jurisdiction = B(right[i]);
        assert_clean(&m);
    }
    struct model m = with_namespace();
    m.namespaces[0].jurisdiction = B("fedrmp");
    assert_error(&m, 2, "namespace.jurisdiction", "jurisdiction 'fedrmp' is unknown",
                 "did you mean 'fedramp'?");
    m = with_namespace();
    m.namespaces[0].jurisdiction = B("asia");
    assert_error(&m, 2, "namespace.jurisdiction", "jurisdiction 'asia' is unknown",
                 "known: 'eu', 'fedramp', 'us'");
}

static void what_must_exist_cannot_be_renamed(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].create = false;
    assert_clean(&m);
    m = with_namespace();
    m.namespaces[0].create = false;
    m.namespaces[0].renamed_from = B("old");
    assert_error(&m, 2, "namespace.create", "create = false contradicts renamed_from 'old'",
                 "a namespace that must exist already keeps its title; leave one of them out");
}

static void on_remove_delete_contradicts_own_protection(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].on_remove = ON_REMOVE_DELETE;
    m.namespaces[0].protect = YES;
    assert_warning(&m, 2, "namespace.on_remove",
                   "on_remove 'delete' has no effect on protected namespace 'main'",
                   "leave out protect = true, or on_remove");
    m = with_namespace();
    m.namespaces[0].on_remove = ON_REMOVE_KEEP;
    m.namespaces[0].protect = YES;
    assert_clean(&m);
}

static void renamed_from_is_not_the_namespace_itself(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].renamed_from = B("main");
    assert_error(&m, 2, "namespace.renamed_from",
                 "renamed_from 'main' is the namespace's own title",
                 "give the address or title it had before");
    m = new_model();
    ns_of(&m, 2, "a", "b", "c")->renamed_from = B("a/b/c");
    assert_error(&m, 2, "namespace.renamed_from",
                 "renamed_from 'a/b/c' is the namespace's own address",
                 "give the address or title it had before");
    m = with_namespace();
    m.namespaces[0].renamed_from = B("old");
    assert_clean(&m);
}

static void renamed_from_is_no_longer_declared(void **state)
{
    (void)state;
    struct model m = with_namespace();
    ns_at(&m, 5, "new")->renamed_from = B("main");
    assert_error(&m, 5, "namespace.renamed_from",
                 "renamed_from 'main' is still declared at kv.lua:2",
                 "remove the old declaration, or renamed_from");
    m = with_namespace();
    m.namespaces[0].account_id = B(ACCOUNT);
    struct namespace_decl *ns = ns_at(&m, 5, "new");
    ns->account_id = B(OTHER);
    ns->renamed_from = B("main");
    assert_clean(&m);
}

static void one_old_name_has_one_successor(void **state)
{
    (void)state;
    struct model m = with_namespace();
    m.namespaces[0].renamed_from = B("old");
    ns_at(&m, 5, "new")->renamed_from = B("old");
    assert_error(&m, 5, "namespace.renamed_from",
                 "renamed_from 'old' is declared twice: at kv.lua:2 and kv.lua:5",
                 "keep one of the two, or call one something else");
}

static void add_many(struct model *m, int n)
{
    for (int i = 0; i < n; i++) {
        char *title = arena_printf(&m->arena, "ns-%d", i);
        assert_non_null(title);
        ns_at(m, i + 1, title);
    }
}

static void titles_that_look_like_one_are_told_with_both_places(void **state)
{
    (void)state;
    static const char *const HINT = "to Workers KV they are two; is one of them a slip?";
    struct model m = new_model();
    ns_at(&m, 2, "shop");
    ns_at(&m, 3, "other");
    ns_at(&m, 4, "Shop");
    assert_warning(&m, 4, "namespace.alike",
                   "titles 'shop' (kv.lua:2) and 'Shop' (kv.lua:4) differ only in case", HINT);
    m = new_model();
    ns_at(&m, 2, "caf\u00e9");
    ns_at(&m, 3, "cafe\u0301");
    assert_warning(&m, 3, "namespace.alike",
                   "titles 'caf\u00e9' (kv.lua:2) and 'cafe\u0301' (kv.lua:3) differ only in how "
                   "their characters are composed (Unicode NFC)",
                   HINT);
    m = new_model();
    ns_at(&m, 2, "shop");
    ns_at(&m, 3, "Shop")->account_id = B(OTHER);
    assert_clean(&m);
}

static void keys_that_look_like_one_are_told_with_both_places(void **state)
{
    (void)state;
    struct model m = new_model();
    ns_at(&m, 2, "main");
    ns_at(&m, 3, "other");
    put_at(&m, 0, 4, "Theme", "x");
    put_at(&m, 0, 5, "theme", "x");
    put_at(&m, 1, 6, "THEME", "x");
    assert_warning(&m, 5, "key.alike",
                   "keys 'Theme' (kv.lua:4) and 'theme' (kv.lua:5) differ only in case",
                   "to Workers KV they are two; is one of them a slip?");
}

static void an_account_takes_1000_namespaces(void **state)
{
    (void)state;
    static const char *const RAISED = "where Cloudflare lets the account have more, say how many: "
                                      "cfkv.project { limits = { namespaces = N } }";
    struct model m = new_model();
    add_many(&m, 1000);
    ns_at(&m, 2000, "elsewhere")->account_id = B(OTHER);
    assert_clean(&m);
    m = new_model();
    add_many(&m, 1002);
    assert_error(&m, 1001, "account.namespaces", "the account gets 1002 namespaces, more than 1000",
                 RAISED);
    m = new_model();
    m.project.account_id = B(ACCOUNT);
    add_many(&m, 1001);
    assert_error(&m, 1001, "account.namespaces",
                 "account '" ACCOUNT "' gets 1001 namespaces, more than 1000", RAISED);
    m = new_model();
    m.project.namespaces_max = 1001;
    add_many(&m, 1001);
    assert_clean(&m);
    m = new_model();
    m.project.namespaces_max = 0;
    assert_error(&m, 1, "project.limits", "limits.namespaces '0' is out of range",
                 "give 1 to 1000000: the namespaces that Cloudflare lets the account have");
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* One namespace with one put at line 3. */
static struct model with_put(const char *key, const char *value)
{
    struct model m = with_namespace();
    put_at(&m, 0, 3, key, value);
    return m;
}

static struct seed_key *seed_of(struct model *m)
{
    return &m->namespaces[0].puts[0].seed;
}

static void keys_of_1_to_512_bytes_pass(void **state)
{
    (void)state;
    static const char *const right[] = {"k", X512, "a/b c%?#", "\xc3\xa4", "...", ".a", "\x01"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct model m = with_put(right[i], "v");
        assert_clean(&m);
    }
}

static void a_key_has_1_to_512_bytes(void **state)
{
    (void)state;
    struct model m = with_put("", "v");
    assert_error(&m, 3, "key.length", "key '' is empty", "give it a name");
    m = with_put(X512 "y", "v");
    validate(&m);
    assert_count(&m, 1);
    assert_string_equal(m.diags.items[0].code, "key.length");
    assert_non_null(strstr(m.diags.items[0].message, "has 513 bytes, more than 512"));
    model_release(&m);
}

static void a_key_is_not_dot_or_dot_dot(void **state)
{
    (void)state;
    struct model m = with_put(".", "v");
    assert_error(&m, 3, "key.dots", "key '.' is refused by Workers KV",
                 "call it something else: '.' and '..' are steps in an address");
    m = with_put("..", "v");
    assert_error(&m, 3, "key.dots", "key '..' is refused by Workers KV",
                 "call it something else: '.' and '..' are steps in an address");
}

static void a_key_is_utf8_and_may_hold_a_nul(void **state)
{
    (void)state;
    struct model m = with_put("caf\xe9", "v");
    assert_error(&m, 3, "key.utf8", "key 'caf\\xE9' is not valid UTF-8",
                 "Workers KV takes keys of text; bytes go into the value, or are written as "
                 "hexadecimal digits");
    m = with_put("x", "v");
    seed_of(&m)->key = bytes_make("a\0b", 3);
    assert_clean(&m);
}

static void a_key_is_declared_once_in_a_namespace(void **state)
{
    (void)state;
    struct model m = with_put("flags", "1");
    put_at(&m, 0, 8, "flags", "2");
    assert_error(&m, 8, "key.duplicate", "key 'flags' is declared twice: at kv.lua:3 and kv.lua:8",
                 "a namespace holds one value under a key");
    m = with_put("flags", "1");
    ns_at(&m, 4, "other");
    put_at(&m, 1, 5, "flags", "2");
    put_at(&m, 1, 6, "flag", "2");
    assert_clean(&m);
}

static void puts_and_inline_bulk_items_share_their_keys(void **state)
{
    (void)state;
    struct model m = with_put("a", "1");
    seed_of(&m)->pos.line = 9; /* behind the bulk call */
    model_add_bulk(&m, 0);
    model_add_bulk(&m, 0);
    item_at(&m, 0, 0, 4, "a");
    item_at(&m, 0, 0, 4, "b");
    item_at(&m, 0, 1, 6, "b");
    validate(&m);
    assert_count(&m, 2);
    assert_diag(&m, 0, DIAG_ERROR, 6, "key.duplicate",
                "key 'b' is declared twice: at kv.lua:4 and kv.lua:6",
                "a namespace holds one value under a key");
    assert_diag(&m, 1, DIAG_ERROR, 9, "key.duplicate",
                "key 'a' is declared twice: at kv.lua:4 and kv.lua:9",
                "a namespace holds one value under a key");
    model_release(&m);
}

static void bulk_items_are_named_by_their_number(void **state)
{
    (void)state;
    struct model m = with_namespace();
    model_add_bulk(&m, 0);
    item_at(&m, 0, 0, 4, "a");
    item_at(&m, 0, 0, 5, "b")->expiration_ttl = 30;
    assert_error(&m, 5, "key.expiration_ttl",
                 "item 2: expiration_ttl '30 s' of key 'b' is too short",
                 "give at least 60 seconds");
}

static void set_value(struct model *m, size_t len)
{
    char *data = arena_alloc(&m->arena, len, 1);
    assert_non_null(data);
    memset(data, ' ', len);
    *seed_of(m)->value.parts = (struct part){.kind = PART_TEXT, .text = bytes_make(data, len)};
}

static void a_value_is_at_most_25_mib_and_better_under_1_mib(void **state)
{
    (void)state;
    struct model m = with_put("k", "");
    set_value(&m, CFKV_VALUE_WARN);
    assert_clean(&m);
    m = with_put("k", "");
    set_value(&m, CFKV_VALUE_WARN + 1);
    assert_warning(&m, 3, "value.large", "value of key 'k' has 1048577 bytes, more than 1 MiB",
                   "R2 suits large values better");
    m = with_put("k", "");
    set_value(&m, KV_VALUE_MAX);
    validate(&m);
    assert_int_equal(m.diags.errors, 0);
    model_release(&m);
    m = with_put("k", "");
    set_value(&m, KV_VALUE_MAX + 1);
    assert_error(&m, 3, "value.size",
                 "value of key 'k' has 26214401 bytes, more than 26214400 (25 MiB)",
                 "R2 takes larger objects");
}

static void an_id_in_a_value_counts_32_bytes(void **state)
{
    (void)state;
    struct model m = with_put("k", "");
    struct part parts[] = {{.kind = PART_TEXT}, {.kind = PART_ID, .ns = 0}};
    set_value(&m, CFKV_VALUE_WARN - 31);
    parts[0] = *seed_of(&m)->value.parts;
    seed_of(&m)->value = (struct deferred){.parts = parts, .n = 2};
    assert_warning(&m, 3, "value.large", "value of key 'k' has 1048577 bytes, more than 1 MiB",
                   "R2 suits large values better");
}

static void metadata_is_at_most_1024_bytes(void **state)
{
    (void)state;
    char text[KV_METADATA_MAX + 1];
    memset(text, '1', sizeof text);
    struct model m = with_put("k", "v");
    seed_of(&m)->metadata = bytes_make(text, KV_METADATA_MAX);
    assert_clean(&m);
    m = with_put("k", "v");
    seed_of(&m)->metadata = bytes_make(text, KV_METADATA_MAX + 1);
    assert_error(&m, 3, "metadata.size",
                 "metadata of key 'k' has 1025 bytes as JSON, more than 1024", METADATA_SIZE_HINT);
}

static void expiration_ttl_is_at_least_60(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    seed_of(&m)->expiration_ttl = 60;
    assert_clean(&m);
    m = with_put("k", "v");
    seed_of(&m)->expiration_ttl = 59;
    assert_error(&m, 3, "key.expiration_ttl", "expiration_ttl '59 s' of key 'k' is too short",
                 "give at least 60 seconds");
    m = with_put("k", "v");
    seed_of(&m)->expiration_ttl = KV_EXPIRATION_MAX;
    assert_error(&m, 3, "key.expiration_ttl",
                 "expiration_ttl '2147483647 s' of key 'k' is too long",
                 "a key may expire until January 2038");
}

static void expiration_is_seconds_up_to_2038(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    seed_of(&m)->expiration = KV_EXPIRATION_MAX;
    assert_clean(&m);
    m = with_put("k", "v");
    seed_of(&m)->expiration = KV_EXPIRATION_MAX + 1;
    assert_error(
        &m, 3, "key.expiration",
        "expiration '2147483648 (2038-01-19T03:14:08Z)' of key 'k' is not between 1 and 2147483647",
        "give seconds since 1970, or a time such as '2027-01-31T12:00:00Z'");
    m = with_put("k", "v");
    seed_of(&m)->expiration = -1;
    seed_of(&m)->expiration = 0;
    seed_of(&m)->zero_expiration = true;
    assert_error(&m, 3, "key.expiration",
                 "expiration '0 (1970-01-01T00:00:00Z)' of key 'k' is not between 1 and 2147483647",
                 "`expiration_ttl = 0` says that a key does not expire");
    m = with_put("k", "v");
    seed_of(&m)->expiration = -1;
    assert_error(
        &m, 3, "key.expiration",
        "expiration '-1 (1969-12-31T23:59:59Z)' of key 'k' is not between 1 and 2147483647",
        "give seconds since 1970, or a time such as '2027-01-31T12:00:00Z'");
    m = with_put("k", "v");
    seed_of(&m)->expiration = 1800000000000;
    assert_error(&m, 3, "key.expiration",
                 "expiration '1800000000000' of key 'k' is not between 1 and 2147483647",
                 "this looks like milliseconds; give seconds since 1970: 1800000000");
}

static void an_expiration_that_is_past_means_an_absent_key(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    seed_of(&m)->expiration = NOW;
    assert_warning(
        &m, 3, "key.expired",
        "expiration '1700000000 (2023-11-14T22:13:20Z)' of key 'k' is past, so the key is absent",
        NULL);
    m = with_put("k", "v");
    seed_of(&m)->expiration = NOW + 59;
    assert_warning(
        &m, 3, "key.expiring",
        "expiration '1700000059 (2023-11-14T22:14:19Z)' of key 'k' is less than 60 seconds ahead",
        NULL);
    m = with_put("k", "v");
    seed_of(&m)->expiration = NOW + 60;
    assert_clean(&m);
}

static void an_expiration_ttl_of_0_is_none_whatever_the_default(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    m.namespaces[0].ttl_seconds = 600;
    assert_int_equal(namespace_effective_ttl(&m.namespaces[0], seed_of(&m)), 600);
    seed_of(&m)->no_ttl = true;
    assert_int_equal(namespace_effective_ttl(&m.namespaces[0], seed_of(&m)), 0);
    assert_clean(&m);
}

static void one_key_is_judged_by_its_first_error(void **state)
{
    (void)state;
    struct diag_list diags = {0};
    struct error err = {0};
    struct seed_key seed = {.key = bytes_of(".."), .expiration_ttl = 5};
    assert_false(seed_key_judge(&diags, &seed, 0, NOW, "item 2: ", &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_string_equal(err.message, "item 2: key '..' is refused by Workers KV");
    diag_release(&diags);
    seed = (struct seed_key){.key = bytes_of("k"), .expiration = NOW + 59};
    assert_true(seed_key_judge(&diags, &seed, 0, NOW, "", &err));
    assert_int_equal(diags.n, 1);
    assert_true(seed_key_is_late(&seed, NOW, &err));
    assert_string_equal(err.message, diags.items[0].message);
    diag_release(&diags);
}

static void expiration_ttl_wins_over_expiration(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    seed_of(&m)->expiration = 1; /* past, but it does not count */
    seed_of(&m)->expiration_ttl = 60;
    assert_warning(&m, 3, "key.expiration_both",
                   "key 'k' has expiration '1 (1970-01-01T00:00:01Z)' and expiration_ttl '60 s "
                   "(1m)'; expiration_ttl wins",
                   "give one of them");
}

static void a_streamed_key_is_checked_by_the_same_rules(void **state)
{
    (void)state;
    struct diag_list diags = {0};
    struct seed_key seed = {.key = B("k"), .expiration = NOW - 1, .pos = at(4)};
    assert_true(seed_key_check(&diags, &seed, 1, NOW, "")); /* a warning only */
    seed.key = B(".");
    assert_false(seed_key_check(&diags, &seed, KV_VALUE_MAX + 1, NOW, "item 7: "));
    assert_int_equal(diags.n, 4);
    assert_string_equal(diags.items[1].message, "item 7: key '.' is refused by Workers KV");
    assert_int_equal(diags.errors, 2);
    diag_release(&diags);
}

static void a_value_that_looks_secret_should_be_marked(void **state)
{
    (void)state;
    struct model m = with_put("api_key", "k9-22-aa");
    assert_warning(&m, 3, "value.secret", "value of key 'api_key' looks like a credential",
                   "wrap it in cfkv.secret, so that it is never shown");
    m = with_put("api_key", "k9-22-aa");
    seed_of(&m)->value.secret = true;
    assert_clean(&m);
    m = with_namespace();
    model_add_bulk(&m, 0);
    item_at(&m, 0, 0, 6, "db/password");
    assert_warning(&m, 6, "value.secret", "value of key 'db/password' looks like a credential",
                   "wrap it in cfkv.secret, so that it is never shown");
}

static void a_fingerprint_needs_metadata_to_be_an_object_or_absent(void **state)
{
    (void)state;
    struct model m = with_put("k", "v");
    m.namespaces[0].fingerprint = true;
    put_at(&m, 0, 4, "l", "v")->metadata = B("{\"a\":{\"cfkv\":1}}");
    assert_clean(&m);
    m = with_put("k", "v");
    m.namespaces[0].fingerprint = true;
    seed_of(&m)->metadata = B("[1]");
    assert_error(
        &m, 3, "metadata.fingerprint",
        "metadata '[1]' of key 'k' is no object, but its namespace has fingerprint = true",
        "the fingerprint is kept in member 'cfkv' of the metadata; give an object or none");
    m = with_put("k", "v");
    m.namespaces[0].fingerprint = true;
    seed_of(&m)->metadata = B("{\"cfkv\":1}");
    assert_error(&m, 3, "metadata.fingerprint",
                 "metadata of key 'k' has a member 'cfkv', where the fingerprint is kept", NULL);
    m = with_put("k", "v");
    seed_of(&m)->metadata = B("[1]");
    assert_clean(&m);
}

static struct model with_metadata_of(char *text, size_t len)
{
    struct model m = with_put("k", "v");
    m.namespaces[0].fingerprint = true;
    memset(text, 'x', len);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + len - 2, "\"}", 2);
    seed_of(&m)->metadata = bytes_make(text, len);
    return m;
}

static void metadata_leaves_room_for_the_fingerprint(void **state)
{
    (void)state;
    char text[KV_METADATA_MAX + 1];
    struct model m = with_metadata_of(text, 998);
    assert_clean(&m);
    m = with_metadata_of(text, 999);
    assert_error(&m, 3, "metadata.fingerprint",
                 "metadata of key 'k' has 999 bytes as JSON and 1025 with the fingerprint, more "
                 "than 1024",
                 "at most 998 are left beside it");
    m = with_metadata_of(text, KV_METADATA_MAX + 1);
    assert_error(&m, 3, "metadata.size",
                 "metadata of key 'k' has 1025 bytes as JSON, more than 1024", METADATA_SIZE_HINT);
}

static void a_source_lies_below_the_root(void **state)
{
    (void)state;
    static const char *const wrong[][2] = {{"", "is empty"},
                                           {"/etc/x.json", "is absolute"},
                                           {"../x.json", "contains '..'"},
                                           {"a/../x.json", "contains '..'"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char message[128];
        snprintf(message, sizeof message, "source path '%s' %s", wrong[i][0], wrong[i][1]);
        struct model m = with_namespace();
        struct bulk_decl *bulk = model_add_bulk(&m, 0);
        *bulk = (struct bulk_decl){.format = SOURCE_JSON, .path = B(wrong[i][0]), .pos = at(4)};
        assert_error(&m, 4, "source.path", message, "give a path below the project root");
    }
    struct model m = with_namespace();
    struct bulk_decl *bulk = model_add_bulk(&m, 0);
    *bulk = (struct bulk_decl){.format = SOURCE_JSONL, .path = B("seed/..x/a.jsonl")};
    assert_clean(&m);
}

static void add_prune(struct model *m, int line, struct bytes prefix)
{
    struct prune_decl *prune = model_add_prune(m, 0);
    assert_non_null(prune);
    *prune = (struct prune_decl){.prefix = prefix, .pos = at(line)};
}

static void a_prefix_is_pruned_once(void **state)
{
    (void)state;
    struct model m = with_namespace();
    add_prune(&m, 3, B("a/"));
    add_prune(&m, 4, B("a/b/"));
    add_prune(&m, 5, B(""));
    assert_clean(&m);
    m = with_namespace();
    add_prune(&m, 3, B("a/"));
    add_prune(&m, 4, B("a/"));
    assert_warning(&m, 4, "prune.duplicate", "prefix 'a/' is pruned already at kv.lua:3", NULL);
}

static void a_prune_prefix_could_begin_a_key(void **state)
{
    (void)state;
    struct model m = with_namespace();
    add_prune(&m, 3, B("\xff"));
    assert_error(&m, 3, "prune.prefix", "prefix '\\xFF' is not valid UTF-8", NULL);
    m = with_namespace();
    add_prune(&m, 3, bytes_make("a\0", 2));
    assert_clean(&m);
    m = with_namespace();
    add_prune(&m, 3, B(X512 "y"));
    validate(&m);
    assert_count(&m, 1);
    assert_non_null(strstr(m.diags.items[0].message, "is longer than a key may be"));
    model_release(&m);
}

/* ---- outputs --------------------------------------------------------------------------------- */

static void an_outputs_name_is_an_identifier(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "1a", "a-b", "a b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct model m = new_model();
        output_at(&m, 3, wrong[i], "v");
        validate(&m);
        assert_count(&m, 1);
        assert_string_equal(m.diags.items[0].code, "output.name");
        model_release(&m);
    }
    struct model m = new_model();
    output_at(&m, 3, "a-b", "v");
    assert_error(&m, 3, "output.name", "output name 'a-b' is not an identifier",
                 "use letters, digits and _, not starting with a digit");
    m = new_model();
    output_at(&m, 3, "_config_dev2", "v");
    assert_clean(&m);
}

static void an_output_is_declared_once(void **state)
{
    (void)state;
    struct model m = new_model();
    output_at(&m, 3, "a", "v");
    output_at(&m, 4, "b", "v");
    output_at(&m, 5, "a", "v");
    assert_error(&m, 5, "output.duplicate",
                 "output 'a' is declared twice: at kv.lua:3 and kv.lua:5",
                 "keep one of the two, or call one something else");
}

static void a_secret_is_no_output(void **state)
{
    (void)state;
    struct model m = new_model();
    output_at(&m, 3, "a", "v")->value.secret = true;
    assert_error(&m, 3, "output.secret", "output 'a' is a secret",
                 "outputs are kept in state and printed; leave it out");
    m = new_model();
    output_at(&m, 3, "db_password", "hunter2");
    assert_warning(&m, 3, "output.unmarked", "output 'db_password' looks like a credential",
                   "outputs are kept in state and printed; leave it out");
}

/* ---- wrangler -------------------------------------------------------------------------------- */

/* A namespace of that env, bound as CACHE. */
static struct namespace_decl *bound(struct model *m, int line, const char *title, const char *env)
{
    struct namespace_decl *ns = ns_at(m, line, title);
    ns->env = B(env);
    ns->binding = B("CACHE");
    return ns;
}

static void a_wrangler_path_is_a_config_below_the_root(void **state)
{
    (void)state;
    static const char *const right[] = {"wrangler.toml", "apps/shop/wrangler.jsonc", "w.json",
                                        "./wrangler.toml"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++) {
        struct model m = new_model();
        wrangler_at(&m, 3, right[i]);
        assert_clean(&m);
    }
    struct model m = new_model();
    wrangler_at(&m, 3, "../wrangler.toml");
    assert_error(&m, 3, "wrangler.path", "wrangler path '../wrangler.toml' contains '..'",
                 "give a path below the project root, such as 'wrangler.toml'");
    m = new_model();
    wrangler_at(&m, 3, "/wrangler.toml");
    assert_error(&m, 3, "wrangler.path", "wrangler path '/wrangler.toml' is absolute",
                 "give a path below the project root, such as 'wrangler.toml'");
    static const struct {
        const char *path, *fault;
    } own[] = {
        {"kv.state.json", "is one of cfkv's own state files"},
        {"./apps/x.state.json", "is one of cfkv's own state files"},
        {".git/x.toml", "has a component that starts with a dot"},
        {"apps/.hidden/wrangler.json", "has a component that starts with a dot"},
        {"apps/.wrangler.toml", "has a component that starts with a dot"},
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        char want[200];
        snprintf(want, sizeof want, "wrangler path '%s' %s", own[i].path, own[i].fault);
        m = new_model();
        wrangler_at(&m, 3, own[i].path);
        assert_error(&m, 3, "wrangler.path", want,
                     "give a path below the project root, such as 'wrangler.toml'");
    }
    m = new_model();
    wrangler_at(&m, 3, "wrangler.yaml");
    assert_error(&m, 3, "wrangler.path",
                 "wrangler path 'wrangler.yaml' is neither .toml nor .jsonc nor .json",
                 "name the config that wrangler reads, such as 'wrangler.jsonc'");
}

static void a_wrangler_path_is_declared_once_however_it_is_spelled(void **state)
{
    (void)state;
    struct model m = new_model();
    wrangler_at(&m, 3, "a/wrangler.toml");
    wrangler_at(&m, 4, "b/wrangler.toml");
    wrangler_at(&m, 5, "./a//wrangler.toml");
    assert_error(&m, 5, "wrangler.duplicate",
                 "wrangler path './a//wrangler.toml' is declared twice: at kv.lua:3 and kv.lua:5",
                 "keep one of the two, or call one something else");
}

static void wrangler_names_environments_of_the_project(void **state)
{
    (void)state;
    struct renaming rename = {.from = B("prdo"), .to = B("production")};
    struct model m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    wrangler_at(&m, 3, "wrangler.toml")->top_level = B("prd");
    assert_error(&m, 3, "wrangler.environment",
                 "top_level names 'prd', which is not in project.environments",
                 "did you mean 'prod'?");
    m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    struct wrangler_decl *w = wrangler_at(&m, 3, "wrangler.toml");
    w->environments = (struct renamings){&rename, 1};
    assert_error(&m, 3, "wrangler.environment",
                 "environments names 'prdo', which is not in project.environments",
                 "did you mean 'prod'?");
    m = new_model();
    rename = (struct renaming){.from = B("prod"), .to = B("")};
    w = wrangler_at(&m, 3, "wrangler.toml");
    w->environments = (struct renamings){&rename, 1};
    assert_error(&m, 3, "wrangler.environment", "wrangler environment '' is empty", NULL);
}

static void wrangler_names_environments_of_namespaces_where_the_project_lists_none(void **state)
{
    (void)state;
    struct renaming rename = {.from = B("stagin"), .to = B("staging")};
    struct model m = new_model();
    bound(&m, 2, "one", "staging");
    bound(&m, 3, "two", "prod");
    struct wrangler_decl *w = wrangler_at(&m, 4, "wrangler.toml");
    w->top_level = B("production");
    w->environments = (struct renamings){&rename, 1};
    validate(&m);
    assert_count(&m, 2);
    assert_diag(&m, 0, DIAG_ERROR, 4, "wrangler.environment",
                "top_level names 'production', which is the env of no namespace",
                "did you mean 'prod'?");
    assert_diag(&m, 1, DIAG_ERROR, 4, "wrangler.environment",
                "environments names 'stagin', which is the env of no namespace",
                "did you mean 'staging'?");
    model_release(&m);
    m = new_model();
    bound(&m, 2, "one", "dev");
    wrangler_at(&m, 4, "wrangler.toml")->top_level = B("live");
    assert_error(&m, 4, "wrangler.environment",
                 "top_level names 'live', which is the env of no namespace", "known: 'dev'");
    m = new_model();
    bound(&m, 2, "one", NULL);
    wrangler_at(&m, 4, "wrangler.toml")->top_level = B("prod");
    assert_clean(&m);
}

static void a_slip_in_protected_envs_is_told_where_the_project_lists_no_environments(void **state)
{
    (void)state;
    struct bytes slip[] = {B("production")}, other[] = {B("live")}, both[] = {B("prod"), B("prd")};
    struct model m = new_model();
    bound(&m, 2, "one", "prod");
    m.project.protected_envs = (struct strings){slip, 1};
    assert_warning(&m, 1, "project.protected_envs",
                   "protected_envs names 'production', which is the env of no namespace",
                   "did you mean 'prod'?");
    m = new_model();
    bound(&m, 2, "one", "prod");
    m.project.protected_envs = (struct strings){other, 1};
    assert_clean(&m);
    m = new_model();
    bound(&m, 2, "one", "prod");
    m.project.protected_envs = (struct strings){both, 2};
    assert_clean(&m);
}

static void what_matches_nothing_gets_the_nearest_name(void **state)
{
    (void)state;
    struct renaming rename = {.from = B("shop-sesion-dev"), .to = B("S")};
    struct bytes select[] = {B("one"), B("shop/sesion/dev")};
    struct model m = new_model();
    bound(&m, 2, "one", "dev")->app = B("shop");
    struct namespace_decl *ns = bound(&m, 3, "shop-session-dev", "dev");
    ns->app = B("shop");
    ns->purpose = B("session");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->app = B("shpo");
    w->select = (struct strings){select, 2};
    w->bindings = (struct renamings){&rename, 1};
    validate(&m);
    assert_diag(&m, 2, DIAG_WARNING, 9, "wrangler.app", "app 'shpo' is the app of no namespace",
                "did you mean 'shop'?");
    assert_diag(&m, 3, DIAG_WARNING, 9, "wrangler.select",
                "select 'shop/sesion/dev' matches no namespace",
                "did you mean 'shop/session/dev'?");
    assert_diag(&m, 4, DIAG_WARNING, 9, "wrangler.select",
                "bindings names 'shop-sesion-dev', which matches no namespace",
                "did you mean 'shop-session-dev'?");
    model_release(&m);
}

static void persist_to_is_a_path(void **state)
{
    (void)state;
    struct model m = new_model();
    wrangler_at(&m, 3, "wrangler.toml")->persist_to = B("");
    assert_error(&m, 3, "wrangler.persist_to", "persist_to '' is empty",
                 "give the folder that wrangler dev gets with --persist-to");
    m = new_model();
    wrangler_at(&m, 3, "wrangler.toml")->persist_to = B("../shared");
    assert_clean(&m);
}

static void wrangler_selects_something(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev")->app = B("shop");
    bound(&m, 3, "two", "prod")->app = B("shop");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->app = B("shop");
    w->select = (struct strings){texts(&m, 2, (const char *const[]){"on*", "tw?"}), 2};
    assert_clean(&m);
    m = new_model();
    bound(&m, 2, "one", "dev");
    w = wrangler_at(&m, 8, "a.toml");
    w = wrangler_at(&m, 9, "b.toml");
    w->app = B("shop");
    w->select = (struct strings){texts(&m, 1, (const char *const[]){"two*"}), 1};
    validate(&m);
    assert_count(&m, 2);
    assert_diag(&m, 0, DIAG_WARNING, 9, "wrangler.app", "app 'shop' is the app of no namespace",
                NULL);
    assert_diag(&m, 1, DIAG_WARNING, 9, "wrangler.select", "select 'two*' matches no namespace",
                "known: 'one'");
    model_release(&m);
}

static void a_binding_is_unique_in_a_file_and_environment(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "dev");
    wrangler_at(&m, 9, "wrangler.toml");
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into environment 'dev' of 'wrangler.toml'");
    m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "prod");
    wrangler_at(&m, 9, "wrangler.toml");
    assert_clean(&m);
}

static void the_same_binding_is_fine_without_a_wrangler_file(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "dev");
    assert_clean(&m);
}

static void the_same_binding_is_fine_in_two_files(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev")->app = B("shop");
    bound(&m, 3, "two", "dev")->app = B("blog");
    wrangler_at(&m, 8, "shop/wrangler.toml")->app = B("shop");
    wrangler_at(&m, 9, "blog/wrangler.toml")->select =
        (struct strings){texts(&m, 1, (const char *const[]){"t*"}), 1};
    assert_clean(&m);
}

static void two_environments_may_meet_in_one_of_wranglers(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "prod");
    ns_at(&m, 3, "two")->binding = B("CACHE");
    wrangler_at(&m, 9, "wrangler.toml")->top_level = B("prod");
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into the top level of 'wrangler.toml'");
    m = new_model();
    struct renaming rename = {.from = B("test"), .to = B("dev")};
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "test");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->environments = (struct renamings){&rename, 1};
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into environment 'dev' of 'wrangler.toml'");
}

static void a_binding_is_judged_in_every_section_by_its_name_there(void **state)
{
    (void)state;
    struct renaming envs[] = {{.from = B("prod"), .to = B("live")},
                              {.from = B("prod"), .to = B("live")},
                              {.from = B("test"), .to = B("live")}};
    struct renaming names[] = {{.from = B("two"), .part = B("live"), .to = B("OTHER")}};
    struct model m = new_model();
    bound(&m, 2, "one", "prod");
    bound(&m, 3, "two", "test");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->top_level = B("prod");
    w->environments = (struct renamings){envs, 3};
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into environment 'live' of 'wrangler.toml'");
    m = new_model();
    bound(&m, 2, "one", "prod");
    bound(&m, 3, "two", "test");
    w = wrangler_at(&m, 9, "wrangler.toml");
    w->environments = (struct renamings){envs, 3};
    w->bindings = (struct renamings){names, 1};
    assert_clean(&m);
    m = new_model();
    bound(&m, 2, "one", "prod");
    bound(&m, 3, "two", "prod")->binding = B("TWO");
    names[0] = (struct renaming){.from = B("two"), .part = B("previews"), .to = B("CACHE")};
    w = wrangler_at(&m, 9, "wrangler.toml");
    w->previews = B("prod");
    w->bindings = (struct renamings){names, 1};
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into [previews] of 'wrangler.toml'");
}

static void a_name_in_one_file_is_a_binding(void **state)
{
    (void)state;
    struct renaming names[] = {{.from = B("one"), .to = B("ONE")}};
    struct model m = new_model();
    ns_at(&m, 2, "one");
    wrangler_at(&m, 9, "wrangler.toml")->bindings = (struct renamings){names, 1};
    assert_clean(&m);
}

static void bindings_name_sections_that_get_some(void **state)
{
    (void)state;
    struct renaming envs[] = {{.from = B("prod"), .to = B("production")}};
    struct renaming names[] = {{.from = B("o*"), .part = B("prod"), .to = B("ONE")}};
    struct model m = new_model();
    bound(&m, 2, "one", "prod");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->environments = (struct renamings){envs, 1};
    w->bindings = (struct renamings){names, 1};
    assert_error(&m, 9, "wrangler.section",
                 "bindings names 'o*' for section 'prod', into which no namespace goes",
                 "did you mean 'production'?");
    m = new_model();
    bound(&m, 2, "one", "prod");
    w = wrangler_at(&m, 9, "wrangler.toml");
    names[0].part = B("toplevel");
    w->top_level = B("prod");
    w->bindings = (struct renamings){names, 1};
    assert_error(&m, 9, "wrangler.section",
                 "bindings names 'o*' for section 'toplevel', into which no namespace goes",
                 "did you mean 'top_level'?");
    m = new_model();
    environments(&m, 2, (const char *const[]){"dev", "prod"});
    bound(&m, 2, "one", "dev");
    w = wrangler_at(&m, 9, "wrangler.toml");
    names[0].part = B("prod"); /* of an env that is not declared this time */
    w->bindings = (struct renamings){names, 1};
    assert_clean(&m);
}

static void a_namespace_is_named_in_sections_that_it_goes_into(void **state)
{
    (void)state;
    struct renaming names[] = {{.from = B("one"), .part = B("prod"), .to = B("ONE")}};
    struct model m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "prod");
    struct wrangler_decl *w = wrangler_at(&m, 9, "wrangler.toml");
    w->bindings = (struct renamings){names, 1};
    assert_error(&m, 9, "wrangler.section",
                 "bindings names 'one' for section 'prod', into which it does not go",
                 "known: 'dev'");
    names[0].part = B("dev");
    m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "prod");
    wrangler_at(&m, 9, "wrangler.toml")->bindings = (struct renamings){names, 1};
    assert_clean(&m);
}

static void previews_names_an_env_and_is_none(void **state)
{
    (void)state;
    struct renaming envs[] = {{.from = B("prod"), .to = B("[previews]")}};
    struct model m = new_model();
    bound(&m, 2, "one", "prod");
    wrangler_at(&m, 9, "wrangler.toml")->previews = B("prd");
    assert_error(&m, 9, "wrangler.environment",
                 "previews names 'prd', which is the env of no namespace", "did you mean 'prod'?");
    m = new_model();
    bound(&m, 2, "one", NULL);
    wrangler_at(&m, 9, "wrangler.toml")->previews = B("prod");
    assert_error(&m, 9, "wrangler.environment",
                 "previews names 'prod', which is the env of no namespace", NULL);
    m = new_model();
    bound(&m, 2, "one", "prod");
    wrangler_at(&m, 9, "wrangler.toml")->environments = (struct renamings){envs, 1};
    assert_error(&m, 9, "wrangler.environment",
                 "wrangler environment '[previews]' is a block of its own",
                 "previews = \"prod\" puts bindings there");
}

static void a_preview_namespace_needs_no_binding_of_its_own(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev")->preview = true;
    wrangler_at(&m, 9, "wrangler.toml");
    model_add_previews(&m);
    assert_clean(&m);
}

static void the_binding_of_a_namespace_with_a_preview_is_taken(void **state)
{
    (void)state;
    struct model m = new_model();
    bound(&m, 2, "one", "dev");
    bound(&m, 3, "two", "dev")->preview = true;
    wrangler_at(&m, 9, "wrangler.toml");
    model_add_previews(&m);
    assert_error(&m, 3, "namespace.binding",
                 "binding 'CACHE' is declared twice: at kv.lua:2 and kv.lua:3",
                 "both go into environment 'dev' of 'wrangler.toml'");
}

static void an_unbound_namespace_is_worth_a_warning(void **state)
{
    (void)state;
    struct model m = with_namespace();
    wrangler_at(&m, 9, "wrangler.toml");
    assert_warning(&m, 2, "namespace.unbound",
                   "namespace 'main' has no binding, so no Worker can use it",
                   "give binding = \"NAME\"");
    m = new_model();
    bound(&m, 2, "one", "dev")->app = B("shop");
    bound(&m, 3, "two", "prod");
    wrangler_at(&m, 9, "wrangler.toml")->app = B("shop");
    assert_warning(&m, 3, "namespace.unbound",
                   "namespace 'two' is selected by no wrangler declaration", NULL);
}

/* ---- all together ---------------------------------------------------------------------------- */

static void all_problems_come_together_sorted_by_line(void **state)
{
    (void)state;
    struct model m = new_model();
    m.project.title_max = 0;
    output_at(&m, 4, "a-b", "v");
    ns_at(&m, 9, "x")->ttl_seconds = 30;
    m.namespaces[0].binding = B("a-b");
    put_at(&m, 0, 7, "..", "v");
    ns_at(&m, 2, "y")->id = B("z");
    validate(&m);
    static const char *const codes[] = {"project.title_max",     "namespace.id",
                                        "output.name",           "key.dots",
                                        "namespace.ttl_seconds", "namespace.binding"};
    assert_count(&m, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(m.diags.items[i].code, codes[i]);
    struct error err;
    assert_false(diag_check(&m.diags, &err));
    assert_string_equal(err.message, "the configuration has 6 errors");
    model_release(&m);
}

static void diagnostics_of_the_script_stay(void **state)
{
    (void)state;
    struct model m = new_model();
    diag_add(&m.diags, DIAG_ERROR, "script.field", at(5), "unknown field");
    ns_at(&m, 2, "x")->ttl_seconds = 30;
    validate(&m);
    assert_count(&m, 2);
    assert_string_equal(m.diags.items[1].code, "script.field");
    model_release(&m);
}

static void an_empty_model_is_valid(void **state)
{
    (void)state;
    struct model m;
    model_init(&m);
    assert_clean(&m);
}

/* 100,000 keys; a rule that compares each with each would take minutes. */
static void a_large_model_validates_in_a_moment(void **state)
{
    (void)state;
    struct model m = new_model();
    add_many(&m, 1000);
    char keys[100][16];
    for (size_t k = 0; k < 100; k++)
        snprintf(keys[k], sizeof keys[k], "flags/key-%zu", k);
    for (size_t i = 0; i < 1000; i++)
        for (size_t k = 0; k < 100; k++)
            put_at(&m, i, (int)k, keys[k], "{\"dark_mode\":true,\"limit\":100}");
    struct timespec before, after;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    validate(&m);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    double ms = (double)(after.tv_sec - before.tv_sec) * 1e3 +
                (double)(after.tv_nsec - before.tv_nsec) / 1e6;
    print_message("100,000 keys validated in %.1f ms\n", ms);
    assert_count(&m, 0);
    assert_true(ms < 2000); /* sanitizers and slow machines included */
    model_release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_project_with_every_field_right_passes),
        cmocka_unit_test(a_project_name_is_text),
        cmocka_unit_test(an_account_id_is_32_hexadecimal_digits),
        cmocka_unit_test(a_wrong_account_of_the_project_is_said_once),
        cmocka_unit_test(title_max_is_between_1_and_512),
        cmocka_unit_test(thresholds_and_backups_have_ranges),
        cmocka_unit_test(backups_stay_below_the_root),
        cmocka_unit_test(an_ephemeral_environment_is_not_protected),
        cmocka_unit_test(what_may_go_is_named_once),
        cmocka_unit_test(what_may_go_is_not_declared),
        cmocka_unit_test(naming_knows_app_purpose_and_env),
        cmocka_unit_test(a_wrong_naming_is_said_once_not_for_each_namespace),
        cmocka_unit_test(protected_envs_are_environments),
        cmocka_unit_test(environments_are_text),
        cmocka_unit_test(a_title_can_be_given_or_built),
        cmocka_unit_test(a_namespace_without_title_says_which_parts_are_missing),
        cmocka_unit_test(texts_of_a_namespace_are_not_empty_and_valid),
        cmocka_unit_test(a_title_is_at_most_64_characters_unless_title_max_says_more),
        cmocka_unit_test(a_titles_length_counts_characters_not_bytes),
        cmocka_unit_test(a_title_is_unique_in_its_account_and_both_places_are_named),
        cmocka_unit_test(a_title_declared_twice_by_one_line_of_a_loop_reads_well),
        cmocka_unit_test(an_address_is_unique_in_its_account),
        cmocka_unit_test(a_previews_title_is_unique_too),
        cmocka_unit_test(a_previews_title_is_as_long_as_others_may_be),
        cmocka_unit_test(what_a_preview_has_from_its_namespace_is_judged_once),
        cmocka_unit_test(an_explicit_title_beside_parts_should_follow_naming),
        cmocka_unit_test(a_title_built_before_naming_was_known_is_wrong),
        cmocka_unit_test(ttl_seconds_is_0_or_at_least_60),
        cmocka_unit_test(a_description_is_at_most_256_characters),
        cmocka_unit_test(env_is_one_of_the_projects_environments),
        cmocka_unit_test(a_binding_is_a_javascript_identifier),
        cmocka_unit_test(a_pinned_id_is_32_hexadecimal_digits),
        cmocka_unit_test(an_id_is_pinned_once),
        cmocka_unit_test(a_jurisdiction_is_one_that_exists),
        cmocka_unit_test(what_must_exist_cannot_be_renamed),
        cmocka_unit_test(on_remove_delete_contradicts_own_protection),
        cmocka_unit_test(renamed_from_is_not_the_namespace_itself),
        cmocka_unit_test(renamed_from_is_no_longer_declared),
        cmocka_unit_test(one_old_name_has_one_successor),
        cmocka_unit_test(titles_that_look_like_one_are_told_with_both_places),
        cmocka_unit_test(keys_that_look_like_one_are_told_with_both_places),
        cmocka_unit_test(an_account_takes_1000_namespaces),
        cmocka_unit_test(keys_of_1_to_512_bytes_pass),
        cmocka_unit_test(a_key_has_1_to_512_bytes),
        cmocka_unit_test(a_key_is_not_dot_or_dot_dot),
        cmocka_unit_test(a_key_is_utf8_and_may_hold_a_nul),
        cmocka_unit_test(a_key_is_declared_once_in_a_namespace),
        cmocka_unit_test(puts_and_inline_bulk_items_share_their_keys),
        cmocka_unit_test(bulk_items_are_named_by_their_number),
        cmocka_unit_test(a_value_is_at_most_25_mib_and_better_under_1_mib),
        cmocka_unit_test(an_id_in_a_value_counts_32_bytes),
        cmocka_unit_test(metadata_is_at_most_1024_bytes),
        cmocka_unit_test(expiration_ttl_is_at_least_60),
        cmocka_unit_test(expiration_is_seconds_up_to_2038),
        cmocka_unit_test(an_expiration_that_is_past_means_an_absent_key),
        cmocka_unit_test(an_expiration_ttl_of_0_is_none_whatever_the_default),
        cmocka_unit_test(one_key_is_judged_by_its_first_error),
        cmocka_unit_test(expiration_ttl_wins_over_expiration),
        cmocka_unit_test(a_streamed_key_is_checked_by_the_same_rules),
        cmocka_unit_test(a_value_that_looks_secret_should_be_marked),
        cmocka_unit_test(a_fingerprint_needs_metadata_to_be_an_object_or_absent),
        cmocka_unit_test(metadata_leaves_room_for_the_fingerprint),
        cmocka_unit_test(a_source_lies_below_the_root),
        cmocka_unit_test(a_prefix_is_pruned_once),
        cmocka_unit_test(a_prune_prefix_could_begin_a_key),
        cmocka_unit_test(an_outputs_name_is_an_identifier),
        cmocka_unit_test(an_output_is_declared_once),
        cmocka_unit_test(a_secret_is_no_output),
        cmocka_unit_test(a_wrangler_path_is_a_config_below_the_root),
        cmocka_unit_test(a_wrangler_path_is_declared_once_however_it_is_spelled),
        cmocka_unit_test(wrangler_names_environments_of_the_project),
        cmocka_unit_test(persist_to_is_a_path),
        cmocka_unit_test(wrangler_names_environments_of_namespaces_where_the_project_lists_none),
        cmocka_unit_test(a_slip_in_protected_envs_is_told_where_the_project_lists_no_environments),
        cmocka_unit_test(what_matches_nothing_gets_the_nearest_name),
        cmocka_unit_test(wrangler_selects_something),
        cmocka_unit_test(a_binding_is_unique_in_a_file_and_environment),
        cmocka_unit_test(the_same_binding_is_fine_without_a_wrangler_file),
        cmocka_unit_test(the_same_binding_is_fine_in_two_files),
        cmocka_unit_test(two_environments_may_meet_in_one_of_wranglers),
        cmocka_unit_test(a_binding_is_judged_in_every_section_by_its_name_there),
        cmocka_unit_test(a_name_in_one_file_is_a_binding),
        cmocka_unit_test(bindings_name_sections_that_get_some),
        cmocka_unit_test(a_namespace_is_named_in_sections_that_it_goes_into),
        cmocka_unit_test(previews_names_an_env_and_is_none),
        cmocka_unit_test(a_preview_namespace_needs_no_binding_of_its_own),
        cmocka_unit_test(the_binding_of_a_namespace_with_a_preview_is_taken),
        cmocka_unit_test(an_unbound_namespace_is_worth_a_warning),
        cmocka_unit_test(all_problems_come_together_sorted_by_line),
        cmocka_unit_test(diagnostics_of_the_script_stay),
        cmocka_unit_test(an_empty_model_is_valid),
        cmocka_unit_test(a_large_model_validates_in_a_moment),
    };
    return cmocka_run_group_tests_name("model/validate", tests, NULL, NULL);
}
