#include "find.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "listing.h"
#include "run.h"

/* The namespaces of accounts as they were listed; texts in kv->arena. */
struct kv_names {
    struct kv_namespace *items;
    size_t n, cap;
    struct bytes
        *listed; /* accounts; the local store's are listed together, as one that is empty */
    size_t n_listed, cap_listed;
    struct listing_report report; /* of the last one; is_short: what is not listed may exist */
};

void kv_release(struct kv *kv)
{
    kv_close_file(kv);
    if (kv->names) {
        mem_free(kv->names->items);
        mem_free(kv->names->listed);
    }
    mem_free(kv->names);
    arena_release(&kv->arena);
    kv->names = NULL;
}

/* ---- What is known of one -------------------------------------------------------------------- */

struct kv_namespace kv_known(struct kv *kv, struct bytes account, const struct store_namespace *ns)
{
    struct kv_namespace known = {.account = account,
                                 .id = arena_keep(&kv->arena, ns->id),
                                 .title = arena_keep(&kv->arena, ns->title),
                                 .jurisdiction = arena_keep(&kv->arena, ns->jurisdiction),
                                 .mode = arena_keep(&kv->arena, ns->mode)};
    known.entry = kv->state ? state_find_id(kv->state, account, known.id) : NULL;
    if (known.entry) {
        known.ttl_seconds = known.entry->ttl_seconds;
        known.protect = known.entry->protect && !kv->local;
        store_note_mode(kv->store, known.id, known.entry->mode);
    }
    store_note_mode(kv->store, known.id, known.mode);
    return known;
}

struct kv_kind kv_kind_of(const struct kv_namespace *ns)
{
    struct kv_kind kind = {ns->jurisdiction, ns->mode};
    if (!kind.jurisdiction.data && ns->entry)
        kind.jurisdiction = ns->entry->jurisdiction;
    if (!kind.mode.data && ns->entry)
        kind.mode = ns->entry->mode;
    return kind;
}

struct bytes kv_title(const struct kv_namespace *ns)
{
    return ns->title.data ? ns->title : ns->entry ? ns->entry->title : ns->id;
}

char *kv_quoted(const struct kv_namespace *ns, char out[KV_QUOTED_SIZE])
{
    return text_quoted(ns->title.data ? ns->title : ns->id, out, KV_QUOTED_SIZE);
}

struct guarded kv_guarded(const struct kv *kv, const struct kv_namespace *ns)
{
    return (struct guarded){.account = ns->account,
                            .account_word = account_told(&kv->account_words, ns->account),
                            .address = ns->entry ? ns->entry->address : bytes_make(NULL, 0),
                            .title = ns->title.data ? ns->title
                                     : ns->entry    ? ns->entry->title
                                                    : bytes_make(NULL, 0),
                            .id = ns->id,
                            .permits = kv->permits,
                            .guards = kv->guards,
                            .alone = true,
                            .protect = ns->protect,
                            .unsaved = kv->backups.off,
                            .words = kv->words};
}

/* ---- Accounts -------------------------------------------------------------------------------- */

static bool is_local_section(const struct state_account *account)
{
    return bytes_equal(account->id, bytes_of(STATE_LOCAL));
}

static bool default_account(struct kv *kv, struct bytes *account, struct error *err)
{
    *account = bytes_make(NULL, 0);
    return !kv->account || kv->account(kv->target, account, err);
}

/* The account in which the state records that id; data NULL: in none. */
static struct bytes recorded_account(struct state *state, struct bytes id)
{
    for (size_t i = 0; state && i < state->n_accounts; i++) {
        const struct state_account *account = &state->accounts[i];
        if (!is_local_section(account) && state_find_id(state, account->id, id))
            return account->id;
    }
    return bytes_make(NULL, 0);
}

static bool account_of_id(struct kv *kv, struct bytes id, struct bytes *account, struct error *err)
{
    *account = recorded_account(kv->state, id);
    return account->data || kv->local || default_account(kv, account, err);
}

/* ---- The list -------------------------------------------------------------------------------- */

/* One account being listed. */
struct account_listing {
    struct kv *kv;
    struct bytes account;
};

static void names_add(struct kv_names *names, const struct kv_namespace *ns)
{
    mem_grow((void **)&names->items, &names->cap, names->n + 1, sizeof *names->items);
    names->items[names->n++] = *ns;
}

static bool add_row(void *ctx, const struct store_namespace *row, struct error *err)
{
    struct account_listing *l = ctx;
    struct kv_namespace ns = kv_known(l->kv, l->account, row);
    (void)err;
    names_add(l->kv->names, &ns);
    return true;
}

static bool list_account(struct kv *kv, struct bytes account, struct error *err)
{
    struct account_listing l = {kv, account};
    return listing_walk(kv->store, account, add_row, &l, &kv->names->report, err);
}

/* All that the local store holds, of whatever account. */
static bool list_local(struct kv *kv, struct error *err)
{
    const struct state *state = kv->state;
    if (!list_account(kv, bytes_make(NULL, 0), err))
        return false;
    for (size_t i = 0; state && i < state->n_accounts; i++)
        if (!is_local_section(&state->accounts[i]) && !list_account(kv, state->accounts[i].id, err))
            return false;
    return true;
}

void kv_forget_names(struct kv *kv)
{
    if (kv->names)
        kv->names->n = kv->names->n_listed = 0;
}

static bool is_listed(const struct kv_names *names, struct bytes account)
{
    for (size_t i = 0; i < names->n_listed; i++)
        if (bytes_equal(names->listed[i], account))
            return true;
    return false;
}

/* Lists that account, unless it was; `*fresh`: it was asked for by this call. On the local target
 * all are listed at once. */
static bool need_names(struct kv *kv, struct bytes account, bool *fresh, struct error *err)
{
    *fresh = false;
    if (!kv->names)
        kv->names = mem_zalloc(1, sizeof *kv->names);
    struct kv_names *names = kv->names;
    if (kv->local)
        account = bytes_make(NULL, 0);
    if (is_listed(names, account))
        return true;
    size_t before = names->n;
    names->report = (struct listing_report){0};
    *fresh = kv->local ? list_local(kv, err) : list_account(kv, account, err);
    if (!*fresh) {
        names->n = before;
        return false;
    }
    mem_grow((void **)&names->listed, &names->cap_listed, names->n_listed + 1,
             sizeof *names->listed);
    names->listed[names->n_listed++] = arena_copy(&kv->arena, account);
    return true;
}

static struct kv_namespace *on_list(const struct kv *kv, struct bytes account, struct bytes id)
{
    struct kv_names *names = kv->names;
    for (size_t i = 0; names && i < names->n; i++)
        if (bytes_equal(names->items[i].id, id) && bytes_equal(names->items[i].account, account))
            return &names->items[i];
    return NULL;
}

void kv_note_made(struct kv *kv, const struct kv_namespace *ns)
{
    if (kv->names && is_listed(kv->names, kv->local ? bytes_make(NULL, 0) : ns->account))
        names_add(kv->names, ns);
}

void kv_note_title(struct kv *kv, const struct kv_namespace *ns, struct bytes title)
{
    struct kv_namespace *listed = on_list(kv, ns->account, ns->id);
    if (listed)
        listed->title = arena_keep(&kv->arena, title);
}

void kv_note_gone(struct kv *kv, const struct kv_namespace *ns)
{
    struct kv_namespace *listed = on_list(kv, ns->account, ns->id);
    if (listed)
        *listed = kv->names->items[--kv->names->n];
}

static int by_title(const void *a, const void *b)
{
    const struct kv_namespace *x = a, *y = b;
    int order = bytes_compare(x->title, y->title);
    return order ? order : bytes_compare(x->id, y->id);
}

/* A listing that contradicts itself shows what exists, and never what does not. */
static bool say_short(const struct kv_names *names, struct error *err)
{
    error_set(err, ERR_FAILED,
              "the account counts %zu namespace%s and lists %zu of them, also when asked again",
              names->report.total, text_plural(names->report.total), names->report.seen);
    return error_hint(err, "listings lag behind: run it again in a minute; --namespace-id needs no "
                           "listing");
}

bool kv_find_all(struct kv *kv, struct kv_namespace **all, size_t *n, struct error *err)
{
    struct bytes account;
    bool fresh;
    if (!default_account(kv, &account, err) || !need_names(kv, account, &fresh, err))
        return false;
    const struct kv_names *names = kv->names;
    if (names->report.is_short)
        return say_short(names, err);
    *n = 0;
    *all = arena_alloc(&kv->arena, names->n, sizeof **all);
    for (size_t i = 0; i < names->n; i++)
        if (kv->local || bytes_equal(names->items[i].account, account))
            (*all)[(*n)++] = names->items[i];
    if (*n > 0)
        qsort(*all, *n, sizeof **all, by_title);
    return true;
}

/* ---- By a word ------------------------------------------------------------------------------- */

static bool no_such_title(const struct kv *kv, struct bytes word, struct error *err)
{
    const struct kv_names *names = kv->names;
    char quoted[KV_QUOTED_SIZE];
    const char **titles = mem_zalloc(names->n + 1, sizeof *titles);
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++)
        if (names->items[i].title.data)
            titles[n++] = names->items[i].title.data;
    const char *near = text_nearest(word, titles);
    error_set(err, ERR_NOT_FOUND, "there is no namespace %s",
              text_quoted(word, quoted, sizeof quoted));
    if (near)
        error_hint(err, "did you mean %s?", text_quoted(bytes_of(near), quoted, sizeof quoted));
    else
        error_hint(err, "'cfkv kv namespace list%s' lists them", kv->local ? " --local" : "");
    mem_free(titles);
    return false;
}

/* Titles, addresses and ids are each unique in an account. */
static bool twice(struct kv *kv, const char *what, struct bytes word, struct bytes one,
                  struct bytes other, struct error *err)
{
    struct account_words words = {kv->account_words.names, true};
    char quoted[KV_QUOTED_SIZE], first[KV_QUOTED_SIZE], second[KV_QUOTED_SIZE];
    struct bytes a = account_join(&kv->arena, account_told(&words, one), word);
    struct bytes b = account_join(&kv->arena, account_told(&words, other), word);
    error_set(err, ERR_FAILED, "several namespaces %s %s", what,
              text_quoted(word, quoted, sizeof quoted));
    return error_hint(err, "say which: %s or %s; or name one by its id",
                      text_quoted(a, first, sizeof first), text_quoted(b, second, sizeof second));
}

static bool has_title(const struct kv_namespace *ns, struct bytes word)
{
    return ns->title.data && bytes_equal(ns->title, word);
}

static bool has_id(const struct kv_namespace *ns, struct bytes word)
{
    return bytes_equal(ns->id, word);
}

/* An address without parts is the title of the declaration: whoever says that one means whatever
 * has the title now, not what was renamed since. */
static bool has_address(const struct kv_namespace *ns, struct bytes word)
{
    return ns->entry && memchr(word.data, '/', word.len) && bytes_equal(ns->entry->address, word);
}

static const struct reading {
    bool (*matches)(const struct kv_namespace *ns, struct bytes word);
    const char *twice;
} readings[] = {
    {has_title, "are titled"}, {has_id, "have the id"}, {has_address, "are recorded as"}};

/* Where a word is looked for. */
struct search {
    struct kv *kv;
    struct bytes word;
    struct bytes account; /* data NULL: wherever was listed, on the local target */
    size_t n_readings;    /* the first of them, in their order */
    struct kv_namespace *out;
};

/* NULL in `*found`: by no reading. */
static bool search(const struct search *s, const struct kv_namespace **found, struct error *err)
{
    const struct kv_names *names = s->kv->names;
    *found = NULL;
    for (size_t r = 0; r < s->n_readings && !*found; r++)
        for (size_t i = 0; i < names->n; i++) {
            const struct kv_namespace *ns = &names->items[i];
            if ((s->account.data && !bytes_equal(ns->account, s->account)) ||
                !readings[r].matches(ns, s->word))
                continue;
            if (*found)
                return twice(s->kv, readings[r].twice, s->word, (*found)->account, ns->account,
                             err);
            *found = ns;
        }
    return true;
}

/* What is not on a list of before may have been made since. */
static bool find(const struct search *s, struct error *err)
{
    struct kv *kv = s->kv;
    const struct kv_namespace *found;
    bool fresh;
    if (!need_names(kv, s->account, &fresh, err) || !search(s, &found, err))
        return false;
    if (!found && !fresh) {
        kv_forget_names(kv);
        if (!need_names(kv, s->account, &fresh, err) || !search(s, &found, err))
            return false;
    }
    if (!found && kv->names->report.is_short)
        return say_short(kv->names, err);
    if (!found)
        return no_such_title(kv, s->word, err);
    *s->out = *found;
    return true;
}

static bool find_in_default(struct kv *kv, struct bytes word, size_t n_readings,
                            struct kv_namespace *out, struct error *err)
{
    struct search s = {.kv = kv, .word = word, .n_readings = n_readings, .out = out};
    if (!default_account(kv, &s.account, err))
        return false;
    if (kv->local)
        s.account = bytes_make(NULL, 0);
    return find(&s, err);
}

bool kv_find_title(struct kv *kv, struct bytes title, struct kv_namespace *out, struct error *err)
{
    return find_in_default(kv, title, 1, out, err);
}

#define N_READINGS (sizeof readings / sizeof *readings)

/* The address is recorded in one of the other accounts. `*recorded`: in some. */
static bool find_recorded(struct kv *kv, struct bytes address, struct kv_namespace *out,
                          bool *recorded, struct error *err)
{
    struct bytes account = {0}, id = {0};
    *recorded = false;
    for (size_t i = 0; !kv->local && kv->state && i < kv->state->n_accounts; i++) {
        struct bytes here = state_store_account(kv->state->accounts[i].id);
        const struct state_namespace *entry = state_find(kv->state, here, address);
        if (!entry || here.len == 0 || !memchr(address.data, '/', address.len))
            continue;
        if (*recorded)
            return twice(kv, "are recorded as", address, account, here, err);
        *recorded = true;
        account = here;
        id = entry->id;
    }
    return *recorded && kv_find_id(kv, account, id, true, out, err);
}

/* The word as it is, then as ACCOUNT:WORD. Which account is the default need not be known to who
 * names another. */
bool kv_find_word(struct kv *kv, struct bytes word, struct kv_namespace *out, struct error *err)
{
    struct search s = {.kv = kv, .n_readings = N_READINGS, .out = out};
    bool recorded, split = account_split(kv->account_words.names, word, &s.account, &s.word);
    split = split && (kv->local || s.account.len > 0); /* "local:" means no account */
    if (find_in_default(kv, word, N_READINGS, out, err))
        return true;
    bool unknown = err->code == ERR_NOT_FOUND;
    if (!unknown && !(split && (err->code == ERR_USAGE || err->code == ERR_DENIED)))
        return false;
    struct error failed;
    if (find_recorded(kv, word, out, &recorded, &failed))
        return true;
    if (recorded)
        *err = failed;
    return !recorded && split && find(&s, err);
}

#define LOCAL_MARK "local:"

bool kv_word_is_local(const char *word)
{
    return strncmp(word, LOCAL_MARK, strlen(LOCAL_MARK)) == 0;
}

const char *kv_word_plain(const char *word)
{
    return kv_word_is_local(word) ? word + strlen(LOCAL_MARK) : word;
}

/* ---- By id ----------------------------------------------------------------------------------- */

struct id_question {
    struct kv *kv;
    struct kv_namespace *out;
};

static bool id_answered(void *ctx, const struct store_result *result, struct error *err)
{
    struct id_question *question = ctx;
    if (result->n_namespaces != 1)
        return error_set(err, ERR_ANSWER, "the answer names no namespace");
    *question->out = kv_known(question->kv, question->out->account, &result->namespaces[0]);
    return true;
}

static bool ask_title(struct kv *kv, struct kv_namespace *out, struct error *err)
{
    struct id_question question = {kv, out};
    struct store_op op = {.kind = STORE_NAMESPACE_GET, .account = out->account, .id = out->id};
    if (kv_run(kv->store, &op, id_answered, &question, err))
        return true;
    /* The local store holds namespaces of wrangler's own, of which it knows no title. */
    return kv->local && err->code == ERR_NOT_FOUND;
}

bool kv_find_id(struct kv *kv, struct bytes account, struct bytes id, bool need_title,
                struct kv_namespace *out, struct error *err)
{
    struct store_namespace known = {.id = id};
    if (account.len == 0 && !account_of_id(kv, id, &account, err))
        return false;
    *out = kv_known(kv, account, &known);
    return !need_title || ask_title(kv, out, err);
}
