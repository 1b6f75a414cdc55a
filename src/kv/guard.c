#include "guard.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "model/model.h"

#define SHOWN            160
#define GUARD_WORDS_SIZE 380 /* of the permissions that one hint lists */

/* ---- Thresholds ------------------------------------------------------------------------------ */

struct guards guards_or_default(struct guards given)
{
    return (struct guards){given.mass_percent ? given.mass_percent : CFKV_MASS_PERCENT,
                           given.mass_from ? given.mass_from : CFKV_MASS_FROM};
}

bool guards_mass(struct guards given, uint64_t part, uint64_t whole)
{
    return part * 100 > whole * guards_or_default(given).mass_percent;
}

uint64_t guards_mass_least(struct guards given)
{
    struct guards g = guards_or_default(given);
    return (uint64_t)g.mass_percent * g.mass_from / 100;
}

/* ---- Permissions ----------------------------------------------------------------------------- */

static bool allowed(const struct guarded *g, const struct permit *p, bool said)
{
    return said || (p->bare && g->alone) || permit_names(p, g->account, g->address, g->title);
}

static bool loss_allowed(const struct guarded *g)
{
    return allowed(g, &g->permits.data_loss, g->loss_said);
}

static bool mass_allowed(const struct guarded *g)
{
    return allowed(g, &g->permits.mass_delete, g->mass_said);
}

/* ---- Words ----------------------------------------------------------------------------------- */

/* The best name there is. */
static struct bytes name_of(const struct guarded *g)
{
    return g->title.data ? g->title : g->address.data ? g->address : g->id;
}

/* `name` behind its account, where there are several. */
static struct bytes placed(const struct guarded *g, struct bytes name, char out[2 * SHOWN])
{
    if (!g->account_word.data || name.len == 0)
        return name;
    int n = snprintf(out, 2 * SHOWN, "%.*s:%.*s", BYTES_FMT(g->account_word), BYTES_FMT(name));
    return bytes_make(out, n < 2 * SHOWN ? (size_t)n : 2 * SHOWN - 1);
}

/* `name` in quotes, for messages; returns `out`. */
static char *named(const struct guarded *g, struct bytes name, char out[SHOWN])
{
    char whole[2 * SHOWN];
    return text_quoted(placed(g, name, whole), out, SHOWN);
}

static bool is_plain(struct bytes b)
{
    bool plain = b.len > 0 && b.len < SHOWN;
    for (size_t i = 0; plain && i < b.len; i++) {
        char c = b.data[i];
        plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                strchr("._/:@%+-", c);
    }
    return plain;
}

/* "--allow-data-loss=shop/config/prod", "{ allow_data_loss = true }": exactly what to say. */
static void permission(const struct guarded *g, const char *option, const char *field, char *out,
                       size_t size)
{
    char quoted[SHOWN], whole[2 * SHOWN];
    struct bytes name = placed(g, g->address.data ? g->address : g->title, whole);
    if (g->words == GUARD_FIELDS)
        snprintf(out, size, "{ %s = true }", field);
    else if (name.len == 0)
        snprintf(out, size, "--%s", option);
    else if (is_plain(name))
        snprintf(out, size, "--%s=%.*s", option, BYTES_FMT(name));
    else
        snprintf(out, size, "--%s=%s", option, text_quoted(name, quoted, sizeof quoted));
}

static void loss_permission(const struct guarded *g, char *out, size_t size)
{
    permission(g, "allow-data-loss", "allow_data_loss", out, size);
}

static const char *saved(const struct guarded *g)
{
    return g->unsaved ? "" : "; a backup is written first";
}

/* The way that lifts a protection. */
static void add_unprotect(const struct guarded *g, char *out, size_t size)
{
    char name[SHOWN];
    snprintf(out, size, "declare it with protect = false and apply, or run cfkv state unprotect %s",
             named(g, g->address.data ? g->address : name_of(g), name));
}

/* ---- Namespaces ------------------------------------------------------------------------------ */

bool guard_protected(const struct guarded *g, struct error *err)
{
    char name[SHOWN], way[2 * SHOWN];
    if (!g->protect)
        return true;
    struct bytes shown = g->words == GUARD_PLAN ? g->address : name_of(g);
    error_set(err, ERR_GUARD, "namespace %s is protected and would be deleted",
              named(g, shown, name));
    add_unprotect(g, way, sizeof way);
    return error_hint(err, "%s", way);
}

static bool hint_loss(const struct guarded *g, struct error *err)
{
    char word[2 * SHOWN];
    loss_permission(g, word, sizeof word);
    if (g->words == GUARD_FIELDS)
        return error_hint(err, "%s %sdeletes it", word, g->unsaved ? "" : "backs them up and ");
    if (g->words == GUARD_PLAN)
        return error_hint(err,
                          "if it has another name now, say renamed_from, or 'cfkv state mv'; "
                          "on_remove = \"keep\" leaves it; %s lets it go%s",
                          word, saved(g));
    return error_hint(err, "%s lets it go%s", word, saved(g));
}

bool guard_data_loss(const struct guarded *g, bool looked, uint64_t n, bool more, struct error *err)
{
    char name[SHOWN];
    if ((looked && n == 0) || loss_allowed(g))
        return true;
    named(g, name_of(g), name);
    if (looked)
        error_set(err, ERR_GUARD,
                  "namespace %s would be deleted with the %s%" PRIu64 " key%s it holds", name,
                  more ? "more than " : "", n, text_plural(n));
    else
        error_set(err, ERR_GUARD, "namespace %s would be deleted, and its keys were not looked at",
                  name);
    return hint_loss(g, err);
}

bool guard_title(const struct guarded *g, struct bytes recorded, struct bytes live,
                 struct error *err)
{
    char then[SHOWN], now[SHOWN];
    if (!recorded.data || bytes_equal(recorded, live))
        return true;
    error_set(err, ERR_GUARD, "namespace %s is titled %s now", named(g, recorded, then),
              text_quoted(live, now, sizeof now));
    if (g->words != GUARD_PLAN)
        return error_hint(err,
                          "look at what it has become, and name it by the title it has now, or "
                          "by its id");
    return error_hint(err,
                      "declare it under the new title, or on_remove = \"keep\"; 'cfkv kv namespace "
                      "delete --namespace-id %.*s' deletes it all the same",
                      BYTES_FMT(g->id));
}

/* One option a namespace, as many as fit; where that is not all, one for all of them, or what is
 * not told is counted. */
static void list_permissions(const struct guarded_many *g, char *out, size_t size)
{
    size_t used = 0, i = 0;
    for (; i < g->n; i++) {
        struct guarded one = {.address = g->names[i]};
        char word[2 * SHOWN];
        permission(&one, "allow-mass-delete", "", word, sizeof word);
        if (used + strlen(word) + sizeof " … (and so on, 18446744073709551615 more)" > size)
            break;
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "", word);
    }
    if (i < g->n && g->glob)
        snprintf(out, size, "--allow-mass-delete='%s'", g->glob);
    else if (i < g->n)
        snprintf(out + used, size - used, " … (and so on, %zu more)", g->n - i);
}

bool guard_mass_namespaces(const struct guarded_many *g, struct error *err)
{
    char words[GUARD_WORDS_SIZE];
    bool many = g->managed >= GUARD_MASS_NAMESPACES_MIN && guards_mass(g->guards, g->n, g->managed);
    if (g->n == 0 || (!many && !g->emptied))
        return true;
    list_permissions(g, words, sizeof words);
    if (g->emptied) {
        error_set(err, ERR_GUARD,
                  "nothing is declared, and %zu of %" PRIu64
                  " managed namespace%s would be deleted",
                  g->n, g->managed, text_plural(g->managed));
        return error_hint(err, "is it the right file? 'cfkv destroy' removes all; else say %s",
                          words);
    }
    error_set(err, ERR_GUARD,
              "%zu of %" PRIu64 " managed namespaces would be deleted, more than %u %%", g->n,
              g->managed, guards_or_default(g->guards).mass_percent);
    return error_hint(err,
                      "if they have other names now, say renamed_from, or 'cfkv state mv'; if they "
                      "shall go, say %s",
                      words);
}

bool guard_missing(const struct guarded_many *g, size_t most, struct error *err)
{
    char words[GUARD_WORDS_SIZE];
    if (g->n <= most)
        return true;
    list_permissions(g, words, sizeof words);
    error_set(err, ERR_GUARD,
              "%zu recorded namespaces are not in the account's listing, more than the %zu that "
              "are looked for one by one",
              g->n, most);
    return error_hint(err,
                      "check that account and credentials are those of this state, and run it "
                      "again in a minute; if they are really gone, say %s",
                      words);
}

/* ---- Keys ------------------------------------------------------------------------------------ */

bool guard_protected_keys(const struct guarded *g, uint64_t n, const char *how, struct error *err)
{
    char name[SHOWN], way[2 * SHOWN], word[2 * SHOWN];
    if (!g->protect || n == 0 || loss_allowed(g))
        return true;
    error_set(err, ERR_GUARD, "namespace %s is protected, and %" PRIu64 " of its keys would be %s",
              named(g, name_of(g), name), n, how);
    add_unprotect(g, way, sizeof way);
    loss_permission(g, word, sizeof word);
    return error_hint(err, "%s; %s lets that happen%s", way, word, saved(g));
}

static bool hint_mass(const struct guarded *g, struct error *err)
{
    char word[2 * SHOWN];
    permission(g, "allow-mass-delete", "allow_mass_delete", word, sizeof word);
    return error_hint(err, "if that is meant, say %s%s", word, saved(g));
}

bool guard_mass_keys(const struct guarded *g, uint64_t doomed, uint64_t live, const char *how,
                     struct error *err)
{
    char name[SHOWN];
    struct guards guards = guards_or_default(g->guards);
    if (live < guards.mass_from || !guards_mass(guards, doomed, live) || mass_allowed(g))
        return true;
    error_set(err, ERR_GUARD,
              "%" PRIu64 " of the %" PRIu64 " keys in namespace %s would be %s, more than %u %%",
              doomed, live, named(g, name_of(g), name), how, guards.mass_percent);
    return hint_mass(g, err);
}

bool guard_emptied(const struct guarded *g, uint64_t doomed, const char *source, struct error *err)
{
    char name[SHOWN];
    if (doomed == 0 || mass_allowed(g))
        return true;
    error_set(err, ERR_GUARD,
              "all %" PRIu64 " key%s of namespace %s would be pruned, for %s holds none", doomed,
              text_plural(doomed), named(g, name_of(g), name), source);
    return hint_mass(g, err);
}

bool guard_adopted(const struct guarded *g, uint64_t overwritten, uint64_t pruned,
                   struct error *err)
{
    char name[SHOWN], word[2 * SHOWN];
    if (overwritten + pruned == 0 || loss_allowed(g))
        return true;
    error_set(err, ERR_GUARD,
              "namespace %s is being adopted, and %" PRIu64
              " of its keys would be overwritten and %" PRIu64 " pruned",
              named(g, name_of(g), name), overwritten, pruned);
    loss_permission(g, word, sizeof word);
    return error_hint(err, "%s lets that happen%s", word, saved(g));
}
