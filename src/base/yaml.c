#include "yaml.h"

#include <limits.h>
#include <yaml.h>

#include "arena.h"
#include "json_names.h"
#include "library.h"
#include "map.h"
#include "mem.h"
#include "text.h"
#include "yaml_scalar.h"

#define YAML_FUNCTIONS(X)                                                                          \
    X(yaml_, event_delete)                                                                         \
    X(yaml_, parser_delete)                                                                        \
    X(yaml_, parser_initialize)                                                                    \
    X(yaml_, parser_parse)                                                                         \
    X(yaml_, parser_set_encoding)                                                                  \
    X(yaml_, parser_set_input)

LIBRARY_DECLARE(libyaml, YAML_FUNCTIONS);
LIBRARY_DEFINE(libyaml, YAML_FUNCTIONS, "libyaml-0.so.2", "libyaml-0-2")

/* An event that is kept, for aliases and merge keys. The text of one lies in `kept_text`. */
struct kept {
    struct json_event event; /* without its text */
    size_t at, len;
    int line;
    size_t behind; /* not 0: no event, but what the value of << is kept for, up to this index */
};

/* A run of kept events: one value. What is kept for merge keys inside of it is no part of it. */
struct run {
    size_t first, end;
};

#define OPEN SIZE_MAX /* the end of a run that is not over */

/* A map or a list that is open. */
struct level {
    bool object;
    bool value_due;   /* its key was read */
    bool merge_due;   /* and it was <<: the value is only kept */
    size_t anchor;    /* of it, and 1 */
    int merge_line;   /* 0: it has no << */
    struct run merge; /* the value of << */
};

struct reader {
    struct yaml_input in;
    struct yaml_output out;
    struct error *err;
    int line; /* of the event at hand */

    /* What was handed to libyaml. */
    char cut[4]; /* the beginning of a character */
    size_t cut_len;
    int raw_line;
    size_t since; /* bytes since the last event */
    bool failed;  /* the input; `err` and `line` are set */

    struct level levels[JSON_MAX_DEPTH];
    int depth;
    int told; /* levels that `out` knows of */
    struct json_names names;
    struct buf number;

    struct kept *kept;
    size_t n_kept, kept_cap;
    struct buf kept_text;
    int keeping; /* anchored values and values of << that are open */
    int muted;   /* values of << that are open: they are not told */
    struct run *anchors;
    size_t n_anchors, anchors_cap;
    struct map anchor_names; /* to the anchor of that name that came last */
    struct arena arena;      /* of these names */
    size_t names_len;
    size_t expanded; /* what aliases and merge keys came to, in bytes */
};

/* ---- The text -------------------------------------------------------------------------------- */

static bool fail_text(struct reader *r, enum error_code code, const char *what, const char *hint)
{
    r->failed = true;
    r->line = r->raw_line;
    error_set(r->err, code, "%s", what);
    return hint ? error_hint(r->err, "%s", hint) : false;
}

static bool is_control(unsigned char c)
{
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F;
}

/* Counts the lines of what is right; false at a control character. */
static bool count_lines(struct reader *r, struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (is_control((unsigned char)text.data[i]))
            return fail_text(r, ERR_FORMAT, "it holds a control character",
                             "inside of double quotes it can be written as an escape: \"\\x07\"");
        r->raw_line += text.data[i] == '\n' && r->raw_line < INT_MAX;
    }
    return true;
}

/* What libyaml asks for, checked, since it tells no line of what is no text: whole characters; the
 * beginning of one waits for its rest. */
static int read_text(void *ctx, unsigned char *to, size_t size, size_t *n)
{
    struct reader *r = ctx;
    size_t got = 1;
    for (*n = 0; *n == 0 && got > 0;) {
        memcpy(to, r->cut, r->cut_len);
        if (!r->in.read(r->in.ctx, to + r->cut_len, size - r->cut_len, &got, r->err)) {
            r->failed = true;
            r->line = 0;
            return 0;
        }
        struct bytes text = bytes_make((const char *)to, r->cut_len + got);
        *n = utf8_first_invalid(text);
        r->cut_len = text.len - *n;
        if (!count_lines(r, bytes_make(text.data, *n)))
            return 0;
        if (r->cut_len >= sizeof r->cut || (got == 0 && r->cut_len > 0))
            return fail_text(r, ERR_FORMAT, "it is not valid UTF-8", TEXT_UTF16_HINT);
        memcpy(r->cut, text.data + *n, r->cut_len);
    }
    r->since += *n;
    return r->since <= YAML_SCALAR_MAX || fail_text(r, ERR_LIMIT, "one value is larger than 32 MiB",
                                                    "no value of Workers KV is larger than 25 MiB");
}

/* ---- What is told, and what is kept ---------------------------------------------------------- */

static bool fail(struct reader *r, const char *what, const char *hint)
{
    error_set(r->err, ERR_FORMAT, "%s", what);
    return hint ? error_hint(r->err, "%s", hint) : false;
}

static bool fail_named(struct reader *r, const char *kind, const char *name, const char *what,
                       const char *hint)
{
    char quoted[QUOTED_SIZE];
    error_set(r->err, ERR_FORMAT, "the %s %s %s", kind,
              text_quoted(bytes_of(name), quoted, sizeof quoted), what);
    return error_hint(r->err, "%s", hint);
}

_Static_assert(JSON_MAX_DEPTH == 64, "the message says so");

static bool fail_deep(struct reader *r)
{
    return fail(r, "more than 64 levels deep", NULL);
}

static bool keep(struct reader *r, struct kept k)
{
    if (r->n_kept * sizeof k + r->kept_text.len + r->names_len > YAML_KEPT_MAX) {
        error_set(r->err, ERR_LIMIT, "what anchors name is more than 32 MiB");
        return error_hint(r->err, "write the values out where they are used");
    }
    mem_grow((void **)&r->kept, &r->kept_cap, r->n_kept + 1, sizeof *r->kept);
    r->kept[r->n_kept++] = k;
    return true;
}

static bool tell(struct reader *r, const struct json_event *e, int line)
{
    if (e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY) {
        if (r->told == JSON_MAX_DEPTH)
            return fail_deep(r);
        r->told++;
    } else if (e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY)
        r->told--;
    return r->out.event(r->out.ctx, e, line, r->err);
}

/* An event of the text. */
static bool emit(struct reader *r, const struct json_event *e)
{
    if (r->keeping) {
        struct kept k = {*e, r->kept_text.len, e->text.len, r->line, 0};
        buf_add_bytes(&r->kept_text, e->text);
        if (!keep(r, k))
            return false;
    }
    return r->muted || tell(r, e, r->line);
}

/* An event that was kept, again. */
static bool emit_kept(struct reader *r, size_t index, int line)
{
    struct kept k = r->kept[index];
    r->expanded += k.len + sizeof k;
    if (r->expanded > YAML_EXPANDED_MAX) {
        error_set(r->err, ERR_LIMIT,
                  "its aliases come to more than 64 MiB when they are written out");
        return error_hint(r->err, "write the values out where they are used");
    }
    if (r->keeping && !keep(r, k))
        return false;
    k.event.text = bytes_make(r->kept_text.data ? r->kept_text.data + k.at : NULL, k.len);
    return r->muted || tell(r, &k.event, line);
}

/* The event at `i`, or the first one before `end` behind what is kept for a merge key there. */
static size_t event_at(const struct reader *r, size_t i, size_t end)
{
    while (i < end && r->kept[i].behind)
        i = r->kept[i].behind;
    return i;
}

static bool emit_run(struct reader *r, struct run run, int line)
{
    bool ok = true;
    for (size_t i = event_at(r, run.first, run.end); ok && i < run.end;
         i = event_at(r, i + 1, run.end))
        ok = emit_kept(r, i, line);
    return ok;
}

/* Behind the value that begins at `i`, in what ends at `end`. */
static size_t behind_value(const struct reader *r, size_t i, size_t end)
{
    int depth = 0;
    do {
        i = event_at(r, i, end);
        enum json_type type = r->kept[i++].event.type;
        depth += type == JSON_BEGIN_OBJECT || type == JSON_BEGIN_ARRAY;
        depth -= type == JSON_END_OBJECT || type == JSON_END_ARRAY;
    } while (depth > 0);
    return event_at(r, i, end);
}

/* ---- Merge keys ------------------------------------------------------------------------------ */

/* The members of a kept object that the innermost one has not. */
static bool merge_object(struct reader *r, struct run object, int line)
{
    bool ok = true;
    for (size_t i = event_at(r, object.first + 1, object.end), end; ok && i + 1 < object.end;
         i = end) {
        const struct kept *k = &r->kept[i];
        end = behind_value(r, i + 1, object.end);
        if (json_names_add(&r->names, bytes_make(r->kept_text.data + k->at, k->len), line) == 0)
            ok = emit_run(r, (struct run){i, end}, line);
        else
            r->expanded += (end - i) * sizeof *k; /* it costs time as well */
    }
    return ok;
}

static bool fail_merge(struct reader *r)
{
    return fail(r, "the value of '<<' is neither a map nor a list of maps",
                "'<<' merges what an anchor names: <<: *defaults");
}

static bool merge(struct reader *r, const struct level *l)
{
    struct run all = l->merge;
    r->line = l->merge_line;
    if (r->kept[all.first].event.type == JSON_BEGIN_OBJECT)
        return merge_object(r, all, l->merge_line);
    if (r->kept[all.first].event.type != JSON_BEGIN_ARRAY)
        return fail_merge(r);
    for (size_t i = event_at(r, all.first + 1, all.end), end; i + 1 < all.end; i = end) {
        end = behind_value(r, i, all.end);
        if (r->kept[i].event.type != JSON_BEGIN_OBJECT)
            return fail_merge(r);
        if (!merge_object(r, (struct run){i, end}, l->merge_line))
            return false;
    }
    return true;
}

/* ---- Anchors --------------------------------------------------------------------------------- */

/* An anchor's value begins; its index and 1, 0 when there is none. */
static size_t open_anchor(struct reader *r, const yaml_char_t *name)
{
    struct bytes key = bytes_of((const char *)name);
    if (!name)
        return 0;
    if (map_get(&r->anchor_names, key) == MAP_NONE) {
        r->names_len += key.len;
        key = arena_copy(&r->arena, key);
    }
    map_set(&r->anchor_names, key, r->n_anchors);
    mem_grow((void **)&r->anchors, &r->anchors_cap, r->n_anchors + 1, sizeof *r->anchors);
    r->anchors[r->n_anchors++] = (struct run){r->n_kept, OPEN};
    r->keeping++;
    return r->n_anchors;
}

static void close_anchor(struct reader *r, size_t anchor)
{
    if (!anchor)
        return;
    r->anchors[anchor - 1].end = r->n_kept;
    r->keeping--;
}

static bool on_alias(struct reader *r, const char *name)
{
    size_t index = map_get(&r->anchor_names, bytes_of(name));
    if (index == MAP_NONE)
        return fail_named(r, "alias", name, "has no anchor before it in its document",
                          "an anchor is written &NAME, and each document has its own");
    if (r->anchors[index].end == OPEN)
        return fail_named(r, "alias", name, "stands inside of what it names",
                          "no value can hold itself");
    return emit_run(r, r->anchors[index], r->line);
}

/* ---- Nodes ----------------------------------------------------------------------------------- */

static struct level *innermost(struct reader *r)
{
    return r->depth > 0 ? &r->levels[r->depth - 1] : NULL;
}

static bool key_is_due(struct reader *r)
{
    return r->depth > 0 && innermost(r)->object && !innermost(r)->value_due;
}

static bool fail_key(struct reader *r, const char *what)
{
    error_set(r->err, ERR_FORMAT, "%s stands where the name of a member must be", what);
    return error_hint(r->err, "a name is a text; in front of a list or map it needs its ':'");
}

/* The value of the innermost level's key is over. */
static void end_value(struct reader *r)
{
    struct level *l = innermost(r);
    if (!l)
        return;
    l->value_due = false;
    if (!l->merge_due)
        return;
    l->merge_due = false;
    l->merge.end = r->n_kept;
    r->kept[l->merge.first - 1].behind = r->n_kept;
    r->keeping--;
    r->muted--;
}

static bool on_merge_key(struct reader *r)
{
    struct level *l = innermost(r);
    if (l->merge_line)
        return fail(r, "'<<' is repeated", "several are merged by a list: <<: [*a, *b]");
    if (!keep(r, (struct kept){.behind = OPEN}))
        return false;
    l->value_due = l->merge_due = true;
    l->merge_line = r->line;
    l->merge.first = r->n_kept;
    r->keeping++;
    r->muted++;
    return true;
}

static bool on_key(struct reader *r, struct bytes name, bool plain)
{
    static const char hint[] = "keep one of the two";
    char quoted[QUOTED_SIZE];
    if (plain && bytes_equal(name, bytes_of("<<")))
        return on_merge_key(r);
    if (plain &&
        (name.len == 0 || bytes_equal(name, bytes_of("~")) || bytes_equal(name, bytes_of("null"))))
        return fail_key(r, "nothing (null)");
    int before = json_names_add(&r->names, name, r->line);
    if (before) {
        error_set(r->err, ERR_FORMAT, "member %s appears twice, first on line %d",
                  text_quoted(name, quoted, sizeof quoted), before);
        return error_hint(r->err, "%s", hint);
    }
    if (json_names_size(&r->names) > YAML_KEPT_MAX)
        return error_set(r->err, ERR_LIMIT, "the names of open maps are more than 32 MiB");
    innermost(r)->value_due = true;
    return emit(r, &(struct json_event){.type = JSON_KEY, .text = name});
}

static bool fail_tag(struct reader *r, const char *tag)
{
    return fail_named(r, "tag", tag, "is none that can be read",
                      "write the value itself; a text stands in quotes");
}

/* The tags of the core schema may stand where they say what is there anyway. */
static bool check_tag(struct reader *r, const yaml_char_t *tag, const char *const *known)
{
    if (!tag)
        return true;
    for (; *known; known++)
        if (strcmp((const char *)tag, *known) == 0)
            return true;
    return fail_tag(r, (const char *)tag);
}

static bool is_tag(const yaml_char_t *tag, const char *name)
{
    return tag && strcmp((const char *)tag, name) == 0;
}

/* What the scalar is: by its tag, its quotes, its text. */
static bool resolve(struct reader *r, const yaml_event_t *y, struct json_event *e)
{
    const yaml_char_t *tag = y->data.scalar.tag;
    struct bytes text = bytes_make((const char *)y->data.scalar.value, y->data.scalar.length);
    *e = (struct json_event){.type = JSON_STRING, .text = text};
    if (is_tag(tag, "!") || is_tag(tag, YAML_STR_TAG))
        return true;
    if (!tag && y->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return true;
    if (!yaml_resolve(text, &r->number, e, r->err))
        return false;
    enum json_type t = e->type;
    return !tag || (t == JSON_NULL && is_tag(tag, YAML_NULL_TAG)) ||
           (t == JSON_BOOLEAN && is_tag(tag, YAML_BOOL_TAG)) ||
           (t == JSON_INTEGER && is_tag(tag, YAML_INT_TAG)) ||
           ((t == JSON_INTEGER || t == JSON_NUMBER) && is_tag(tag, YAML_FLOAT_TAG)) ||
           fail_tag(r, (const char *)tag);
}

static bool on_scalar(struct reader *r, const yaml_event_t *y)
{
    struct json_event e;
    if (key_is_due(r)) {
        bool plain = y->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && !y->data.scalar.tag;
        if (y->data.scalar.anchor)
            return fail(r, "an anchor stands at the name of a member", "name its value instead");
        if (y->data.scalar.tag && !is_tag(y->data.scalar.tag, "!") &&
            !is_tag(y->data.scalar.tag, YAML_STR_TAG))
            return fail_tag(r, (const char *)y->data.scalar.tag);
        return on_key(r, bytes_make((const char *)y->data.scalar.value, y->data.scalar.length),
                      plain);
    }
    size_t anchor = open_anchor(r, y->data.scalar.anchor);
    bool ok = resolve(r, y, &e) && emit(r, &e);
    close_anchor(r, anchor);
    end_value(r);
    return ok;
}

static bool on_begin(struct reader *r, bool object, const yaml_char_t *anchor,
                     const yaml_char_t *tag)
{
    static const char *const map_tags[] = {"!", YAML_MAP_TAG, NULL};
    static const char *const list_tags[] = {"!", YAML_SEQ_TAG, NULL};
    if (key_is_due(r))
        return fail_key(r, object ? "a map" : "a list");
    if (!check_tag(r, tag, object ? map_tags : list_tags))
        return false;
    if (r->depth == JSON_MAX_DEPTH)
        return fail_deep(r);
    struct level level = {.object = object, .anchor = open_anchor(r, anchor)};
    r->levels[r->depth++] = level;
    if (object)
        json_names_begin(&r->names);
    return emit(r, &(struct json_event){.type = object ? JSON_BEGIN_OBJECT : JSON_BEGIN_ARRAY});
}

static bool on_end(struct reader *r, bool object)
{
    struct level *l = innermost(r);
    int line = r->line;
    if (l->merge_line && !merge(r, l))
        return false;
    r->line = line;
    if (object)
        json_names_end(&r->names);
    if (!emit(r, &(struct json_event){.type = object ? JSON_END_OBJECT : JSON_END_ARRAY}))
        return false;
    close_anchor(r, l->anchor);
    r->depth--;
    end_value(r);
    return true;
}

static bool on_document(struct reader *r)
{
    json_names_clear(&r->names);
    map_release(&r->anchor_names);
    arena_reset(&r->arena);
    buf_clear(&r->kept_text);
    r->n_anchors = r->n_kept = r->names_len = 0;
    return r->out.document(r->out.ctx, r->line, r->err);
}

static bool on_event(struct reader *r, const yaml_event_t *y)
{
    r->since = 0;
    r->line = y->start_mark.line < INT_MAX ? (int)y->start_mark.line + 1 : INT_MAX;
    switch (y->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(r);
    case YAML_ALIAS_EVENT:
        if (key_is_due(r))
            return fail_key(r, "an alias");
        if (!on_alias(r, (const char *)y->data.alias.anchor))
            return false;
        end_value(r);
        return true;
    case YAML_SCALAR_EVENT:
        return on_scalar(r, y);
    case YAML_SEQUENCE_START_EVENT:
        return on_begin(r, false, y->data.sequence_start.anchor, y->data.sequence_start.tag);
    case YAML_MAPPING_START_EVENT:
        return on_begin(r, true, y->data.mapping_start.anchor, y->data.mapping_start.tag);
    case YAML_SEQUENCE_END_EVENT:
        return on_end(r, false);
    case YAML_MAPPING_END_EVENT:
        return on_end(r, true);
    default:
        return true;
    }
}

/* ---- The parser ------------------------------------------------------------------------------ */

static const char *hint_of(const char *problem)
{
    return strstr(problem, "tab character") || strstr(problem, "cannot start any token")
               ? "blanks indent, not tabs; a text that begins with @, ` or % stands in quotes"
           : strstr(problem, "mapping values are not allowed")
               ? "a text that holds ': ' stands in quotes"
               : "look at the indentation and the quotes there, and in the line before";
}

/* What libyaml found wrong. */
static bool fail_syntax(struct reader *r, const yaml_parser_t *y)
{
    const char *problem = y->problem ? y->problem : "it cannot be read";
    if (r->failed)
        return false;
    if (y->error == YAML_MEMORY_ERROR)
        mem_exhausted();
    size_t line = y->error == YAML_READER_ERROR ? y->mark.line : y->problem_mark.line;
    r->line = line < INT_MAX ? (int)line + 1 : INT_MAX;
    error_set(r->err, ERR_FORMAT, "%s", problem);
    return error_hint(r->err, "%s", hint_of(problem));
}

static bool read_events(struct reader *r, yaml_parser_t *y)
{
    yaml_event_t event;
    bool ok = true, more = true;
    while (ok && more) {
        if (!libyaml()->parser_parse(y, &event))
            return fail_syntax(r, y);
        more = event.type != YAML_STREAM_END_EVENT;
        ok = on_event(r, &event);
        libyaml()->event_delete(&event);
    }
    return ok;
}

static void release(struct reader *r)
{
    json_names_release(&r->names);
    map_release(&r->anchor_names);
    arena_release(&r->arena);
    buf_release(&r->number);
    buf_release(&r->kept_text);
    mem_free(r->kept);
    mem_free(r->anchors);
    mem_free(r);
}

bool yaml_parse(struct yaml_input in, struct yaml_output out, int *line, struct error *err)
{
    yaml_parser_t y;
    *line = 0;
    if (!libyaml_load(err))
        return false;
    if (!libyaml()->parser_initialize(&y))
        mem_exhausted();
    struct reader *r = mem_zalloc(1, sizeof *r);
    r->in = in;
    r->out = out;
    r->err = err;
    r->raw_line = 1;
    libyaml()->parser_set_encoding(&y, YAML_UTF8_ENCODING);
    libyaml()->parser_set_input(&y, read_text, r);
    bool ok = read_events(r, &y);
    *line = ok ? 0 : r->line;
    libyaml()->parser_delete(&y);
    release(r);
    return ok;
}
