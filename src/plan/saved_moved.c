/*
 * saved_moved.c: what moved since a plan was saved, by name as far as things have names.
 */
#include <stdio.h>
#include <string.h>

#include "saved.h"

/* ---- Lists of what has a name ---------------------------------------------------------------- */

struct pair {
    const struct json *was, *is;
};

static void add_name(struct buf *names, const char *name)
{
    buf_addf(names, "%s%s", names->len > 0 ? ", " : "", name);
}

static bool same_json(const struct json *a, const struct json *b)
{
    struct buf left = {0}, right = {0};
    if (a)
        json_print(a, &left);
    if (b)
        json_print(b, &right);
    bool same = bytes_equal(buf_bytes(&left), buf_bytes(&right));
    buf_release(&left);
    buf_release(&right);
    return same;
}

static const char *name_of(const struct json *item, const char *member)
{
    const char *name;
    return json_as_str(json_member(item, member), &name) ? name : "?";
}

/* Adds the names of those in `from` that are in `other` otherwise, or not at all. */
static void add_moved(const struct json *from, const struct json *other, const char *member,
                      bool only_missing, struct buf *names)
{
    for (const struct json *a = json_first(from); a; a = json_next(a)) {
        bool there = false, same = false;
        for (const struct json *b = json_first(other); b && !same; b = json_next(b)) {
            there = there || strcmp(name_of(a, member), name_of(b, member)) == 0;
            same = same_json(a, b);
        }
        if (only_missing ? !there : !same)
            add_name(names, name_of(a, member));
    }
}

/* The names of the items of two arrays that are not the same. */
static void list_moved(struct pair p, const char *member, struct buf *names)
{
    add_moved(p.was, p.is, member, false, names);
    add_moved(p.is, p.was, member, true, names);
}

/* The options that differ, as they are typed. */
static void list_options(struct pair p, struct buf *names)
{
    for (const struct json *a = json_first(p.was); a; a = json_next(a)) {
        char option[64] = "--";
        if (same_json(a, json_member(p.is, json_name(a))))
            continue;
        bool typed = strcmp(json_name(a), "destroy") != 0;
        snprintf(option, sizeof option, "%s%s", typed ? "--" : "", json_name(a));
        for (char *c = option; *c; c++)
            *c = *c == '_' ? '-' : *c;
        add_name(names, option);
    }
}

/* ---- What is compared ------------------------------------------------------------------------ */

enum naming { NAME_NOTHING, NAME_PATHS, NAME_INPUTS, NAME_OPTIONS };

/* In the order in which to name what moved. */
static const struct {
    const char *group; /* or NULL: at the top */
    const char *member;
    const char *what;
    enum naming naming;
} compared[] = {
    {NULL, "target", "the target", NAME_NOTHING},
    {NULL, "files", "the configuration", NAME_PATHS},
    {"digests", "state", "the state", NAME_NOTHING}, /* its salt is in the digests below */
    {NULL, "inputs", "the input", NAME_INPUTS},
    {NULL, "sources", "a seed file or a wrangler config", NAME_PATHS},
    {"digests", "observed", "what is live", NAME_NOTHING},
    {NULL, "options", "the options", NAME_OPTIONS},
    {NULL, "actions", "what is live", NAME_NOTHING}, /* or the time: a key expired */
    {NULL, "outputs", "what is live", NAME_NOTHING},
};

static struct pair pair_of(const struct json *saved, const struct json *now, size_t i)
{
    const char *group = compared[i].group, *member = compared[i].member;
    return (struct pair){json_member(group ? json_member(saved, group) : saved, member),
                         json_member(group ? json_member(now, group) : now, member)};
}

static bool moved(struct pair p, size_t i, struct error *err)
{
    struct buf names = {0};
    const char *fits = "the saved plan does not fit any more";
    if (compared[i].naming == NAME_PATHS)
        list_moved(p, "path", &names);
    else if (compared[i].naming == NAME_INPUTS)
        list_moved(p, "name", &names);
    else if (compared[i].naming == NAME_OPTIONS)
        list_options(p, &names);
    if (compared[i].naming == NAME_INPUTS)
        error_set(err, ERR_STALE, "%s: %s%s %s changed since it was made", fits, compared[i].what,
                  names.len > 0 && strchr(names.data, ',') ? "s" : "",
                  names.len > 0 ? names.data : "order");
    else
        error_set(err, ERR_STALE, "%s: %s changed since it was made%s%s", fits, compared[i].what,
                  names.len > 0 ? ": " : "", names.len > 0 ? names.data : "");
    buf_release(&names);
    return error_hint(err, compared[i].naming == NAME_INPUTS ? "give it as it was, or plan again"
                                                             : "plan again");
}

static bool compare_saved(const struct json *saved, const struct json *now, struct error *err)
{
    for (size_t i = 0; i < sizeof compared / sizeof *compared; i++) {
        struct pair p = pair_of(saved, now, i);
        if (!same_json(p.was, p.is))
            return moved(p, i, err);
    }
    return true;
}

bool plan_check_saved(const struct plan *p, const struct model *m, const struct target *t,
                      const char *path, struct error *err)
{
    struct buf text = {0};
    struct json *now = NULL;
    struct json *saved = saved_read(path, err);
    const char *nonce;
    bool ok = saved != NULL;
    if (ok && !json_as_str(json_member(saved, "nonce"), &nonce))
        ok = saved_refuse(path, err);
    if (ok) {
        saved_print(p, m, t, nonce, &text);
        now = json_doc_parse(buf_bytes(&text), err);
        ok = now && compare_saved(saved, now, err);
    }
    json_doc_free(now);
    json_doc_free(saved);
    buf_release(&text);
    return ok;
}
