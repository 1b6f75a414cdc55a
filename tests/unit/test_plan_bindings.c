/* What becomes of each binding of a wrangler config. */
#define _GNU_SOURCE 1 /* nftw */
#include "test_state_kit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "plan/bindings.h"
#include "plan/local_bindings.h"
#include "store/local.h"

#define A           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B           "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C           "cccccccccccccccccccccccccccccccc"
#define P           "dddddddddddddddddddddddddddddddd" /* of a preview */
#define THEIR       "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"
#define TOP_ACCOUNT "11111111111111111111111111111111"
#define OWN_ACCOUNT "22222222222222222222222222222222"
#define GONE        "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f"

#define CONFIG "wrangler.toml"
#define TOP    "name = \"shop\"\n"

/* One binding of a TOML config, at the top level and in an environment. */
#define BINDING(name, id) "\n[[kv_namespaces]]\nbinding = \"" name "\"\nid = \"" id "\"\n"
#define ENV_BINDING(env, name, id)                                                                 \
    "\n[[env." env ".kv_namespaces]]\nbinding = \"" name "\"\nid = \"" id "\"\n"
#define PREVIEW(id) "preview_id = \"" id "\"\n"

#define MAX 8 /* namespaces of a test */

/* A project of which one namespace is declared, "cache" with id A and binding CACHE, and one
 * config. */
struct bench {
    char root[64];
    struct model m;
    struct disk disk, other_disk;
    struct state state, other;
    struct binding_ids ids[MAX];
    bool left_out[MAX];
    struct config_view view;
    struct configs c;
    struct diag_list notes;
    struct arena arena;                /* of the getters' texts */
    const char *owner;                 /* the title of the namespace that has THEIR */
    const char *gone, *kept, *account; /* what the target tells; the account it was asked about */
};

/* ---- Helpers --------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static struct namespace_decl *declare(struct bench *b, const char *title, const char *env,
                                      const char *binding, const char *id)
{
    size_t n = b->m.n_namespaces;
    struct namespace_decl *ns = model_add_namespace(&b->m);
    assert_true(n < MAX && ns);
    ns->title = bytes_of(title);
    ns->title_explicit = true;
    ns->env = bytes_of(env);
    ns->binding = bytes_of(binding);
    ns->pos = (struct srcpos){"kv.lua", 10 + (int)n};
    model_name_namespace(&b->m, ns);
    b->ids[n].id = bytes_of(id);
    return ns;
}

static void record_namespace(struct bench *b, const char *title, const char *env, const char *id)
{
    struct state_namespace ns = {.address = bytes_of(title),
                                 .title = bytes_of(title),
                                 .env = bytes_of(env),
                                 .id = bytes_of(id)};
    struct error err;
    assert_true(state_set_namespace(&b->state, bytes_make(NULL, 0), &ns, &err));
}

static struct wrangler_decl *declare_config(struct bench *b, const char *path)
{
    struct wrangler_decl *w = model_add_wrangler(&b->m);
    assert_non_null(w);
    w->path = bytes_of(path);
    w->pos = (struct srcpos){"kv.lua", 100 + (int)b->m.n_wranglers};
    return w;
}

static bool ask_gone(void *ctx, struct bytes account, struct bytes id)
{
    struct bench *b = ctx;
    b->account = arena_printf(&b->arena, "%.*s", BYTES_FMT(account));
    return b->gone && bytes_equal(bytes_of(b->gone), id);
}

static bool ask_kept(void *ctx, struct bytes id)
{
    struct bench *b = ctx;
    return b->kept && bytes_equal(bytes_of(b->kept), id);
}

static int begin(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    assert_non_null(b);
    snprintf(b->root, sizeof b->root, "/tmp/cfkv-configs-XXXXXX");
    assert_non_null(mkdtemp(b->root));
    model_init(&b->m);
    open_state(&b->state, &b->disk);
    open_state(&b->other, &b->other_disk);
    b->view = (struct config_view){
        .m = &b->m,
        .state = &b->state,
        .ids = b->ids,
        .left_out = b->left_out,
        .project = TEXT("shop"),
        .gone = ask_gone,
        .kept = ask_kept,
        .ctx = b,
    };
    declare(b, "cache", NULL, "CACHE", A);
    declare_config(b, CONFIG);
    *state = b;
    return 0;
}

static int end(void **state)
{
    struct bench *b = *state;
    configs_release(&b->c);
    diag_release(&b->notes);
    state_close(&b->state);
    state_close(&b->other);
    disk_release(&b->disk);
    disk_release(&b->other_disk);
    model_release(&b->m);
    arena_release(&b->arena);
    nftw(b->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    free(b);
    return 0;
}

static const char *path_of(struct bench *b, const char *name)
{
    return arena_printf(&b->arena, "%s/%s", b->root, name);
}

static void write_text(struct bench *b, const char *name, const char *text)
{
    struct error err = {0};
    struct arena arena = {0};
    if (!file_make_dirs(path_parent(&arena, path_of(b, name)), 0777, &err) ||
        !file_rewrite(path_of(b, name), bytes_of(text), &err))
        fail_msg("%s", err.message);
    arena_release(&arena);
}

static const char *read_text(struct bench *b, const char *name)
{
    struct buf text = {0};
    struct error err = {0};
    if (!file_read(path_of(b, name), WRANGLER_CONFIG_MAX, &text, &err))
        fail_msg("%s", err.message);
    const char *copy = arena_printf(&b->arena, "%.*s", BYTES_FMT(buf_bytes(&text)));
    buf_release(&text);
    return copy;
}

static bool try_decide(struct bench *b, struct error *err)
{
    configs_release(&b->c);
    diag_release(&b->notes);
    b->notes = (struct diag_list){0};
    if (!configs_read(&b->c, &b->m, b->root, &b->notes, err))
        return false;
    bindings_decide(&b->c, &b->view, &b->notes);
    return true;
}

static void decide(struct bench *b)
{
    struct error err = {0};
    if (!try_decide(b, &err))
        fail_msg("%s", err.message);
}

/* "add CACHE, set prod/CACHE -preview": what is to become of the bindings of the i-th config. */
static const char *changes_of(struct bench *b, size_t i)
{
    static const char *const words[] = {"add", "set", "remove", "record", "forget"};
    const struct config *config = &b->c.items[i];
    const char *list = "";
    for (size_t k = 0; k < config->n_changes; k++) {
        const struct binding_change *change = &config->changes[k];
        list =
            arena_printf(&b->arena, "%s%s%s %.*s%s%.*s%s", list, k ? ", " : "", words[change->kind],
                         BYTES_FMT(change->env), change->env.data ? "/" : "",
                         BYTES_FMT(change->name), change->drop_preview ? " -preview" : "");
    }
    return list;
}

static void assert_changes(struct bench *b, const char *want)
{
    decide(b);
    assert_string_equal(changes_of(b, 0), want);
}

/* What the config becomes. */
static void assert_text(struct bench *b, const char *want)
{
    struct buf text = {0};
    struct error err = {0};
    if (!configs_text(&b->c.items[0], &b->m, b->ids, &text, &err))
        fail_msg("%s", err.message);
    assert_buf(&text, want);
    buf_release(&text);
}

/* Decides, then writes and records what was decided, as apply does. */
static void apply(struct bench *b)
{
    struct error err = {0};
    decide(b);
    for (size_t i = 0; i < b->c.n; i++) {
        const struct config *config = &b->c.items[i];
        if (config_is_stale(config) && !config_write(config, &b->m, b->ids, &err))
            fail_msg("%s", err.message);
        if (!configs_record(config, b->ids, &b->state, &err))
            fail_msg("%s", err.message);
    }
    commit(&b->state);
}

/* A config that is in step, and cfkv's. */
static void apply_to(struct bench *b, const char *text)
{
    write_text(b, CONFIG, text);
    apply(b);
    assert_changes(b, "");
}

static void assert_no_notes(const struct bench *b)
{
    for (size_t i = 0; i < b->notes.n; i++)
        print_error("%s: %s\n", b->notes.items[i].code, b->notes.items[i].message);
    assert_int_equal(b->notes.n, 0);
}

static void assert_note(const struct bench *b, size_t i, enum diag_severity severity,
                        const char *code, const char *message)
{
    assert_true(i < b->notes.n);
    assert_string_equal(b->notes.items[i].message, message);
    assert_string_equal(b->notes.items[i].code, code);
    assert_int_equal(b->notes.items[i].severity, severity);
}

static void assert_only_note(const struct bench *b, enum diag_severity severity, const char *code,
                             const char *message)
{
    assert_note(b, 0, severity, code, message);
    assert_int_equal(b->notes.n, 1);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in: %s", part, text);
}

static void assert_foreign(const struct bench *b, const char *message)
{
    assert_only_note(b, DIAG_ERROR, "guard.take_over", message);
}

static const char *local_id(struct bench *b, const char *title)
{
    char id[33];
    local_namespace_id(TEXT("shop"), bytes_of(title), id);
    return arena_str(&b->arena, id);
}

static const struct state_binding *record(const struct bench *b, const char *env,
                                          const char *binding)
{
    return state_find_binding(&b->state, TEXT(CONFIG), bytes_of(env), bytes_of(binding));
}

/* ---- What is wanted -------------------------------------------------------------------------- */

static void a_binding_that_is_missing_is_added(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE");
    assert_true(config_is_stale(&b->c.items[0]));
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    apply(b);
    assert_string_equal(read_text(b, CONFIG), TOP BINDING("CACHE", A));
    assert_bytes(record(b, "", "CACHE")->id, TEXT(A));
    assert_null(record(b, "", "CACHE")->preview_id.data);
    assert_changes(b, "");
    assert_false(config_is_stale(&b->c.items[0]));
}

static void an_id_that_is_not_known_yet_is_left_out_and_not_recorded(void **state)
{
    struct bench *b = *state;
    struct error err = {0};
    declare(b, "other", NULL, "OTHER", NULL);
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE, add OTHER");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_true(configs_record(&b->c.items[0], b->ids, &b->state, &err));
    assert_non_null(record(b, "", "CACHE"));
    assert_null(record(b, "", "OTHER"));
}

static void each_environment_gets_its_own(void **state)
{
    struct bench *b = *state;
    struct renaming renamed = {.from = TEXT("prod"), .to = TEXT("production")};
    b->m.wranglers[0].top_level = TEXT("dev");
    b->m.wranglers[0].environments = (struct renamings){&renamed, 1};
    declare(b, "dev", "dev", "DATA", B);
    declare(b, "prod", "prod", "DATA", C);
    declare(b, "unbound", "prod", NULL, P);
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE, add DATA, add production/DATA");
    assert_text(b, TOP BINDING("CACHE", A) BINDING("DATA", B) ENV_BINDING("production", "DATA", C));
    apply(b);
    assert_bytes(record(b, "production", "DATA")->id, TEXT(C));
    assert_changes(b, "");
}

static void a_binding_of_cfkvs_is_changed_where_it_stands(void **state)
{
    struct bench *b = *state;
    apply_to(b, "# The shop\n" TOP BINDING("CACHE", A) "\n[vars]\nX = 1 # one\n");
    b->ids[0].id = TEXT(B);
    assert_changes(b, "set CACHE");
    assert_bytes(b->c.items[0].changes[0].id, TEXT(A));
    assert_text(b, "# The shop\n" TOP BINDING("CACHE", B) "\n[vars]\nX = 1 # one\n");
    assert_no_notes(b);
    apply(b);
    assert_bytes(record(b, "", "CACHE")->id, TEXT(B));
    assert_changes(b, "");
}

static void a_binding_of_cfkvs_that_was_changed_by_hand_is_put_right(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    assert_changes(b, "set CACHE");
    assert_bytes(b->c.items[0].changes[0].id, TEXT(THEIR));
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
}

static void a_binding_that_is_as_it_should_be_becomes_cfkvs(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", A));
    assert_changes(b, "record CACHE");
    assert_false(config_is_stale(&b->c.items[0]));
    assert_text(b, TOP BINDING("CACHE", A));
    apply(b);
    assert_bytes(record(b, "", "CACHE")->id, TEXT(A));
    assert_changes(b, "");
}

static void a_record_that_is_behind_the_file_is_brought_up(void **state)
{
    struct bench *b = *state;
    put_binding(&b->state, CONFIG, "", "CACHE", B);
    write_text(b, CONFIG, TOP BINDING("CACHE", A));
    assert_changes(b, "record CACHE");
    apply(b);
    assert_bytes(record(b, "", "CACHE")->id, TEXT(A));
}

static void one_file_has_one_name(void **state)
{
    struct bench *b = *state;
    b->m.wranglers[0].path = TEXT(".//wrangler.toml");
    apply_to(b, TOP);
    assert_string_equal(b->c.items[0].name, CONFIG);
    assert_non_null(record(b, "", "CACHE"));
}

static void several_configs_are_kept_apart(void **state)
{
    struct bench *b = *state;
    b->m.wranglers[0].select.items = arena_alloc(&b->m.arena, 1, sizeof(struct bytes));
    b->m.wranglers[0].select.items[0] = TEXT("ca*");
    b->m.wranglers[0].select.n = 1;
    declare(b, "other", NULL, "OTHER", B);
    declare_config(b, "web/wrangler.json");
    write_text(b, CONFIG, TOP);
    write_text(b, "web/wrangler.json", "{\"name\": \"web\"}\n");
    decide(b);
    assert_string_equal(changes_of(b, 0), "add CACHE");
    assert_string_equal(changes_of(b, 1), "add CACHE, add OTHER");
    apply(b);
    decide(b);
    assert_string_equal(changes_of(b, 0), "");
    assert_string_equal(changes_of(b, 1), "");
    assert_int_equal(b->state.n_bindings, 3);
}

/* ---- Somebody else's ------------------------------------------------------------------------- */

static void a_binding_of_somebody_elses_is_left_and_both_ids_are_told(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    assert_changes(b, "");
    assert_foreign(b, "binding 'CACHE' in 'wrangler.toml' (line 3) has the id " THEIR
                      ", which cfkv did not write; declared is " A);
    assert_int_equal(b->notes.items[0].pos.line, 10);
    assert_non_null(strstr(b->notes.items[0].hint, "--take-over"));
    assert_text(b, TOP BINDING("CACHE", THEIR));
}

static void it_is_told_when_the_declared_namespace_has_no_id_yet(void **state)
{
    struct bench *b = *state;
    b->ids[0].id = bytes_make(NULL, 0);
    b->m.namespaces[0].env = TEXT("prod");
    write_text(b, CONFIG, TOP ENV_BINDING("prod", "CACHE", THEIR));
    assert_changes(b, "");
    assert_foreign(b, "binding 'CACHE' of environment 'prod' in 'wrangler.toml' (line 3) has the "
                      "id " THEIR ", which cfkv did not write; the declared namespace will be "
                      "created");
}

static void take_over_gives_it_the_declared_id(void **state)
{
    struct bench *b = *state;
    b->view.take_over = true;
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    apply(b);
    b->view.take_over = false;
    assert_changes(b, "");
    assert_bytes(record(b, "", "CACHE")->id, TEXT(A));
}

static void a_record_of_another_place_makes_no_binding_cfkvs(void **state)
{
    struct bench *b = *state;
    put_binding(&b->state, "web/wrangler.toml", "", "CACHE", THEIR);
    put_binding(&b->state, CONFIG, "prod", "CACHE", THEIR);
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    assert_changes(b, "forget prod/CACHE");
    assert_int_equal(b->notes.errors, 1);
}

static void a_binding_without_an_id_belongs_to_nobody(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", ""));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    write_text(b, CONFIG, TOP "\n[[kv_namespaces]]\nbinding = \"CACHE\"\n");
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
}

static bool tell_owner(void *ctx, struct bytes account, struct bytes id, struct bytes *title)
{
    const struct bench *b = ctx;
    (void)account;
    assert_bytes(id, TEXT(THEIR));
    *title = bytes_of(b->owner);
    return true;
}

static void a_foreign_id_is_told_with_whose_it_is(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    b->view.owner = tell_owner;
    b->owner = "other";
    decide(b);
    assert_foreign(b, "binding 'CACHE' in 'wrangler.toml' (line 3) has the id " THEIR
                      ", which cfkv did not write (it is namespace 'other'); declared is " A);
    assert_says(b->notes.items[0].hint,
                "cfkv.namespace { title = \"other\" } adopts it, and { id = "
                "\"" THEIR "\" } does under the declared title; ");
    b->owner = NULL;
    decide(b);
    assert_foreign(b, "binding 'CACHE' in 'wrangler.toml' (line 3) has the id " THEIR
                      ", which cfkv did not write (no namespace that is listed has it); declared "
                      "is " A);
}

static void a_binding_whose_namespace_is_gone_belongs_to_nobody(void **state)
{
    struct bench *b = *state;
    b->gone = GONE;
    write_text(b, CONFIG, TOP BINDING("CACHE", GONE));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    b->view.gone = NULL; /* nobody can tell */
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 1);
}

static void the_account_that_the_config_names_is_asked(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", GONE));
    decide(b);
    assert_string_equal(b->account, "");
    write_text(b, CONFIG, TOP "account_id = \"" TOP_ACCOUNT "\"\n" BINDING("CACHE", GONE));
    decide(b);
    assert_string_equal(b->account, TOP_ACCOUNT);
    b->m.namespaces[0].env = TEXT("prod");
    write_text(b, CONFIG,
               TOP "account_id = \"" TOP_ACCOUNT "\"\n" ENV_BINDING("prod", "CACHE", GONE));
    decide(b);
    assert_string_equal(b->account, TOP_ACCOUNT);
    write_text(b, CONFIG,
               TOP "account_id = \"" TOP_ACCOUNT "\"\n[env.prod]\naccount_id = \"" OWN_ACCOUNT
                   "\"\n" //
               ENV_BINDING("prod", "CACHE", GONE));
    decide(b);
    assert_string_equal(b->account, OWN_ACCOUNT);
    write_text(b, CONFIG,
               TOP "account_id = \"" TOP_ACCOUNT "\"\n[env.prod]\naccount_id = \"<YOURS>\"\n" //
               ENV_BINDING("prod", "CACHE", GONE));
    decide(b);
    assert_string_equal(b->account, "");
}

/* ---- Accounts -------------------------------------------------------------------------------- */

#define ACCOUNT(id) "account_id = \"" id "\"\n"

/* The namespaces are in `account`, which the project calls so. */
static void in_account(struct bench *b, const char *account)
{
    struct bytes *accounts = arena_alloc(&b->arena, MAX, sizeof *accounts);
    for (size_t i = 0; i < MAX; i++)
        accounts[i] = bytes_of(account);
    b->view.accounts = accounts;
}

static void a_config_of_another_account_is_refused(void **state)
{
    struct bench *b = *state;
    in_account(b, OWN_ACCOUNT);
    write_text(b, CONFIG, TOP ACCOUNT(TOP_ACCOUNT));
    assert_changes(b, "");
    assert_only_note(b, DIAG_ERROR, "guard.account",
                     "'wrangler.toml' (line 2) gives the top level account_id " TOP_ACCOUNT
                     ", but the namespace of binding CACHE is in account " OWN_ACCOUNT);
    assert_string_equal(b->notes.items[0].hint,
                        "correct the file: account_id = \"" OWN_ACCOUNT
                        "\" in line 2; or account_id = \"" TOP_ACCOUNT
                        "\" on the declarations, if the namespaces belong there; or select leaves "
                        "them out of this file");
    in_account(b, TOP_ACCOUNT);
    assert_changes(b, "add CACHE");
}

static void an_environment_inherits_the_account_unless_it_has_its_own(void **state)
{
    struct bench *b = *state;
    in_account(b, OWN_ACCOUNT);
    b->m.namespaces[0].env = TEXT("prod");
    write_text(b, CONFIG, TOP ACCOUNT(TOP_ACCOUNT) "[env.prod]\n");
    assert_changes(b, "");
    assert_only_note(b, DIAG_ERROR, "guard.account",
                     "'wrangler.toml' (line 2) gives account_id " TOP_ACCOUNT
                     ", also to environment 'prod', but the namespace of binding CACHE is in "
                     "account " OWN_ACCOUNT);
    write_text(b, CONFIG, TOP ACCOUNT(TOP_ACCOUNT) "[env.prod]\n" ACCOUNT(OWN_ACCOUNT));
    assert_changes(b, "add prod/CACHE");
    write_text(b, CONFIG, TOP ACCOUNT(OWN_ACCOUNT) "[env.prod]\n" ACCOUNT(TOP_ACCOUNT));
    assert_changes(b, "");
    assert_says(b->notes.items[0].message,
                "'wrangler.toml' (line 4) gives environment 'prod' account_id " TOP_ACCOUNT);
}

static void the_variable_counts_where_the_file_names_no_account(void **state)
{
    struct bench *b = *state;
    in_account(b, OWN_ACCOUNT);
    b->view.deploy_account = TEXT(TOP_ACCOUNT);
    write_text(b, CONFIG, TOP ACCOUNT("<YOUR_ACCOUNT>"));
    assert_changes(b, "");
    assert_only_note(b, DIAG_ERROR, "guard.account",
                     "'wrangler.toml' gives the top level no account_id, so wrangler deploys it to "
                     "that of CLOUDFLARE_ACCOUNT_ID, " TOP_ACCOUNT
                     ", but the namespace of binding CACHE is in account " OWN_ACCOUNT);
    assert_says(b->notes.items[0].hint,
                "correct the file: account_id = \"" OWN_ACCOUNT "\" for the top level");
    write_text(b, CONFIG, TOP ACCOUNT(OWN_ACCOUNT));
    assert_changes(b, "add CACHE");
}

static void a_section_of_another_account_is_one_refusal(void **state)
{
    struct bench *b = *state;
    in_account(b, OWN_ACCOUNT);
    declare(b, "b", NULL, "B", B);
    declare(b, "c", "prod", "C", C);
    write_text(b, CONFIG, TOP ACCOUNT(TOP_ACCOUNT) "[env.prod]\n" ACCOUNT(OWN_ACCOUNT));
    assert_changes(b, "add prod/C");
    assert_int_equal(b->notes.errors, 1);
    assert_says(b->notes.items[0].message, "the namespaces of bindings CACHE, B are in account");
}

static void no_account_is_compared_locally_or_when_all_goes(void **state)
{
    struct bench *b = *state;
    in_account(b, OWN_ACCOUNT);
    write_text(b, CONFIG, TOP ACCOUNT(TOP_ACCOUNT));
    b->left_out[0] = true;
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 0);
    b->left_out[0] = false;
    b->view.local = true;
    assert_changes(b, "add CACHE");
    b->view.local = false;
    b->view.destroy = true;
    assert_changes(b, "");
    assert_no_notes(b);
}

static void an_id_that_cfkv_made_for_the_local_store_is_replaced(void **state)
{
    struct bench *b = *state;
    const char *id = local_id(b, "cache");
    write_text(
        b, CONFIG,
        arena_printf(&b->arena, TOP "[[kv_namespaces]]\nbinding = \"CACHE\"\nid = \"%s\"\n", id));
    assert_changes(b, "set CACHE");
    assert_no_notes(b);
    /* One that it made for another namespace is no reason. */
    id = local_id(b, "another");
    write_text(
        b, CONFIG,
        arena_printf(&b->arena, TOP "[[kv_namespaces]]\nbinding = \"CACHE\"\nid = \"%s\"\n", id));
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 1);
    assert_true(config_made_id(TEXT("shop"), &b->m.namespaces[0], bytes_of(local_id(b, "cache"))));
    assert_false(
        config_made_id(TEXT("other"), &b->m.namespaces[0], bytes_of(local_id(b, "cache"))));
}

/* ---- Previews -------------------------------------------------------------------------------- */

static void a_preview_id_is_written_beside(void **state)
{
    struct bench *b = *state;
    b->ids[0].preview_id = TEXT(P);
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE");
    assert_text(b, TOP BINDING("CACHE", A) PREVIEW(P));
    write_text(b, CONFIG, TOP BINDING("CACHE", A));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A) PREVIEW(P));
    apply(b);
    assert_bytes(record(b, "", "CACHE")->preview_id, TEXT(P));
    assert_changes(b, "");
}

static void a_preview_that_is_not_made_yet_is_awaited(void **state)
{
    struct bench *b = *state;
    b->m.namespaces[0].preview = true;
    model_add_previews(&b->m);
    write_text(b, CONFIG, TOP BINDING("CACHE", A));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    b->ids[0].preview_id = TEXT(P);
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A) PREVIEW(P));
}

static void a_preview_id_of_the_users_own_stays(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP BINDING("CACHE", A) PREVIEW(THEIR));
    assert_null(record(b, "", "CACHE")->preview_id.data);
    b->ids[0].id = TEXT(B);
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", B) PREVIEW(THEIR));
}

static void a_preview_that_is_declared_no_more_is_dropped(void **state)
{
    struct bench *b = *state;
    b->ids[0].preview_id = TEXT(P);
    apply_to(b, TOP);
    b->ids[0].preview_id = bytes_make(NULL, 0);
    assert_changes(b, "set CACHE -preview");
    assert_text(b, TOP BINDING("CACHE", A));
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW(THEIR)); /* by hand */
    assert_changes(b, "record CACHE");
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW(P));
    apply(b);
    assert_null(record(b, "", "CACHE")->preview_id.data);
    assert_changes(b, "");
}

static void a_preview_id_of_somebody_elses_is_told_too(void **state)
{
    struct bench *b = *state;
    b->ids[0].preview_id = TEXT(P);
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW(THEIR));
    assert_changes(b, "");
    assert_int_equal(b->notes.n, 1);
    assert_non_null(strstr(b->notes.items[0].message, THEIR));
    assert_non_null(strstr(b->notes.items[0].message, P));
    write_text(b, CONFIG, TOP BINDING("CACHE", B) PREVIEW(THEIR));
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 2);
    /* A namespace that is gone does not help while the other id is somebody's. */
    b->gone = B;
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 1);
    b->view.take_over = true;
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A) PREVIEW(P));
    assert_int_equal(b->notes.errors, 0);
}

static void a_record_of_the_id_says_nothing_of_the_preview_id(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP BINDING("CACHE", A) PREVIEW(THEIR));
    assert_null(record(b, "", "CACHE")->preview_id.data);
    b->ids[0].preview_id = TEXT(P);
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 1);
    assert_non_null(strstr(b->notes.items[0].message, THEIR));
}

static void what_is_no_id_is_filled(void **state)
{
    struct bench *b = *state;
    static const char *const words[] = {"<YOUR_ID>", "",    "$KV_ID",
                                        "../x",      "123", "gggggggggggggggggggggggggggggggg"};
    for (size_t i = 0; i < N_OF(words); i++) {
        write_text(b, CONFIG,
                   arena_printf(&b->arena,
                                TOP "\n[[kv_namespaces]]\nbinding = \"CACHE\"\nid = \"%s\"\n",
                                words[i]));
        assert_changes(b, "set CACHE");
        assert_text(b, TOP BINDING("CACHE", A));
        assert_no_notes(b);
    }
}

static void a_placeholder_preview_stays_unless_a_preview_is_declared(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW("<PREVIEW>"));
    assert_changes(b, "record CACHE");
    assert_only_note(b, DIAG_WARNING, "wrangler.placeholder",
                     "binding 'CACHE' in 'wrangler.toml' (line 3) has the placeholder '<PREVIEW>' "
                     "for its preview_id, which stays");
    apply(b);
    assert_changes(b, "");
    assert_no_notes(b);
    b->ids[0].preview_id = TEXT(P);
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A) PREVIEW(P));
}

static void the_declared_id_in_capitals_is_nobody_elses(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP BINDING("CACHE", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", "EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE"));
    assert_changes(b, "");
    assert_int_equal(b->notes.errors, 1);
}

static void an_absent_id_is_filled_or_left_to_wrangler(void **state)
{
    struct bench *b = *state;
    static const char *const none = TOP "\n[[kv_namespaces]]\nbinding = \"CACHE\"\n";
    write_text(b, CONFIG, none);
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    b->m.wranglers[0].ids = IDS_AUTO;
    assert_changes(b, "");
    assert_null(record(b, "", "CACHE"));
    write_text(b, CONFIG, TOP BINDING("CACHE", "<YOUR_ID>"));
    assert_changes(b, "set CACHE");
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
}

/* ---- What is wanted no more ------------------------------------------------------------------ */

static void undeclare(struct bench *b)
{
    b->m.namespaces[0].binding = bytes_make(NULL, 0);
}

static void a_binding_of_cfkvs_that_is_declared_no_more_is_removed(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    undeclare(b);
    assert_changes(b, "remove CACHE");
    assert_bytes(b->c.items[0].changes[0].id, TEXT(A));
    assert_text(b, TOP);
    assert_no_notes(b);
    apply(b);
    assert_null(record(b, "", "CACHE"));
    assert_string_equal(read_text(b, CONFIG), TOP);
    assert_changes(b, "");
}

static void one_that_was_changed_by_hand_stays_and_is_forgotten(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    undeclare(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    assert_changes(b, "forget CACHE");
    assert_false(config_is_stale(&b->c.items[0]));
    assert_only_note(b, DIAG_WARNING, "wrangler.changed",
                     "binding 'CACHE' in 'wrangler.toml' (line 3) is declared no more and was "
                     "changed by hand; it stays");
    apply(b);
    assert_null(record(b, "", "CACHE"));
    assert_changes(b, "");
    assert_no_notes(b);
}

static void one_whose_preview_id_was_changed_by_hand_stays_too(void **state)
{
    struct bench *b = *state;
    b->ids[0].preview_id = TEXT(P);
    apply_to(b, TOP);
    undeclare(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW(THEIR));
    assert_changes(b, "forget CACHE");
    assert_int_equal(b->notes.n, 1);
}

static void one_whose_preview_id_is_somebodys_stays(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP BINDING("CACHE", A) PREVIEW(THEIR));
    undeclare(b);
    assert_changes(b, "forget CACHE");
    assert_only_note(b, DIAG_WARNING, "wrangler.changed",
                     "binding 'CACHE' in 'wrangler.toml' (line 3) is declared no more and stays: "
                     "cfkv did not write its preview_id " THEIR);
    b->gone = THEIR; /* no namespace has it */
    assert_changes(b, "remove CACHE");
}

static void one_that_is_not_there_any_more_is_forgotten_quietly(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    undeclare(b);
    write_text(b, CONFIG, TOP);
    assert_changes(b, "forget CACHE");
    assert_no_notes(b);
    assert_int_equal(unlink(path_of(b, CONFIG)), 0);
    assert_changes(b, "forget CACHE");
    assert_false(config_is_stale(&b->c.items[0]));
    assert_no_notes(b);
}

static void one_that_moved_to_another_environment_moves(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    b->m.namespaces[0].env = TEXT("prod");
    assert_changes(b, "add prod/CACHE, remove CACHE");
    assert_text(b, TOP ENV_BINDING("prod", "CACHE", A));
    apply(b);
    assert_null(record(b, "", "CACHE"));
    assert_changes(b, "");
}

static void what_is_outside_the_filters_stays_as_it_is(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "DATA", B);
    declare(b, "old", NULL, "OLD", C);
    apply_to(b, TOP);
    b->m.namespaces[2].binding = bytes_make(NULL, 0);
    b->left_out[1] = true;
    const char *envs[] = {"dev"};
    struct plan_options filters = {.envs = envs, .n_envs = 1};
    b->view.filters = &filters;
    b->ids[0].id = b->ids[1].id = TEXT(THEIR);
    assert_changes(b, "set CACHE"); /* neither prod/DATA nor OLD */
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE");
    b->left_out[0] = true;
    assert_changes(b, "");
}

static void what_is_inside_the_filters_is_taken_out(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "DATA", B);
    declare(b, "old", NULL, "OLD", C);
    apply_to(b, TOP);
    record_namespace(b, "prod", "prod", B);
    record_namespace(b, "old", NULL, C);
    const char *envs[] = {"prod"};
    struct plan_options filters = {.envs = envs, .n_envs = 1};
    b->view.filters = &filters;
    b->m.namespaces[1].binding = b->m.namespaces[2].binding = bytes_make(NULL, 0);
    assert_changes(b, "remove prod/DATA");
    b->view.destroy = true;
    assert_changes(b, "remove prod/DATA");
}

static void destroying_takes_out_all_that_is_cfkvs(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "DATA", B);
    apply_to(b, TOP BINDING("MINE", THEIR));
    b->view.destroy = true;
    assert_changes(b, "remove CACHE, remove prod/DATA");
    assert_text(b, TOP BINDING("MINE", THEIR));
    apply(b);
    assert_int_equal(b->state.n_bindings, 0);
    assert_changes(b, "");
    assert_no_notes(b);
}

static void bindings_of_namespaces_that_outlive_it_stay(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "DATA", B);
    apply_to(b, TOP);
    b->view.destroy = true;
    b->kept = A;
    assert_changes(b, "forget CACHE, remove prod/DATA");
    assert_text(b, TOP BINDING("CACHE", A));
    assert_no_notes(b);
    b->view.kept = NULL; /* there is no target */
    assert_changes(b, "remove CACHE, remove prod/DATA");
}

/* ---- What people must know ------------------------------------------------------------------- */

static void ids_that_no_namespace_has_are_told(void **state)
{
    struct bench *b = *state;
    apply_to(b, TOP);
    b->gone = GONE;
    write_text(b, CONFIG,
               TOP BINDING("CACHE", A) BINDING("MINE", GONE) BINDING("LIVE", THEIR) PREVIEW(GONE)
                   BINDING("NONE", ""));
    assert_changes(b, "");
    assert_int_equal(b->notes.n, 2);
    assert_note(b, 0, DIAG_WARNING, "wrangler.stale",
                "binding 'MINE' in 'wrangler.toml' (line 7) has the id " GONE
                ", and no namespace of the account has that id");
    assert_note(b, 1, DIAG_WARNING, "wrangler.stale",
                "binding 'LIVE' in 'wrangler.toml' (line 11) has the preview_id " GONE
                ", and no namespace of the account has that id");
    b->view.destroy = true; /* nobody cares any more */
    decide(b);
    assert_no_notes(b);
}

static void the_id_of_another_environment_is_told(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "CACHE", B);
    apply_to(b, TOP);
    write_text(b, CONFIG,
               TOP BINDING("CACHE", A) BINDING("COPY", B) BINDING("ALIAS", A)
                   ENV_BINDING("prod", "CACHE", B) ENV_BINDING("prod", "TOP", A));
    assert_changes(b, "");
    assert_int_equal(b->notes.n, 3);
    assert_note(b, 0, DIAG_WARNING, "wrangler.other_environment",
                "binding 'COPY' in 'wrangler.toml' (line 7) has the id of namespace 'prod', which "
                "belongs to environment 'prod'");
    assert_note(b, 1, DIAG_WARNING, "wrangler.other_environment",
                "binding 'TOP' of environment 'prod' in 'wrangler.toml' (line 19) has the id of "
                "namespace 'cache', which belongs to the top level");
    assert_note(b, 2, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'prod' of 'wrangler.toml' has no binding COPY, ALIAS: environments do "
                "not inherit those of the top level");
}

static void what_a_new_environment_does_not_inherit_is_told(void **state)
{
    struct bench *b = *state;
    declare(b, "fresh", "fresh", "DATA", C);
    write_text(b, CONFIG, TOP "\n[vars]\nA = \"a\"\n" BINDING("CACHE", A) BINDING("MINE", THEIR));
    assert_changes(b, "record CACHE, add fresh/DATA");
    assert_int_equal(b->notes.n, 2);
    assert_note(b, 0, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'fresh' of 'wrangler.toml' has no binding CACHE, MINE: environments "
                "do not inherit those of the top level");
    assert_note(b, 1, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'fresh' is new in 'wrangler.toml', and environments do not inherit "
                "vars of the top level");
}

static void environments_that_lack_what_the_top_level_has_are_told(void **state)
{
    struct bench *b = *state;
    declare(b, "second", NULL, "SECOND", B);
    declare(b, "fresh", "fresh", "DATA", C);
    write_text(b, CONFIG,
               TOP ENV_BINDING("full", "CACHE", THEIR) ENV_BINDING("full", "SECOND", THEIR)
                   ENV_BINDING("half", "CACHE", THEIR) "\n[env.empty]\n");
    assert_changes(b, "add CACHE, add SECOND, add fresh/DATA");
    assert_int_equal(b->notes.n, 3);
    assert_note(b, 0, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'half' of 'wrangler.toml' has no binding SECOND: environments do not "
                "inherit those of the top level");
    assert_note(b, 1, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'empty' of 'wrangler.toml' has no binding CACHE, SECOND: environments "
                "do not inherit those of the top level");
    assert_note(b, 2, DIAG_WARNING, "wrangler.not_inherited",
                "environment 'fresh' of 'wrangler.toml' has no binding CACHE, SECOND: environments "
                "do not inherit those of the top level");
}

static void an_environment_that_loses_its_binding_is_told(void **state)
{
    struct bench *b = *state;
    declare(b, "prod", "prod", "CACHE", B);
    apply_to(b, TOP);
    assert_no_notes(b);
    b->m.namespaces[1].binding = bytes_make(NULL, 0);
    assert_changes(b, "remove prod/CACHE");
    assert_only_note(b, DIAG_WARNING, "wrangler.not_inherited",
                     "environment 'prod' of 'wrangler.toml' has no binding CACHE: environments do "
                     "not inherit those of the top level");
}

/* ---- Configs that cannot be used ------------------------------------------------------------- */

static void all_that_cannot_be_used_is_told_at_once(void **state)
{
    struct bench *b = *state;
    struct error err = {0};
    declare_config(b, "folder.toml");
    declare_config(b, "built.json");
    declare_config(b, "redirect.json");
    declare_config(b, "fine.toml");
    declare_config(b, "missing.toml");
    write_text(b, CONFIG, TOP "x = \n");
    assert_int_equal(mkdir(path_of(b, "folder.toml"), 0700), 0);
    write_text(b, "built.json", "{\"userConfigPath\": \"../src/wrangler.jsonc\"}");
    write_text(b, "redirect.json", "{\"configPath\": \"../../dist/wrangler.json\"}");
    write_text(b, "fine.toml", TOP);
    assert_false(try_decide(b, &err));
    assert_int_equal(err.code, ERR_FAILED);
    assert_string_equal(err.message, "4 wrangler configs cannot be used");
    assert_int_equal(b->notes.n, 4);
    assert_non_null(
        strstr(b->notes.items[0].message, "cannot use 'wrangler.toml': line 2, column"));
    assert_non_null(strstr(b->notes.items[1].message, "folder.toml' is not a regular file"));
    assert_note(b, 2, DIAG_ERROR, "wrangler.config",
                "cannot use 'built.json': a build tool generated it from '../src/wrangler.jsonc' "
                "and will do so again");
    assert_string_equal(b->notes.items[2].hint, "declare the config that you edit yourself");
    assert_note(b, 3, DIAG_ERROR, "wrangler.config",
                "cannot use 'redirect.json': it is no config but names one, "
                "'../../dist/wrangler.json'");
    assert_int_equal(b->notes.items[3].pos.line, 104);
}

static void one_that_is_too_large_is_told(void **state)
{
    struct bench *b = *state;
    struct error err = {0};
    write_text(b, CONFIG, TOP);
    assert_int_equal(truncate(path_of(b, CONFIG), WRANGLER_CONFIG_MAX + 1), 0);
    assert_false(try_decide(b, &err));
    assert_string_equal(err.message, "1 wrangler config cannot be used");
    assert_int_equal(b->notes.n, 1);
}

/* ---- A config that is made ------------------------------------------------------------------- */

static void a_config_that_is_missing_is_made(void **state)
{
    struct bench *b = *state;
    b->m.project.name = TEXT("My Shop.v2_x");
    write_text(b, "src/index.mjs", "");
    write_text(b, "index.js", "");
    assert_changes(b, "add CACHE");
    assert_true(config_is_stale(&b->c.items[0]));
    assert_text(b, "name = \"my-shop-v2_x\"\nmain = \"src/index.mjs\"\n"
                   "compatibility_date = \"2026-01-01\"\n" BINDING("CACHE", A));
    apply(b);
    assert_changes(b, "");
}

static void its_worker_is_named_after_the_app_or_at_least_something(void **state)
{
    struct bench *b = *state;
    b->m.project.name = TEXT("project");
    b->m.wranglers[0].app = TEXT("The\xc3\xa4pp");
    decide(b);
    assert_string_equal(changes_of(b, 0), ""); /* the app has no namespace */
    assert_text(b, "name = \"the--pp\"\ncompatibility_date = \"2026-01-01\"\n");
    b->m.wranglers[0].app = bytes_make(NULL, 0);
    b->m.project.name = bytes_make(NULL, 0);
    decide(b);
    assert_text(b, "name = \"worker\"\ncompatibility_date = \"2026-01-01\"\n" BINDING("CACHE", A));
}

static void its_worker_is_looked_for_beside_it(void **state)
{
    struct bench *b = *state;
    b->m.wranglers[0].path = TEXT("apps/web/wrangler.toml");
    b->m.project.name = TEXT("shop");
    write_text(b, "src/index.ts", "");
    write_text(b, "apps/web/worker.js", "");
    decide(b);
    assert_text(
        b, "name = \"shop\"\nmain = \"worker.js\"\ncompatibility_date = \"2026-01-01\"\n" BINDING(
               "CACHE", A));
}

static void a_config_that_nobody_wants_is_not_made(void **state)
{
    struct bench *b = *state;
    undeclare(b);
    assert_changes(b, "");
    assert_false(config_is_stale(&b->c.items[0]));
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void assert_not_written(struct bench *b, const char *text)
{
    struct error err = {0};
    assert_false(config_write(&b->c.items[0], &b->m, b->ids, &err));
    assert_int_equal(err.code, ERR_STALE);
    assert_string_equal(err.message, "it was changed since the plan was made");
    assert_string_equal(read_text(b, CONFIG), text);
}

static void a_file_that_changed_meanwhile_is_not_written(void **state)
{
    struct bench *b = *state;
    write_text(b, CONFIG, TOP);
    decide(b);
    write_text(b, CONFIG, TOP "# edited\n");
    assert_not_written(b, TOP "# edited\n");
}

static void nor_is_one_that_came_meanwhile(void **state)
{
    struct bench *b = *state;
    decide(b);
    write_text(b, CONFIG, TOP);
    assert_not_written(b, TOP);
}

static void one_that_went_meanwhile_is_not_made_anew(void **state)
{
    struct bench *b = *state;
    struct error err = {0};
    write_text(b, CONFIG, TOP);
    decide(b);
    assert_int_equal(unlink(path_of(b, CONFIG)), 0);
    assert_false(config_write(&b->c.items[0], &b->m, b->ids, &err));
    assert_int_equal(err.code, ERR_NOT_FOUND);
    assert_false(file_exists(path_of(b, CONFIG)));
}

/* ---- The local target ------------------------------------------------------------------------ */

static void target_local(struct bench *b)
{
    b->view.local = true;
    b->view.other = &b->other;
    b->view.gone = NULL;
}

static void locally_an_id_in_the_file_stays(void **state)
{
    struct bench *b = *state;
    target_local(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR));
    b->ids[0].id = TEXT(THEIR); /* local_ids.h chose it */
    assert_changes(b, "");
    assert_no_notes(b);
    b->ids[0].id = TEXT(A);
    assert_changes(b, "");
    assert_only_note(b, DIAG_WARNING, "wrangler.other_id",
                     "binding 'CACHE' in 'wrangler.toml' (line 3) has the id " THEIR
                     ", so wrangler dev does not see what is seeded under " A);
}

static void locally_what_has_no_id_gets_one(void **state)
{
    struct bench *b = *state;
    target_local(b);
    write_text(b, CONFIG, TOP);
    assert_changes(b, "add CACHE");
    write_text(b, CONFIG, TOP BINDING("CACHE", ""));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    apply(b);
    assert_bytes(record(b, "", "CACHE")->id, TEXT(A));
    assert_changes(b, "");
    assert_no_notes(b);
}

static void locally_the_preview_id_is_the_one_that_counts(void **state)
{
    struct bench *b = *state;
    target_local(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", B) PREVIEW(P));
    b->ids[0] = (struct binding_ids){.id = TEXT(B), .preview_id = TEXT(P)};
    assert_changes(b, "");
    b->ids[0] = (struct binding_ids){.id = TEXT(P)};
    assert_changes(b, "");
    assert_no_notes(b);
}

static void locally_an_id_that_cfkv_wrote_gives_way(void **state)
{
    struct bench *b = *state;
    target_local(b);
    write_text(b, CONFIG, TOP BINDING("CACHE", B));
    put_binding(&b->state, CONFIG, "", "CACHE", B);
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", A));
    write_text(b, CONFIG,
               arena_printf(&b->arena, TOP "[[kv_namespaces]]\nbinding = \"CACHE\"\nid = \"%s\"\n",
                            local_id(b, "cache")));
    struct error err = {0};
    assert_true(state_remove_binding(&b->state, TEXT(CONFIG), TEXT(""), TEXT("CACHE"), &err));
    assert_changes(b, "set CACHE");
    assert_no_notes(b);
}

static void locally_what_the_account_wrote_is_cfkvs_too(void **state)
{
    struct bench *b = *state;
    target_local(b);
    put_binding(&b->other, CONFIG, "", "CACHE", B);
    write_text(b, CONFIG, TOP BINDING("CACHE", B));
    assert_changes(b, "set CACHE");
    assert_no_notes(b);
    b->view.other = NULL;
    assert_changes(b, "");
    assert_int_equal(b->notes.n, 1);
}

static void locally_only_what_a_local_run_wrote_is_taken_out(void **state)
{
    struct bench *b = *state;
    target_local(b);
    put_binding(&b->other, CONFIG, "", "CACHE", A);
    write_text(b, CONFIG, TOP BINDING("CACHE", A));
    undeclare(b);
    assert_changes(b, "");
    put_binding(&b->state, CONFIG, "", "CACHE", A);
    assert_changes(b, "remove CACHE");
    assert_text(b, TOP);
}

static void locally_what_the_account_wrote_since_is_left_to_it(void **state)
{
    struct bench *b = *state;
    target_local(b);
    put_binding(&b->state, CONFIG, "", "CACHE", A);
    put_binding(&b->other, CONFIG, "", "CACHE", B);
    write_text(b, CONFIG, TOP BINDING("CACHE", B));
    undeclare(b);
    assert_changes(b, "forget CACHE");
    assert_no_notes(b); /* nobody changed it by hand */
    write_text(b, CONFIG, TOP BINDING("CACHE", C));
    assert_changes(b, "forget CACHE");
    assert_int_equal(b->notes.n, 1);
}

static void locally_a_placeholder_preview_gets_the_id_of_the_data(void **state)
{
    struct bench *b = *state;
    target_local(b);
    b->ids[0] = (struct binding_ids){.id = TEXT(A), .preview_id = TEXT(P)};
    write_text(b, CONFIG, TOP BINDING("CACHE", THEIR) PREVIEW("<PREVIEW>"));
    assert_changes(b, "set CACHE");
    assert_text(b, TOP BINDING("CACHE", THEIR) PREVIEW(P));
    apply(b);
    assert_null(record(b, "", "CACHE")->id.data); /* that one is somebody's */
    assert_bytes(record(b, "", "CACHE")->preview_id, TEXT(P));
    assert_changes(b, "");
}

static void locally_an_absent_id_stays_with_auto(void **state)
{
    struct bench *b = *state;
    target_local(b);
    b->m.wranglers[0].ids = IDS_AUTO;
    b->ids[0] = (struct binding_ids){.id = TEXT(A), .preview_id = TEXT("CACHE")};
    write_text(b, CONFIG, TOP "\n[[kv_namespaces]]\nbinding = \"CACHE\"\n");
    assert_changes(b, "");
    assert_no_notes(b);
    b->ids[0].preview_id = TEXT(P);
    assert_changes(b, "");
    assert_only_note(b, DIAG_WARNING, "wrangler.other_id",
                     "binding 'CACHE' in 'wrangler.toml' (line 3) has the name CACHE, so wrangler "
                     "dev does not see what is seeded under " P);
}

static void a_write_that_would_change_no_byte_is_none(void **state)
{
    struct bench *b = *state;
    target_local(b);
    put_binding(&b->state, CONFIG, "", "CACHE", A);
    write_text(b, CONFIG, TOP BINDING("CACHE", A) PREVIEW(P));
    decide(b);
    assert_false(config_is_stale(&b->c.items[0]));
    b->ids[0].id = TEXT(B);
    decide(b);
    assert_true(config_is_stale(&b->c.items[0]));
}

static void where_wrangler_dev_looks(void **state)
{
    struct wrangler_binding binding = {
        .binding = TEXT("CACHE"), .id = TEXT(A), .preview_id = TEXT(P)};
    (void)state;
    assert_bytes(binding_word(&binding), TEXT(P));
    assert_bytes(binding_real_word(&binding), TEXT(P));
    binding.preview_id = TEXT("<PREVIEW>");
    assert_bytes(binding_word(&binding), TEXT("<PREVIEW>"));
    assert_null(binding_real_word(&binding).data);
    binding.preview_id = TEXT(""); /* it takes it, and keeps nothing */
    assert_null(binding_word(&binding).data);
    binding.preview_id = bytes_make(NULL, 0);
    assert_bytes(binding_word(&binding), TEXT(A));
    binding.id = bytes_make(NULL, 0);
    assert_bytes(binding_word(&binding), TEXT("CACHE"));
    binding.binding = TEXT(A);
    assert_null(binding_real_word(&binding).data);
    assert_null(binding_word(NULL).data);
}

#define with_bench(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_bench(a_binding_that_is_missing_is_added),
        with_bench(an_id_that_is_not_known_yet_is_left_out_and_not_recorded),
        with_bench(each_environment_gets_its_own),
        with_bench(a_binding_of_cfkvs_is_changed_where_it_stands),
        with_bench(a_binding_of_cfkvs_that_was_changed_by_hand_is_put_right),
        with_bench(a_binding_that_is_as_it_should_be_becomes_cfkvs),
        with_bench(a_record_that_is_behind_the_file_is_brought_up),
        with_bench(one_file_has_one_name),
        with_bench(several_configs_are_kept_apart),
        with_bench(a_binding_of_somebody_elses_is_left_and_both_ids_are_told),
        with_bench(it_is_told_when_the_declared_namespace_has_no_id_yet),
        with_bench(take_over_gives_it_the_declared_id),
        with_bench(a_record_of_another_place_makes_no_binding_cfkvs),
        with_bench(a_binding_without_an_id_belongs_to_nobody),
        with_bench(a_foreign_id_is_told_with_whose_it_is),
        with_bench(a_binding_whose_namespace_is_gone_belongs_to_nobody),
        with_bench(the_account_that_the_config_names_is_asked),
        with_bench(a_config_of_another_account_is_refused),
        with_bench(an_environment_inherits_the_account_unless_it_has_its_own),
        with_bench(the_variable_counts_where_the_file_names_no_account),
        with_bench(a_section_of_another_account_is_one_refusal),
        with_bench(no_account_is_compared_locally_or_when_all_goes),
        with_bench(an_id_that_cfkv_made_for_the_local_store_is_replaced),
        with_bench(a_preview_id_is_written_beside),
        with_bench(a_preview_that_is_not_made_yet_is_awaited),
        with_bench(a_preview_id_of_the_users_own_stays),
        with_bench(a_preview_that_is_declared_no_more_is_dropped),
        with_bench(a_preview_id_of_somebody_elses_is_told_too),
        with_bench(a_record_of_the_id_says_nothing_of_the_preview_id),
        with_bench(what_is_no_id_is_filled),
        with_bench(a_placeholder_preview_stays_unless_a_preview_is_declared),
        with_bench(the_declared_id_in_capitals_is_nobody_elses),
        with_bench(an_absent_id_is_filled_or_left_to_wrangler),
        with_bench(a_binding_of_cfkvs_that_is_declared_no_more_is_removed),
        with_bench(one_that_was_changed_by_hand_stays_and_is_forgotten),
        with_bench(one_whose_preview_id_was_changed_by_hand_stays_too),
        with_bench(one_whose_preview_id_is_somebodys_stays),
        with_bench(one_that_is_not_there_any_more_is_forgotten_quietly),
        with_bench(one_that_moved_to_another_environment_moves),
        with_bench(what_is_outside_the_filters_stays_as_it_is),
        with_bench(what_is_inside_the_filters_is_taken_out),
        with_bench(destroying_takes_out_all_that_is_cfkvs),
        with_bench(bindings_of_namespaces_that_outlive_it_stay),
        with_bench(ids_that_no_namespace_has_are_told),
        with_bench(the_id_of_another_environment_is_told),
        with_bench(what_a_new_environment_does_not_inherit_is_told),
        with_bench(environments_that_lack_what_the_top_level_has_are_told),
        with_bench(an_environment_that_loses_its_binding_is_told),
        with_bench(all_that_cannot_be_used_is_told_at_once),
        with_bench(one_that_is_too_large_is_told),
        with_bench(a_config_that_is_missing_is_made),
        with_bench(its_worker_is_named_after_the_app_or_at_least_something),
        with_bench(its_worker_is_looked_for_beside_it),
        with_bench(a_config_that_nobody_wants_is_not_made),
        with_bench(a_file_that_changed_meanwhile_is_not_written),
        with_bench(nor_is_one_that_came_meanwhile),
        with_bench(one_that_went_meanwhile_is_not_made_anew),
        with_bench(locally_an_id_in_the_file_stays),
        with_bench(locally_what_has_no_id_gets_one),
        with_bench(locally_the_preview_id_is_the_one_that_counts),
        with_bench(locally_an_id_that_cfkv_wrote_gives_way),
        with_bench(locally_what_the_account_wrote_is_cfkvs_too),
        with_bench(locally_only_what_a_local_run_wrote_is_taken_out),
        with_bench(locally_what_the_account_wrote_since_is_left_to_it),
        with_bench(locally_a_placeholder_preview_gets_the_id_of_the_data),
        with_bench(locally_an_absent_id_stays_with_auto),
        with_bench(a_write_that_would_change_no_byte_is_none),
        cmocka_unit_test(where_wrangler_dev_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
