/* faults_file.c: reading a faults file; the format is in faults.h. */
#include <stdio.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "faults.h"
#include "limits.h"

#define FILE_MAX (16 * 1024 * 1024)

/* In the order of the enum. */
static const char *const kinds[FAULT_COUNT + 1] = {
    [FAULT_STATUS] = "status",
    [FAULT_HTML] = "html",
    [FAULT_BODY] = "body",
    [FAULT_EMPTY] = "empty",
    [FAULT_QUOTA] = "quota",
    [FAULT_CHALLENGE] = "challenge",
    [FAULT_REDIRECT] = "redirect",
    [FAULT_DROP_BEFORE] = "drop_before",
    [FAULT_DROP_AFTER] = "drop_after",
    [FAULT_RESET] = "reset",
    [FAULT_HANG] = "hang",
    [FAULT_DELAY] = "delay",
    [FAULT_SLOW] = "slow",
    [FAULT_TRUNCATE] = "truncate",
    [FAULT_HUGE_LENGTH] = "huge_length",
    [FAULT_MALFORMED] = "malformed",
    [FAULT_DEEP] = "deep",
    [FAULT_LONG_ERROR] = "long_error",
    [FAULT_BAD_UTF8] = "bad_utf8",
    [FAULT_WRONG_TYPES] = "wrong_types",
    [FAULT_DUPLICATE] = "duplicate",
    [FAULT_NULL_RESULT] = "null_result",
    [FAULT_NO_INFO] = "no_info",
    [FAULT_PARTIAL] = "partial",
    [FAULT_SHORT] = "short",
    [FAULT_STALE] = "stale",
    [FAULT_ENDLESS] = "endless",
    [FAULT_EMPTY_PAGE] = "empty_page",
};

const char *fault_name(enum fault_kind kind)
{
    return kinds[kind];
}

/* ---- A table of members ---------------------------------------------------------------------- */

struct faults_reader {
    struct faults *faults;
    struct error *err;
};

/* Reads one member into `to`. */
typedef bool (*member_fn)(struct faults_reader *r, const struct json *v, const char *name,
                          void *to);

struct faults_member {
    const char *name;
    member_fn read;
    size_t offset; /* in the struct that is filled */
};

#define MEMBERS_MAX 24

static bool fail_unknown(struct faults_reader *r, const char *name,
                         const struct faults_member *members, size_t n)
{
    const char *names[MEMBERS_MAX + 1];
    for (size_t i = 0; i < n; i++)
        names[i] = members[i].name;
    names[n] = NULL;
    const char *nearest = text_nearest(bytes_of(name), names);
    error_set(r->err, ERR_FORMAT, "unknown member '%s'", name);
    return nearest ? error_hint(r->err, "did you mean '%s'?", nearest) : false;
}

/* Fills `to`, a struct described by `members`, from an object. */
static bool read_object(struct faults_reader *r, const struct json *object,
                        const struct faults_member *members, size_t n, void *to)
{
    if (!json_is_object(object))
        return error_set(r->err, ERR_FORMAT, "not an object");
    for (const struct json *v = json_first(object); v; v = json_next(v)) {
        const char *name = json_name(v);
        size_t i = 0;
        while (i < n && strcmp(members[i].name, name) != 0)
            i++;
        if (i == n)
            return fail_unknown(r, name, members, n);
        if (!members[i].read(r, v, name, (char *)to + members[i].offset))
            return false;
    }
    return true;
}

/* ---- Kinds of members ------------------------------------------------------------------------ */

static bool read_count(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    int64_t n;
    if (!json_as_int(v, &n) || n < 0)
        return error_set(r->err, ERR_FORMAT, "'%s' is not a whole number from 0", name);
    memcpy(to, &n, sizeof n);
    return true;
}

static bool read_positive(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    int64_t n;
    if (!json_as_int(v, &n) || n <= 0)
        return error_set(r->err, ERR_FORMAT, "'%s' is not a whole number above 0", name);
    memcpy(to, &n, sizeof n);
    return true;
}

static bool read_status(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    int64_t n;
    if (!json_as_int(v, &n) || n < 200 || n > 599)
        return error_set(r->err, ERR_FORMAT, "'%s' is not an HTTP status from 200 to 599", name);
    memcpy(to, &n, sizeof n);
    return true;
}

static bool read_share(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    struct buf text = {0};
    double share = -1;
    int used = 0;
    int64_t whole;
    json_print(v, &text);
    bool plain = text.len > 0 && text.data[0] != '"';
    if (json_as_int(v, &whole))
        share = (double)whole;
    else if (plain && (sscanf(text.data, "%lf%n", &share, &used) != 1 || (size_t)used != text.len))
        share = -1;
    buf_release(&text);
    if (!(share >= 0 && share <= 1))
        return error_set(r->err, ERR_FORMAT, "'%s' is not a number from 0 to 1", name);
    memcpy(to, &share, sizeof share);
    return true;
}

static bool read_flag(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    bool b;
    if (!json_as_bool(v, &b))
        return error_set(r->err, ERR_FORMAT, "'%s' is not true or false", name);
    memcpy(to, &b, sizeof b);
    return true;
}

static bool read_text(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    const char *s;
    if (!json_as_str(v, &s))
        return error_set(r->err, ERR_FORMAT, "'%s' is not a string", name);
    const char *copy = arena_str(&r->faults->arena, s);
    memcpy(to, &copy, sizeof copy);
    return true;
}

/* Goes into a header line. */
static bool read_location(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    const char *s;
    if (!json_as_str(v, &s) || strlen(s) > 500 || strpbrk(s, "\r\n"))
        return error_set(r->err, ERR_FORMAT, "'%s' is not a URL of at most 500 bytes", name);
    return read_text(r, v, name, to);
}

static bool read_bytes(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    const char *s = NULL;
    if (!read_text(r, v, name, &s))
        return false;
    struct bytes b = bytes_of(s);
    memcpy(to, &b, sizeof b);
    return true;
}

/* The index of a string among `names`. */
static bool read_name(struct faults_reader *r, const struct json *v, const char *name,
                      const char *const *names, size_t *index)
{
    const char *s;
    if (!json_as_str(v, &s))
        return error_set(r->err, ERR_FORMAT, "'%s' is not a string", name);
    for (*index = 0; names[*index]; ++*index)
        if (strcmp(names[*index], s) == 0)
            return true;
    const char *nearest = text_nearest(bytes_of(s), names);
    error_set(r->err, ERR_FORMAT, "unknown %s '%s'", name, s);
    return nearest ? error_hint(r->err, "did you mean '%s'?", nearest) : false;
}

static bool read_endpoint(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    size_t index;
    if (!read_name(r, v, name, endpoint_names(), &index))
        return false;
    int64_t n = (int64_t)index;
    memcpy(to, &n, sizeof n);
    return true;
}

static bool read_kind(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    const char *s;
    size_t index = FAULT_STALE;
    bool old_name = json_as_str(v, &s) && strcmp(s, "stale_list") == 0;
    if (!old_name && !read_name(r, v, name, kinds, &index))
        return false;
    enum fault_kind kind = (enum fault_kind)index;
    memcpy(to, &kind, sizeof kind);
    return true;
}

static bool read_writes(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    int64_t n;
    if (!json_as_int(v, &n) || n <= 0 || n > FAULT_WRITES_MAX)
        return error_set(r->err, ERR_FORMAT, "'%s' is not a whole number from 1 to %d", name,
                         FAULT_WRITES_MAX);
    memcpy(to, &n, sizeof n);
    return true;
}

static bool read_total(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    static const char *const totals[] = {"true", "shown", "more", "none", NULL};
    size_t index;
    if (!read_name(r, v, name, totals, &index))
        return false;
    enum fault_total total = (enum fault_total)(FAULT_TOTAL_TRUE + index);
    memcpy(to, &total, sizeof total);
    return true;
}

static bool read_keys(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    struct fault_rule *rule = to;
    struct bytes *keys = arena_alloc(&r->faults->arena, json_count(v) + 1, sizeof *keys);
    if (!json_is_array(v))
        return error_set(r->err, ERR_FORMAT, "'%s' is not an array", name);
    rule->keys = keys;
    for (const struct json *key = json_first(v); key; key = json_next(key))
        if (!read_bytes(r, key, name, &keys[rule->n_keys++]))
            return false;
    return true;
}

/* ---- Rules ----------------------------------------------------------------------------------- */

#define RULE(field) offsetof(struct fault_rule, field)

static bool read_match(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    static const struct faults_member members[] = {
        {"method", read_text, RULE(method)},         {"path", read_text, RULE(path)},
        {"endpoint", read_endpoint, RULE(endpoint)}, {"nth", read_positive, RULE(nth)},
        {"every", read_positive, RULE(every)},       {"chance", read_share, RULE(chance)},
    };
    return read_object(r, v, members, sizeof members / sizeof *members, to) ||
           error_wrap(r->err, "%s", name);
}

static const struct faults_member rule_members[] = {
    {"match", read_match, 0},
    {"times", read_positive, RULE(times)},
    {"fault", read_kind, RULE(kind)},
    {"status", read_status, RULE(status)},
    {"code", read_positive, RULE(code)},
    {"message", read_text, RULE(message)},
    {"ms", read_count, RULE(ms)},
    {"length", read_positive, RULE(length)},
    {"retry_after", read_count, RULE(retry_after)},
    {"retry_after_date", read_count, RULE(retry_after_date)},
    {"location", read_location, RULE(location)},
    {"body", read_bytes, RULE(body)},
    {"keys", read_keys, 0},
    {"fraction", read_share, RULE(fraction)},
    {"missing", read_positive, RULE(missing)},
    {"writes", read_writes, RULE(writes)},
    {"total", read_total, RULE(total)},
    {"empty", read_flag, RULE(empty)},
    {"after", read_flag, RULE(after)},
};

static bool check_rule(struct faults_reader *r, const struct json *v, const struct fault_rule *rule)
{
    if (!json_member(v, "fault"))
        return error_set(r->err, ERR_FORMAT, "a rule without 'fault'");
    if (rule->kind == FAULT_REDIRECT && !rule->location)
        return error_set(r->err, ERR_FORMAT, "a redirect without 'location'");
    if (rule->kind == FAULT_BODY && !rule->body.data)
        return error_set(r->err, ERR_FORMAT, "fault 'body' without 'body'");
    if ((rule->kind == FAULT_DELAY) && rule->ms == 0)
        return error_set(r->err, ERR_FORMAT, "a delay without 'ms'");
    return true;
}

static bool read_rule(struct faults_reader *r, const struct json *v, struct fault_rule *rule)
{
    *rule = (struct fault_rule){.endpoint = -1,
                                .chance = 1,
                                .fraction = 0.5,
                                .missing = 1,
                                .writes = 1,
                                .retry_after = -1,
                                .retry_after_date = -1};
    return read_object(r, v, rule_members, sizeof rule_members / sizeof *rule_members, rule) &&
           check_rule(r, v, rule);
}

static bool read_rules(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    struct faults *f = to;
    if (!json_is_array(v))
        return error_set(r->err, ERR_FORMAT, "'%s' is not an array", name);
    f->rules = arena_alloc(&f->arena, json_count(v) + 1, sizeof *f->rules);
    for (const struct json *rule = json_first(v); rule; rule = json_next(rule)) {
        if (!read_rule(r, rule, &f->rules[f->n_rules]))
            return error_wrap(r->err, "rule %zu", f->n_rules + 1);
        const struct fault_rule *read = &f->rules[f->n_rules++];
        if (read->kind == FAULT_STALE && f->stale_writes < (size_t)read->writes)
            f->stale_writes = (size_t)read->writes;
    }
    return true;
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool read_account(struct faults_reader *r, const struct json *v,
                         struct fault_account *account)
{
    static const struct faults_member members[] = {
        {"id", read_text, offsetof(struct fault_account, id)},
        {"name", read_text, offsetof(struct fault_account, name)},
        {"token", read_text, offsetof(struct fault_account, token)},
    };
    if (!read_object(r, v, members, sizeof members / sizeof *members, account))
        return false;
    if (!account->id || !limits_hex_id(bytes_of(account->id)))
        return error_set(r->err, ERR_FORMAT, "its 'id' is not 32 hex digits");
    if (!account->name)
        account->name = account->id;
    return true;
}

static bool read_accounts(struct faults_reader *r, const struct json *v, const char *name, void *to)
{
    struct faults *f = to;
    if (!json_is_array(v))
        return error_set(r->err, ERR_FORMAT, "'%s' is not an array", name);
    struct fault_account *accounts = arena_alloc(&f->arena, json_count(v) + 1, sizeof *accounts);
    f->has_accounts = true;
    f->accounts = accounts;
    for (const struct json *account = json_first(v); account; account = json_next(account)) {
        if (!read_account(r, account, &accounts[f->n_accounts]))
            return error_wrap(r->err, "account %zu", f->n_accounts + 1);
        f->n_accounts++;
    }
    return true;
}

static bool read_file(struct faults_reader *r, const struct json *root)
{
    static const struct faults_member members[] = {
        {"seed", read_count, offsetof(struct faults, seed)},
        {"max_namespaces", read_count, offsetof(struct faults, max_namespaces)},
        {"key_writes", read_flag, offsetof(struct faults, key_writes)},
        {"date", read_text, offsetof(struct faults, date)},
        {"accounts", read_accounts, 0},
        {"rules", read_rules, 0},
    };
    return read_object(r, root, members, sizeof members / sizeof *members, r->faults);
}

bool faults_parse(struct faults *f, struct bytes json, const char *name, struct error *err)
{
    struct faults_reader r = {.faults = f, .err = err};
    struct json *root = json_doc_parse(json, err);
    bool ok = root && read_file(&r, root);
    json_doc_free(root);
    return ok || error_wrap(err, "faults file '%s'", name);
}

bool faults_load(struct faults *f, const char *path, struct error *err)
{
    struct buf text = {0};
    bool ok = file_read(path, FILE_MAX, &text, err) && faults_parse(f, buf_bytes(&text), path, err);
    buf_release(&text);
    return ok;
}
