#include "titles.h"

#include <string.h>

#include "naming.h"

#define ANY '\0' /* in a pattern: one character or more; no title has it */

/* ---- Does it follow? ------------------------------------------------------------------------- */

bool titles_have_naming(const struct model *m)
{
    bool given = !bytes_equal(m->project.naming, bytes_of(NAMING_USUAL));
    for (size_t i = 0; !given && i < m->n_namespaces; i++) {
        const struct namespace_decl *ns = &m->namespaces[i];
        given = ns->app.data || ns->purpose.data || ns->env.data;
    }
    return given;
}

static bool starts(struct bytes text, size_t at, struct bytes with)
{
    return text.len - at >= with.len && memcmp(text.data + at, with.data, with.len) == 0;
}

/* Where `piece` is from `at` on, the first place; SIZE_MAX: nowhere. */
static size_t find(struct bytes text, size_t at, struct bytes piece)
{
    for (; at <= text.len && text.len - at >= piece.len; at++)
        if (starts(text, at, piece))
            return at;
    return SIZE_MAX;
}

/* Pieces between wild cards are taken where they are found first; the last one stands at the end.
 */
static bool matches(struct bytes pattern, struct bytes title)
{
    size_t at = 0;
    while (pattern.len > 0) {
        size_t wild = 0, len = 0;
        while (wild < pattern.len && pattern.data[wild] == ANY)
            wild++;
        while (wild + len < pattern.len && pattern.data[wild + len] != ANY)
            len++;
        struct bytes piece = bytes_make(pattern.data + wild, len);
        bool last = wild + len == pattern.len;
        pattern = bytes_make(pattern.data + wild + len, pattern.len - wild - len);
        if (title.len - at < wild + len)
            return false;
        if (last && wild > 0)
            return starts(title, title.len - len, piece);
        at = wild > 0 ? find(title, at + wild, piece) : starts(title, at, piece) ? at : SIZE_MAX;
        if (at == SIZE_MAX)
            return false;
        at += len;
    }
    return at == title.len;
}

/* A glob of an environment: what `*` and `?` stand for is not empty here. */
static void add_env(struct buf *out, struct bytes env, bool glob)
{
    for (size_t i = 0; i < env.len; i++)
        buf_add_char(out, glob && (env.data[i] == '*' || env.data[i] == '?') ? ANY : env.data[i]);
}

/* The template with that environment; data NULL: with any. */
static bool fits(struct bytes naming, struct bytes env, bool glob, struct bytes title)
{
    struct buf pattern = {0};
    struct bytes piece;
    enum naming_token token;
    while ((token = naming_next(&naming, &piece)) == NAMING_TEXT || token == NAMING_PART) {
        if (token == NAMING_TEXT)
            buf_add_bytes(&pattern, piece);
        else if (env.data && bytes_equal(piece, bytes_of("env")))
            add_env(&pattern, env, glob);
        else
            buf_add_char(&pattern, ANY);
    }
    bool ok = matches(buf_bytes(&pattern), title);
    buf_release(&pattern);
    return ok;
}

bool title_follows(const struct project *p, struct bytes title)
{
    struct bytes preview = bytes_of("_preview");
    if (title.len > preview.len && bytes_ends_with(title, preview))
        title.len -= preview.len;
    if (p->environments.n == 0)
        return fits(p->naming, bytes_make(NULL, 0), false, title);
    for (size_t i = 0; i < p->environments.n; i++)
        if (fits(p->naming, p->environments.items[i], false, title))
            return true;
    return p->ephemeral.data && fits(p->naming, p->ephemeral, true, title);
}

/* ---- Which template? ------------------------------------------------------------------------- */

#define CLEAR_TITLES 4 /* fewer show no template */

static bool is_environment(struct bytes word)
{
    static const char *const words[] = {"dev",  "development", "test", "testing",   "qa",
                                        "uat",  "stage",       "stg",  "staging",   "preview",
                                        "demo", "prod",        "prd",  "production"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (bytes_equal(word, bytes_of(words[i])))
            return true;
    return false;
}

struct shape {
    char separator;
    size_t parts;
    bool env_first;
};

static bool has_shape(struct bytes title, const struct shape *shape)
{
    size_t n = 1, from = 0;
    struct bytes env = {0};
    for (size_t i = 0; i <= title.len; i++) {
        if (i < title.len && title.data[i] != shape->separator)
            continue;
        struct bytes part = bytes_make(title.data + from, i - from);
        if (part.len == 0)
            return false;
        if (from == 0 || !shape->env_first)
            env = part;
        n += i < title.len;
        from = i + 1;
    }
    return n == shape->parts && is_environment(env);
}

static void add_template(const struct shape *shape, struct buf *out)
{
    static const char *const others[] = {"app", "purpose"};
    size_t n = 0;
    for (size_t i = 0; i < shape->parts; i++) {
        bool env = shape->env_first ? i == 0 : i + 1 == shape->parts;
        if (i > 0)
            buf_add_char(out, shape->separator);
        buf_addf(out, "{%s}", env ? "env" : others[n++]);
    }
}

bool titles_template(const struct bytes *titles, size_t n, struct buf *out,
                     struct titles_found *found)
{
    struct shape best = {0};
    *found = (struct titles_found){0, n};
    for (const char *separator = "-_/.:"; *separator; separator++)
        for (size_t parts = 2; parts <= 3; parts++)
            for (int first = 0; first <= 1; first++) {
                struct shape shape = {*separator, parts, first == 1};
                size_t followed = 0;
                for (size_t i = 0; i < n; i++)
                    followed += has_shape(titles[i], &shape);
                if (followed > found->followed) {
                    found->followed = followed;
                    best = shape;
                }
            }
    if (n < CLEAR_TITLES || found->followed * 5 < n * 4)
        return false;
    add_template(&best, out);
    return true;
}
