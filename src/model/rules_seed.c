/* Rules about seeded keys, bulk sources and prunes. */
#include <inttypes.h>
#include <stdio.h>

#include "base/duration.h"
#include "base/json.h"
#include "base/mem.h"
#include "fingerprint.h"
#include "rules.h"

#define ID_LEN 32 /* bytes that an id takes once it is known */

/* ---- One key --------------------------------------------------------------------------------- */

struct seed_check {
    struct diag_list *diags;
    const struct seed_key *seed;
    size_t value_len;
    int64_t now;
    const char *where;
};

typedef void (*seed_rule)(struct seed_check *s);

static void rule_key_length(struct seed_check *s)
{
    struct bytes key = s->seed->key;
    if (key.len == 0)
        diag_add(s->diags, DIAG_ERROR, "key.length", s->seed->pos, "%skey '' is empty", s->where);
    else if (key.len > KV_KEY_MAX)
        diag_add(s->diags, DIAG_ERROR, "key.length", s->seed->pos,
                 "%skey %s has %zu bytes, more than %d", s->where, QUOTE(key), key.len, KV_KEY_MAX);
    else
        return;
    diag_hint(s->diags, key.len == 0 ? "give it a name" : KEY_LENGTH_HINT);
}

static void rule_key_dots(struct seed_check *s)
{
    struct bytes key = s->seed->key;
    if (!bytes_equal(key, bytes_of(".")) && !bytes_equal(key, bytes_of("..")))
        return;
    diag_add(s->diags, DIAG_ERROR, "key.dots", s->seed->pos, "%skey %s is refused by Workers KV",
             s->where, QUOTE(key));
    diag_hint(s->diags, "call it something else: '.' and '..' are steps in an address");
}

static void rule_key_text(struct seed_check *s)
{
    struct bytes key = s->seed->key;
    if (utf8_valid(key))
        return;
    diag_add(s->diags, DIAG_ERROR, "key.utf8", s->seed->pos, "%skey %s is not valid UTF-8",
             s->where, QUOTE(key));
    diag_hint(s->diags, "Workers KV takes keys of text; bytes go into the value, or are written as "
                        "hexadecimal digits");
}

static void rule_value_size(struct seed_check *s)
{
    if (s->value_len > KV_VALUE_MAX) {
        diag_add(s->diags, DIAG_ERROR, "value.size", s->seed->pos,
                 "%svalue of key %s has %zu bytes, more than %d (25 MiB)", s->where,
                 QUOTE(s->seed->key), s->value_len, KV_VALUE_MAX);
        diag_hint(s->diags, "R2 takes larger objects");
    } else if (s->value_len > CFKV_VALUE_WARN) {
        diag_add(s->diags, DIAG_WARNING, "value.large", s->seed->pos,
                 "%svalue of key %s has %zu bytes, more than 1 MiB", s->where, QUOTE(s->seed->key),
                 s->value_len);
        diag_hint(s->diags, "R2 suits large values better");
    }
}

static void rule_metadata_size(struct seed_check *s)
{
    if (s->seed->metadata.len <= KV_METADATA_MAX)
        return;
    diag_add(s->diags, DIAG_ERROR, "metadata.size", s->seed->pos,
             "%smetadata of key %s has %zu bytes as JSON, more than %d", s->where,
             QUOTE(s->seed->key), s->seed->metadata.len, KV_METADATA_MAX);
    diag_hint(s->diags, METADATA_SIZE_HINT);
}

const char *ttl_fault(int64_t ttl, int64_t now)
{
    if (ttl == 0)
        return NULL;
    return ttl < KV_TTL_MIN ? "short" : ttl > KV_EXPIRATION_MAX - now ? "long" : NULL;
}

bool ttl_judge(const char *what, int64_t ttl, int64_t now, struct error *err)
{
    char told[TOLD_SIZE];
    const char *fault = ttl_fault(ttl, now);
    if (!fault)
        return true;
    error_set(err, ERR_INVALID, "%s '%s' is too %s", what, duration_told(ttl, told), fault);
    if (ttl < KV_TTL_MIN)
        return error_hint(err, "give 0 (keys do not expire) or at least %d seconds", KV_TTL_MIN);
    return error_hint(err, "keys may expire until January 2038; 0: they do not expire");
}

static void rule_expiration_ttl(struct seed_check *s)
{
    int64_t ttl = s->seed->expiration_ttl;
    char told[TOLD_SIZE];
    const char *fault = ttl_fault(ttl, s->now);
    if (!fault)
        return;
    diag_add(s->diags, DIAG_ERROR, "key.expiration_ttl", s->seed->pos,
             "%sexpiration_ttl '%s' of key %s is too %s", s->where, duration_told(ttl, told),
             QUOTE(s->seed->key), fault);
    if (ttl < KV_TTL_MIN)
        diag_hint(s->diags, "give at least %d seconds", KV_TTL_MIN);
    else
        diag_hint(s->diags, "a key may expire until January 2038");
}

/* Milliseconds of a time between 2001 and 2286. */
static bool looks_like_milliseconds(int64_t n)
{
    return n >= INT64_C(1000000000000) && n < INT64_C(10000000000000);
}

static void rule_expiration_range(struct seed_check *s)
{
    int64_t at = s->seed->expiration;
    char told[TOLD_SIZE];
    if (at >= 0 && at <= KV_EXPIRATION_MAX && !s->seed->zero_expiration)
        return;
    diag_add(s->diags, DIAG_ERROR, "key.expiration", s->seed->pos,
             "%sexpiration '%s' of key %s is not between 1 and %" PRId64, s->where,
             moment_told(at, told), QUOTE(s->seed->key), KV_EXPIRATION_MAX);
    if (looks_like_milliseconds(at))
        diag_hint(s->diags, "this looks like milliseconds; give seconds since 1970: %" PRId64,
                  at / 1000);
    else if (at == 0)
        diag_hint(s->diags, "`expiration_ttl = 0` says that a key does not expire");
    else
        diag_hint(s->diags, "give " MOMENT_WANTED);
}

bool seed_key_is_late(const struct seed_key *seed, int64_t now, struct error *why)
{
    int64_t at = seed->expiration;
    char told[TOLD_SIZE];
    if (at <= 0 || at >= now + KV_TTL_MIN || seed->expiration_ttl != 0)
        return false;
    if (!why)
        return true;
    if (at > now)
        error_set(why, ERR_INVALID, "expiration '%s' of key %s is less than %d seconds ahead",
                  moment_told(at, told), QUOTE(seed->key), KV_TTL_MIN);
    else
        error_set(why, ERR_INVALID, "expiration '%s' of key %s is past, so the key is absent",
                  moment_told(at, told), QUOTE(seed->key));
    error_hint(why, "now is %s", moment_told(now, told));
    return true;
}

static void rule_expiration_late(struct seed_check *s)
{
    struct error why;
    if (seed_key_is_late(s->seed, s->now, &why))
        diag_add(s->diags, DIAG_WARNING,
                 s->seed->expiration > s->now ? "key.expiring" : "key.expired", s->seed->pos,
                 "%s%s", s->where, why.message);
}

static void rule_expiration_both(struct seed_check *s)
{
    char at[TOLD_SIZE], ttl[TOLD_SIZE];
    if (s->seed->expiration_ttl == 0 || s->seed->expiration == 0)
        return;
    diag_add(s->diags, DIAG_WARNING, "key.expiration_both", s->seed->pos,
             "%skey %s has expiration '%s' and expiration_ttl '%s'; expiration_ttl wins", s->where,
             QUOTE(s->seed->key), moment_told(s->seed->expiration, at),
             duration_told(s->seed->expiration_ttl, ttl));
    diag_hint(s->diags, "give one of them");
}

static const seed_rule rules_of_seed[] = {
    rule_key_length,       rule_key_dots,        rule_key_text,
    rule_value_size,       rule_metadata_size,   rule_expiration_ttl,
    rule_expiration_range, rule_expiration_late, rule_expiration_both,
};

bool seed_key_check(struct diag_list *diags, const struct seed_key *seed, size_t value_len,
                    int64_t now, const char *where)
{
    struct seed_check s = {
        .diags = diags, .seed = seed, .value_len = value_len, .now = now, .where = where};
    size_t before = diags->errors;
    for (size_t i = 0; i < sizeof rules_of_seed / sizeof *rules_of_seed; i++)
        rules_of_seed[i](&s);
    return diags->errors == before;
}

bool seed_key_judge(struct diag_list *diags, const struct seed_key *seed, size_t value_len,
                    int64_t now, const char *where, struct error *err)
{
    if (seed_key_check(diags, seed, value_len, now, where))
        return true;
    const struct diag *first = diags->items;
    while (first->severity != DIAG_ERROR)
        first++;
    error_set(err, ERR_INVALID, "%s", first->message);
    return first->hint ? error_hint(err, "%s", first->hint) : false;
}

bool seed_name_judge(struct bytes key, const char *where, struct error *err)
{
    struct seed_key seed = {.key = key};
    struct diag_list diags = {0};
    bool ok = seed_key_judge(&diags, &seed, 0, 0, where, err);
    diag_release(&diags);
    return ok;
}

bool seed_value_decode(struct bytes key, struct bytes text, struct buf *out, struct error *err)
{
    struct error why;
    if (buf_add_base64_decoded(out, text, &why))
        return true;
    error_set(err, ERR_INVALID, "the value of key %s is not base64: %s", QUOTE(key), why.message);
    return error_hint(err, "leave base64 out for plain text");
}

/* ---- The keys of a namespace ----------------------------------------------------------------- */

/* Calls `visit` for each put and inline bulk item; `item` is its number in its bulk, from 1, and 0
 * for a put. */
struct seed_visit {
    struct check *c;
    const struct namespace_decl *ns;
    void (*visit)(struct seed_visit *v, const struct seed_key *seed, size_t item);
    struct map *keys;    /* of rule_key_once: what was seen in this namespace */
    struct named *names; /* … and where */
    size_t n_names, cap_names;
};

static void visit_seeds(struct seed_visit *v)
{
    for (size_t i = 0; i < v->ns->n_puts; i++)
        v->visit(v, &v->ns->puts[i].seed, 0);
    for (size_t b = 0; b < v->ns->n_bulks; b++)
        for (size_t i = 0; i < v->ns->bulks[b].n; i++)
            v->visit(v, &v->ns->bulks[b].items[i], i + 1);
}

static void visit_namespaces(struct seed_visit *v)
{
    for (size_t i = 0; i < v->c->m->n_namespaces; i++) {
        v->ns = &v->c->m->namespaces[i];
        visit_seeds(v);
    }
}

static size_t value_length(const struct deferred *value)
{
    size_t len = 0;
    for (size_t i = 0; i < value->n; i++) {
        size_t part = value->parts[i].kind == PART_TEXT ? value->parts[i].text.len : ID_LEN;
        len = part > SIZE_MAX - len ? SIZE_MAX : len + part;
    }
    return len;
}

#define WHERE_SIZE 32

/* What stands before a message about it. */
static const char *item_where(size_t item, char where[WHERE_SIZE])
{
    if (item == 0)
        return "";
    snprintf(where, WHERE_SIZE, "item %zu: ", item);
    return where;
}

static void visit_limits(struct seed_visit *v, const struct seed_key *seed, size_t item)
{
    char where[WHERE_SIZE];
    seed_key_check(v->c->diags, seed, value_length(&seed->value), v->c->now,
                   item_where(item, where));
}

static void rule_limits(struct check *c)
{
    struct seed_visit v = {.c = c, .visit = visit_limits};
    visit_namespaces(&v);
}

static void visit_key_once(struct seed_visit *v, const struct seed_key *seed, size_t item)
{
    (void)item;
    mem_grow((void **)&v->names, &v->cap_names, v->n_names + 1, sizeof *v->names);
    size_t first = note_once(v->keys, seed->key, v->n_names);
    v->names[v->n_names++] = (struct named){seed->key, seed->pos};
    if (first == MAP_NONE)
        return;
    report_twice(v->c, "key.duplicate", "key", seed->key, v->names[first].pos, seed->pos);
    diag_hint(v->c->diags, "a namespace holds one value under a key");
}

static void rule_key_once(struct check *c)
{
    struct seed_visit v = {.c = c, .visit = visit_key_once};
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        struct map keys = {0};
        v.ns = &c->m->namespaces[i];
        v.keys = &keys;
        v.n_names = 0;
        visit_seeds(&v);
        report_alike(c, "key.alike", "keys", v.names, v.n_names);
        map_release(&keys);
    }
    mem_free(v.names);
}

static bool value_looks_secret(const struct seed_key *seed)
{
    for (size_t i = 0; i < seed->value.n; i++)
        if (looks_secret(seed->key, seed->value.parts[i].text))
            return true;
    return false;
}

static void visit_secret(struct seed_visit *v, const struct seed_key *seed, size_t item)
{
    (void)item;
    if (seed->value.secret || !value_looks_secret(seed))
        return;
    diag_add(v->c->diags, DIAG_WARNING, "value.secret", seed->pos,
             "value of key %s looks like a credential", QUOTE(seed->key));
    diag_hint(v->c->diags, "wrap it in cfkv.secret, so that it is never shown");
}

static void rule_secret(struct check *c)
{
    struct seed_visit v = {.c = c, .visit = visit_secret};
    visit_namespaces(&v);
}

/* ---- Fingerprints ---------------------------------------------------------------------------- */

struct member_search {
    int depth;
    bool found;
};

static bool search_member(void *ctx, const struct json_event *e, struct error *err)
{
    struct member_search *search = ctx;
    (void)err;
    if (e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY)
        search->depth++;
    else if (e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY)
        search->depth--;
    else if (e->type == JSON_KEY && search->depth == 1 &&
             bytes_equal(e->text, bytes_of(FINGERPRINT_MEMBER)))
        search->found = true;
    return true;
}

static bool has_cfkv_member(struct bytes metadata)
{
    struct member_search search = {0};
    struct error ignored;
    json_parse(metadata, search_member, &search, &ignored);
    return search.found;
}

bool seed_fingerprint_check(struct diag_list *diags, const struct seed_key *seed, const char *where)
{
    struct bytes metadata = seed->metadata;
    size_t len = metadata.len + FINGERPRINT_COST, before = diags->errors;
    if (!metadata.data)
        return true;
    if (metadata.len == 0 || metadata.data[0] != '{') {
        diag_add(diags, DIAG_ERROR, "metadata.fingerprint", seed->pos,
                 "%smetadata %s of key %s is no object, but its namespace has fingerprint = true",
                 where, QUOTE(metadata), QUOTE(seed->key));
        diag_hint(diags, "the fingerprint is kept in member 'cfkv' of the metadata; give an "
                         "object or none");
    } else if (has_cfkv_member(metadata)) {
        diag_add(diags, DIAG_ERROR, "metadata.fingerprint", seed->pos,
                 "%smetadata of key %s has a member 'cfkv', where the fingerprint is kept", where,
                 QUOTE(seed->key));
    } else if (metadata.len <= KV_METADATA_MAX && len > KV_METADATA_MAX) {
        diag_add(diags, DIAG_ERROR, "metadata.fingerprint", seed->pos,
                 "%smetadata of key %s has %zu bytes as JSON and %zu with the fingerprint, more "
                 "than %d",
                 where, QUOTE(seed->key), metadata.len, len, KV_METADATA_MAX);
        diag_hint(diags, "at most %d are left beside it", KV_METADATA_MAX - (int)FINGERPRINT_COST);
    }
    return diags->errors == before;
}

static void visit_fingerprint(struct seed_visit *v, const struct seed_key *seed, size_t item)
{
    char where[WHERE_SIZE];
    if (v->ns->fingerprint)
        seed_fingerprint_check(v->c->diags, seed, item_where(item, where));
}

static void rule_fingerprint(struct check *c)
{
    struct seed_visit v = {.c = c, .visit = visit_fingerprint};
    visit_namespaces(&v);
}

/* ---- Namespaces of mode "instant" ------------------------------------------------------------ */

bool seed_instant_check(struct diag_list *diags, const struct seed_key *seed, const char *where)
{
    size_t before = diags->errors;
    if (seed->key.len > KV_INSTANT_KEY_MAX && seed->key.len <= KV_KEY_MAX) {
        diag_add(diags, DIAG_ERROR, "key.instant", seed->pos,
                 "%skey %s has %zu bytes, more than the %d of a namespace of mode 'instant'", where,
                 QUOTE(seed->key), seed->key.len, KV_INSTANT_KEY_MAX);
        diag_hint(diags, KEY_LENGTH_HINT);
    }
    if (seed->metadata.data) {
        diag_add(diags, DIAG_ERROR, "metadata.instant", seed->pos,
                 "%skey %s has metadata, which a namespace of mode 'instant' does not keep", where,
                 QUOTE(seed->key));
        diag_hint(diags, "keep it in the value, or in a namespace without mode");
    }
    return diags->errors == before;
}

bool seed_instant_judge(const struct seed_key *seed, struct error *err)
{
    struct diag_list diags = {0};
    bool ok = seed_instant_check(&diags, seed, "");
    if (!ok) {
        error_set(err, ERR_INVALID, "%s", diags.items[0].message);
        error_hint(err, "%s", diags.items[0].hint);
    }
    diag_release(&diags);
    return ok;
}

static void visit_instant(struct seed_visit *v, const struct seed_key *seed, size_t item)
{
    char where[WHERE_SIZE];
    if (mode_is_instant(v->ns->mode))
        seed_instant_check(v->c->diags, seed, item_where(item, where));
}

static void add_declared(const struct seed_key *seed, uint64_t *n, uint64_t *bytes)
{
    *n += 1;
    *bytes += seed->key.len + value_length(&seed->value);
}

void seed_instant_total(struct diag_list *diags, const struct namespace_decl *ns, uint64_t n,
                        uint64_t bytes)
{
    for (size_t i = 0; i < ns->n_puts; i++)
        add_declared(&ns->puts[i].seed, &n, &bytes);
    for (size_t b = 0; b < ns->n_bulks; b++)
        for (size_t i = 0; i < ns->bulks[b].n; i++)
            add_declared(&ns->bulks[b].items[i], &n, &bytes);
    if (n > KV_INSTANT_PAIRS_MAX)
        diag_add(diags, DIAG_ERROR, "namespace.mode.full", ns->pos,
                 "%" PRIu64 " keys are declared for namespace %s, more than the %d of mode "
                 "'instant'",
                 n, QUOTE(ns->title), KV_INSTANT_PAIRS_MAX);
    else if (bytes > KV_INSTANT_BYTES_MAX)
        diag_add(diags, DIAG_ERROR, "namespace.mode.full", ns->pos,
                 "%" PRIu64 " bytes of keys and values are declared for namespace %s, more than "
                 "the %d of mode 'instant'",
                 bytes, QUOTE(ns->title), KV_INSTANT_BYTES_MAX);
    else
        return;
    diag_hint(diags, "divide them among namespaces, or leave mode out");
}

static bool has_files(const struct namespace_decl *ns)
{
    for (size_t i = 0; i < ns->n_bulks; i++)
        if (ns->bulks[i].format != SOURCE_INLINE)
            return true;
    return false;
}

/* With files it is said when they were read. */
static void rule_instant(struct check *c)
{
    struct seed_visit v = {.c = c, .visit = visit_instant};
    visit_namespaces(&v);
    for (size_t i = 0; i < c->m->n_namespaces; i++)
        if (mode_is_instant(c->m->namespaces[i].mode) && !has_files(&c->m->namespaces[i]))
            seed_instant_total(c->diags, &c->m->namespaces[i], 0, 0);
}

/* ---- Sources and prunes ---------------------------------------------------------------------- */

static void rule_source_path(struct check *c)
{
    for (size_t i = 0; i < c->m->n_namespaces; i++) {
        const struct namespace_decl *ns = &c->m->namespaces[i];
        for (size_t b = 0; b < ns->n_bulks; b++) {
            const struct bulk_decl *bulk = &ns->bulks[b];
            const char *fault = bulk->format == SOURCE_INLINE ? NULL : path_fault(bulk->path);
            if (!fault)
                continue;
            diag_add(c->diags, DIAG_ERROR, "source.path", bulk->pos, "source path %s %s",
                     QUOTE(bulk->path), fault);
            diag_hint(c->diags, "give a path below the project root");
        }
    }
}

static const char *prefix_fault(struct bytes prefix)
{
    if (prefix.len > KV_KEY_MAX)
        return "is longer than a key may be";
    return utf8_valid(prefix) ? NULL : "is not valid UTF-8";
}

static void check_prunes(struct check *c, const struct namespace_decl *ns)
{
    struct map seen = {0};
    for (size_t i = 0; i < ns->n_prunes; i++) {
        const struct prune_decl *prune = &ns->prunes[i];
        const char *fault = prefix_fault(prune->prefix);
        if (fault)
            diag_add(c->diags, DIAG_ERROR, "prune.prefix", prune->pos, "prefix %s %s",
                     QUOTE(prune->prefix), fault);
        size_t first = note_once(&seen, prune->prefix, i);
        if (first != MAP_NONE)
            diag_add(c->diags, DIAG_WARNING, "prune.duplicate", prune->pos,
                     "prefix %s is pruned already at %s", QUOTE(prune->prefix),
                     PLACE(ns->prunes[first].pos));
    }
    map_release(&seen);
}

static void rule_prunes(struct check *c)
{
    for (size_t i = 0; i < c->m->n_namespaces; i++)
        check_prunes(c, &c->m->namespaces[i]);
}

const model_rule seed_rules[] = {
    rule_limits,  rule_key_once,    rule_secret, rule_fingerprint,
    rule_instant, rule_source_path, rule_prunes, NULL,
};
