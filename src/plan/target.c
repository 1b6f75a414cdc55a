#include "target.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "seed/cfkv_folder.h"
#include "store/local.h"
#include "target_state.h"

/* The project's name, else the root folder's: local ids are made from it. */
static bool name_project(struct target *t, const struct target_options *o, struct error *err)
{
    if (o->project.len) {
        t->project = arena_copy(&t->arena, o->project);
        return true;
    }
    char *real = path_real(&t->arena, o->root, err);
    if (!real)
        return false;
    t->project = bytes_of(path_name(real));
    return true;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static bool target_open_local(struct target *t, const struct target_options *o, struct error *err)
{
    t->name = "local";
    t->local = local_store_open(o->root);
    t->store = local_store_face(t->local);
    t->store->interrupted = o->interrupted;
    return target_open_registry(t, o, err) && (!o->with_remote || target_open_ids(t, o, err));
}

static bool target_open_cloudflare(struct target *t, const struct target_options *o,
                                   struct error *err)
{
    t->store = cloudflare_store_open(&o->cloudflare, err);
    if (!t->store)
        return false;
    t->store->interrupted = o->interrupted;
    t->name = "cloudflare";
    struct target_options kept = *o;
    if (o->address && o->access && !o->write && o->listed_next.data)
        kept.state_http.along = cloudflare_store_begin(t->store, o->listed_next);
    return target_open_kept(t, &kept, err);
}

static bool open_kind(struct target *t, const struct target_options *o, struct error *err)
{
    switch (o->kind) {
    case TARGET_LOCAL:
        return target_open_local(t, o, err);
    case TARGET_CLOUDFLARE:
        return target_open_cloudflare(t, o, err);
    default:
        t->name = "cloudflare";
        return target_open_kept(t, o, err);
    }
}

bool target_account(struct target *t, struct bytes *id, struct error *err)
{
    *id = bytes_make(NULL, 0);
    return t->local || cloudflare_store_account(t->store, id, err);
}

static bool is_recorded(const struct state_account *account)
{
    return state_count(account) > 0 && !account->aside;
}

/* `m` NULL: there is no configuration. */
static void find_several(struct target *t, const struct model *m)
{
    struct bytes first = {0};
    bool any = false;
    for (size_t i = 0; m && i < m->n_namespaces; i++) {
        struct bytes account = namespace_account(m, &m->namespaces[i]);
        t->words.several = t->words.several || (any && !bytes_equal(account, first));
        first = account;
        any = true;
    }
    for (size_t i = 0; i < t->state.n_accounts; i++) {
        const struct state_account *recorded = &t->state.accounts[i];
        bool is_other = any && !bytes_equal(state_store_account(recorded->id), first);
        if (!is_recorded(recorded))
            continue;
        t->words.several = t->words.several || is_other;
        first = state_store_account(recorded->id);
        any = true;
    }
}

bool target_open(struct target *t, const struct target_options *options, struct error *err)
{
    *t = (struct target){.lock = {.fd = -1}};
    t->root = arena_str(&t->arena, options->root);
    bool ok = name_project(t, options, err) && open_kind(t, options, err);
    t->words.names = &t->state.settings.accounts;
    find_several(t, NULL);
    if (!ok)
        target_close(t);
    return ok;
}

const char *target_new_id(const struct target *t, struct arena *arena, struct bytes title)
{
    char id[33];
    if (!t->local)
        return arena_str(arena, "");
    local_namespace_id(t->project, title, id);
    return arena_str(arena, id);
}

static bool account_of(void *target, struct bytes *id, struct error *err)
{
    return target_account(target, id, err);
}

static const char *id_of(void *target, struct arena *arena, struct bytes title)
{
    return target_new_id(target, arena, title);
}

/* A link may have come since the configuration was evaluated, and verbs evaluate none. */
static bool may_keep(struct target *t, struct bytes declared, struct error *err)
{
    struct file_root root = {.fd = -1};
    bool ok = file_root_open(&root, *t->root ? t->root : ".", err) &&
              (file_root_may_fill(&root, bytes_of(path_plain(&t->arena, declared)), err) ||
               error_wrap(err, "backups.dir"));
    file_root_close(&root);
    return ok;
}

bool target_backups(struct target *t, struct bytes declared, const char **dir, struct error *err)
{
    struct buf path = {0};
    if (declared.data) {
        if (!may_keep(t, declared, err))
            return false;
        *dir = arena_printf(&t->arena, "%s/%.*s", *t->root ? t->root : ".", BYTES_FMT(declared));
        return true;
    }
    cfkv_folder_path(t->root, "backups", &path);
    *dir = arena_str(&t->arena, path.data);
    buf_release(&path);
    return true;
}

/* As the project declared when it was last applied. */
static bool set_recorded(struct target *t, struct kv *kv, struct error *err)
{
    const struct state_settings *s = &kv->state->settings;
    kv->guards = (struct guards){(unsigned)s->mass_percent, (unsigned)s->mass_from};
    kv->backups.keep = s->backups_keep ? (unsigned)s->backups_keep : CFKV_BACKUPS_KEEP;
    kv->backups.days = s->backups_days ? (unsigned)s->backups_days : CFKV_BACKUPS_DAYS;
    return target_backups(t, s->backups_dir, &kv->backups.dir, err);
}

bool target_kv(struct target *t, struct state *recorded, int64_t now, struct kv *kv,
               struct error *err)
{
    *kv = (struct kv){.store = t->store,
                      .state = recorded,
                      .local = t->local != NULL,
                      .now = now,
                      .backups = {.keep = CFKV_BACKUPS_KEEP, .days = CFKV_BACKUPS_DAYS},
                      .account = account_of,
                      .new_id = id_of,
                      .account_words = t->words,
                      .target = t};
    return set_recorded(t, kv, err);
}

/* A declaration says so itself, or stands in the default account. */
static bool declares_in(const struct model *m, struct bytes account)
{
    bool declares = bytes_equal(m->project.account_id, account);
    for (size_t i = 0; !declares && i < m->n_namespaces; i++)
        declares = bytes_equal(namespace_account(m, &m->namespaces[i]), account);
    return declares;
}

static bool names_itself(const struct model *m, struct bytes account)
{
    for (size_t i = 0; i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        if ((ns->account.data || ns->account_id.data) &&
            bytes_equal(namespace_account(m, ns), account))
            return true;
    }
    return false;
}

/* `unless_known`: what is said of all where nothing was recorded, by a version that did not tell.
 */
static bool was_assumed(const struct target *t, struct bytes account, bool unless_known)
{
    struct bytes list = t->state.settings.assumed;
    for (size_t at = 0; at + account.len < list.len; at += account.len + 1)
        if (bytes_equal(bytes_make(list.data + at, account.len), account))
            return true;
    return list.len == 0 && unless_known;
}

void target_keep_to(struct target *t, const struct model *m)
{
    for (size_t a = 0; !t->local && a < t->state.n_accounts; a++) {
        struct bytes account = t->state.accounts[a].id;
        t->state.accounts[a].aside =
            m->project.account_assumed && !declares_in(m, account) && was_assumed(t, account, true);
    }
}

struct bytes target_assumed(const struct target *t, const struct model *m, struct arena *arena)
{
    struct buf list = {0};
    for (size_t a = 0; !t->local && a < t->state.n_accounts; a++) {
        struct bytes account = t->state.accounts[a].id;
        bool is_default = m->project.account_assumed && bytes_equal(account, m->project.account_id);
        bool was = t->state.accounts[a].aside || was_assumed(t, account, false);
        if (id_valid(account) && (is_default || was) && !names_itself(m, account))
            buf_addf(&list, "%.*s ", BYTES_FMT(account));
    }
    struct bytes kept = list.len > 0 ? arena_copy(arena, buf_bytes(&list)) : bytes_make(NULL, 0);
    buf_release(&list);
    return kept;
}

/* ---- Telling which one it is ----------------------------------------------------------------- */

void target_add_account(struct target *t, struct bytes id)
{
    size_t at = 0;
    while (at < t->n_accounts && bytes_compare(t->accounts[at], id) < 0)
        at++;
    if (id.len == 0 || (at < t->n_accounts && bytes_equal(t->accounts[at], id)))
        return;
    arena_grow(&t->arena, (void **)&t->accounts, &t->cap_accounts, t->n_accounts + 1,
               sizeof *t->accounts);
    memmove(t->accounts + at + 1, t->accounts + at, (t->n_accounts - at) * sizeof *t->accounts);
    t->accounts[at] = arena_copy(&t->arena, id);
    t->n_accounts++;
}

void target_find_accounts(struct target *t, const struct model *m)
{
    find_several(t, m);
    if (t->local)
        return;
    if (m->n_namespaces == 0)
        target_add_account(t, m->project.account_id);
    for (size_t i = 0; i < m->n_namespaces; i++)
        target_add_account(t, namespace_account(m, &m->namespaces[i]));
    for (size_t i = 0; i < t->state.n_accounts; i++)
        if (is_recorded(&t->state.accounts[i]) && state_store_account(t->state.accounts[i].id).len)
            target_add_account(t, t->state.accounts[i].id);
}

static bool is_cloudflare(const struct target *t)
{
    return t->store && t->name && strcmp(t->name, "cloudflare") == 0;
}

struct bytes target_account_word(const struct target *t, struct bytes account)
{
    return account_told(&t->words, account);
}

struct bytes target_address(const struct target *t, struct arena *arena, struct bytes account,
                            struct bytes address)
{
    struct bytes word = target_account_word(t, account);
    return word.data ? account_join(arena, word, address) : address;
}

/* The name that the configuration gives it, else the service's, where that is known. */
static struct bytes name_of(const struct target *t, struct bytes id)
{
    struct bytes name = account_name_of(t->words.names, id);
    if (!name.data && is_cloudflare(t) &&
        bytes_equal(id, bytes_of(cloudflare_store_known_account(t->store))))
        name = bytes_of(cloudflare_store_account_name(t->store));
    return name;
}

void target_words(const struct target *t, struct buf *out)
{
    struct bytes known = {0};
    if (t->local) {
        buf_add_str(out, "the local store");
        return;
    }
    if (!t->store && t->state_file) {
        buf_add_str(out, "the state ");
        text_quote(out, bytes_of(t->state_file), 200);
        return;
    }
    if (t->n_accounts == 0 && is_cloudflare(t))
        known = bytes_of(cloudflare_store_known_account(t->store));
    const struct bytes *accounts = t->n_accounts > 0 ? t->accounts : &known;
    size_t n = t->n_accounts > 0 ? t->n_accounts : known.len > 0;
    buf_add_str(out, n == 0 ? "the account" : n == 1 ? "account " : "accounts ");
    for (size_t i = 0; i < n; i++) {
        buf_add_str(out, i == 0 ? "" : i + 1 == n ? " and " : ", ");
        account_show(accounts[i], name_of(t, accounts[i]), out);
    }
}

void target_heading(const struct target *t, struct buf *out)
{
    target_words(t, out);
    if (t->store && !t->local && t->stop)
        buf_addf(out, ", state in %s", t->state_file);
}

static void clock_text(int64_t at, char *out, size_t size)
{
    time_t t = (time_t)at;
    struct tm tm;
    if (!gmtime_r(&t, &tm) || strftime(out, size, "%H:%M:%S", &tm) == 0)
        out[0] = '\0';
}

void target_note_clock(const struct target *t, int64_t now, struct diag_list *notes)
{
    char here[16], there[16];
    int64_t ahead = t->store->ahead;
    if (ahead <= TARGET_CLOCK_TOLD && ahead >= -TARGET_CLOCK_TOLD)
        return;
    clock_text(now, here, sizeof here);
    clock_text(now + ahead, there, sizeof there);
    diag_add(notes, DIAG_WARNING, "clock.apart", (struct srcpos){0},
             "this machine's clock says %s and the service's says %s (UTC): it is %lld s %s", here,
             there, (long long)(ahead < 0 ? -ahead : ahead), ahead < 0 ? "fast" : "slow");
    diag_hint(notes,
              "set this machine's clock, as a rule by NTP; until then what expires is judged "
              "by the service's clock");
}

bool target_pace(const struct target *t, struct pace *pace)
{
    struct http_stats stats = {0};
    if (is_cloudflare(t))
        stats = cloudflare_store_stats(t->store);
    *pace = (struct pace){.requests = stats.requests,
                          .ms = stats.busy_ms,
                          .left = stats.budget_left > 0 ? (uint64_t)stats.budget_left : 0};
    return pace->requests > 0;
}

void target_write_accounts(const struct target *t, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < t->n_accounts; i++)
        json_string(w, t->accounts[i]);
    json_end_array(w);
}

void target_close(struct target *t)
{
    state_close(&t->state);
    state_close(&t->remote);
    store_close(t->store);
    if (t->name)
        lock_drop(&t->lock);
    arena_release(&t->arena);
    *t = (struct target){.lock = {.fd = -1}};
}
