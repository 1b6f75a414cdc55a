#include "document.h"

#include "base/text.h"
#include "extra.h"
#include "image.h"
#include "layout.h"
#include "refs.h"
#include "settings.h"

/* ---- Reading: which value comes next --------------------------------------------------------- */

struct document_reader {
    struct state *s;
    struct state_root root;
    int64_t version; /* that the document claims */
    enum place place;
    enum place opens;                 /* the container that the next value must be; OUTSIDE: none */
    const struct record_field *field; /* what the next scalar is for */
    const char *noun;                 /* what it is called, for messages */
    uint32_t seen[OUTSIDE];           /* per open place: bit i its members[i] */

    /* What is being read. */
    struct state_account *account;
    struct state_namespace *ns;
    struct state_bulk *bulk;
    struct state_key *key; /* or one that is about to be put */
    struct state_writing *titled;
    struct state_output *output;
    struct bytes file, env; /* of the bindings that are being read */
    struct state_binding *binding;

    /* A value of any shape, printed anew. */
    enum capture capture;
    struct bytes extra; /* the name of an unknown member */
    struct json_writer writer;
    struct buf text, canonical;
};

static bool twice(struct bytes name, const char *what, struct error *err)
{
    return error_set(err, ERR_FORMAT, "%s '%.*s' is there twice", what, BYTES_FMT(name));
}

static void start_capture(struct document_reader *r, enum capture capture)
{
    buf_clear(&r->text);
    r->writer = json_writer_to(&r->text, 0);
    r->capture = capture;
}

/* What the members of the open place are for. */
static void *record_of(struct document_reader *r)
{
    switch (r->place) {
    case ACCOUNT:
        return r->account;
    case NAMESPACE:
        return r->ns;
    case BULK:
        return r->bulk;
    case KEY:
    case WRITING_KEY:
    case TITLED_KEY:
        return r->key;
    case OUTPUT:
        return r->output;
    case BINDING:
        return r->binding;
    default:
        return &r->root;
    }
}

static struct state_extras **extras_of(struct document_reader *r)
{
    return (void *)((char *)record_of(r) + layouts[r->place].extras);
}

static bool unknown_member(struct document_reader *r, struct bytes name, struct error *err)
{
    if (extra_find(*extras_of(r), name))
        return twice(name, "member", err);
    r->extra = arena_copy(&r->s->arena, name);
    start_capture(r, UNKNOWN_MEMBER);
    return true;
}

/* A member whose name the format fixes. */
static bool fixed_member(struct document_reader *r, struct bytes name, struct error *err)
{
    size_t i = layout_find(&layouts[r->place], name);
    if (i == SIZE_MAX)
        return unknown_member(r, name, err);
    const struct member *m = &layouts[r->place].members[i];
    if (r->seen[r->place] >> i & 1)
        return twice(name, "member", err);
    r->seen[r->place] |= (uint32_t)1 << i;
    r->noun = m->field.name;
    r->opens = m->opens;
    r->field = m->opens == OUTSIDE ? &m->field : NULL;
    if (m->capture)
        start_capture(r, m->capture);
    return true;
}

static bool start_account(struct document_reader *r, struct bytes id, struct error *err)
{
    size_t before = r->s->n_accounts;
    r->account = image_account(r->s, id);
    return r->s->n_accounts > before || twice(id, "account", err);
}

static bool start_namespace(struct document_reader *r, struct bytes address, struct error *err)
{
    size_t before = r->account->n;
    r->ns = image_namespace(r->s, r->account, address);
    return r->account->n > before || twice(address, "namespace", err);
}

static bool start_bulk(struct document_reader *r, struct bytes source, struct error *err)
{
    size_t before = r->ns->n_bulks;
    r->bulk = image_bulk(r->s, r->ns, source);
    return r->ns->n_bulks > before || twice(source, "bulk source", err);
}

static bool start_key(struct document_reader *r, struct bytes key, struct error *err)
{
    size_t before = r->ns->n_keys;
    r->key = image_key(r->s, r->ns, key);
    return r->ns->n_keys > before || twice(key, "key", err);
}

static bool start_titled(struct document_reader *r, struct bytes title, struct error *err)
{
    size_t before = r->account->n_titled;
    r->titled = image_titled(r->s, r->account, title);
    return r->account->n_titled > before || twice(title, "title", err);
}

static bool start_writing(struct document_reader *r, struct state_writing *writing,
                          struct bytes key, struct error *err)
{
    size_t before = writing->n;
    r->key = image_writing(r->s, writing, key);
    return writing->n > before || twice(key, "key", err);
}

/* Version 1 has the value where the record is now. */
static bool start_output(struct document_reader *r, struct bytes name, struct error *err)
{
    size_t before = r->s->n_outputs;
    if (memchr(name.data, '\0', name.len))
        return error_set(err, ERR_FORMAT, "the name of an output has a NUL in it");
    r->output = image_output(r->s, name);
    if (r->s->n_outputs == before)
        return twice(name, "output", err);
    if (r->version == 1)
        start_capture(r, OUTPUT_VALUE);
    return true;
}

static bool start_config(struct document_reader *r, struct bytes file, struct error *err)
{
    if (image_has_file(r->s, file))
        return twice(file, "file", err);
    r->file = arena_copy(&r->s->arena, file);
    return true;
}

static bool start_config_env(struct document_reader *r, struct bytes env, struct error *err)
{
    if (image_has_env(r->s, r->file, env))
        return twice(env, "environment", err);
    r->env = arena_copy(&r->s->arena, env);
    return true;
}

static bool start_binding(struct document_reader *r, struct bytes name, struct error *err)
{
    size_t before = r->s->n_bindings;
    r->binding = image_binding(r->s, r->file, r->env, name);
    return r->s->n_bindings > before || twice(name, "binding", err);
}

/* What people named, for messages. */
static const char *const nouns[] = {
    [ACCOUNT] = "account",  [NAMESPACE] = "namespace",
    [BULK] = "bulk source", [KEY] = "key",
    [WRITING_KEY] = "key",  [TITLED] = "title",
    [TITLED_KEY] = "key",   [OUTPUT] = "output",
    [CONFIG] = "file",      [CONFIG_ENV] = "environment",
    [BINDING] = "binding",
};

/* A member that people named. */
static bool named_member(struct document_reader *r, struct bytes name, struct error *err)
{
    r->field = NULL;
    r->opens = layouts[r->place].named;
    r->noun = nouns[r->opens];
    switch (r->opens) {
    case ACCOUNT:
        return start_account(r, name, err);
    case NAMESPACE:
        return start_namespace(r, name, err);
    case BULK:
        return start_bulk(r, name, err);
    case KEY:
        return start_key(r, name, err);
    case WRITING_KEY:
        return start_writing(r, &r->ns->writing, name, err);
    case TITLED:
        return start_titled(r, name, err);
    case TITLED_KEY:
        return start_writing(r, r->titled, name, err);
    case CONFIG:
        return start_config(r, name, err);
    case CONFIG_ENV:
        return start_config_env(r, name, err);
    case BINDING:
        return start_binding(r, name, err);
    default:
        return start_output(r, name, err);
    }
}

/* ---- Reading: values of any shape ------------------------------------------------------------ */

static bool keep_captured(struct document_reader *r, struct bytes json, struct error *err)
{
    switch (r->capture) {
    case OUTPUT_VALUE:
        r->output->json = arena_copy(&r->s->arena, json);
        return true;
    case OUTPUT_NAMESPACES:
        return refs_read(&r->s->arena, json, r->output, err);
    case SETTINGS:
        return settings_read(r->s, json, err);
    default:
        extra_set(&r->s->arena, extras_of(r), r->extra, json);
        return true;
    }
}

/* A captured value is over when it closed what it opened. */
static bool take_captured(struct document_reader *r, const struct json_event *e, struct error *err)
{
    json_write_event(&r->writer, e);
    if (r->writer.depth > 0)
        return true;
    buf_clear(&r->canonical);
    bool ok = json_canonical(buf_bytes(&r->text), &r->canonical, err) &&
              extra_check_depth(buf_bytes(&r->canonical), err) &&
              keep_captured(r, buf_bytes(&r->canonical), err);
    r->capture = NOT_CAPTURED;
    return ok;
}

/* ---- Reading: events ------------------------------------------------------------------------- */

static bool take_scalar(struct document_reader *r, const struct json_event *v, struct error *err)
{
    if (r->place == CREATING) {
        if (v->type != JSON_STRING)
            return error_set(err, ERR_FORMAT, "'creating' must hold strings");
        image_creating(r->s, r->account, v->text);
        return true;
    }
    if (r->field)
        return record_set(r->field, record_of(r), v, &r->s->arena, err);
    if (r->place == OUTSIDE)
        return error_set(err, ERR_FORMAT, "the document must be an object");
    return error_set(err, ERR_FORMAT, "'%s' must be %s", r->noun,
                     r->opens == CREATING ? "an array" : "an object");
}

static bool enter(struct document_reader *r, const struct json_event *e, struct error *err)
{
    bool array = e->type == JSON_BEGIN_ARRAY;
    enum place opens = r->place == OUTSIDE ? ROOT : r->opens;
    if (r->place == CREATING)
        return error_set(err, ERR_FORMAT, "'creating' must hold strings");
    if (opens == OUTSIDE || (opens == CREATING) != array)
        return take_scalar(r, e, err); /* says what it must be */
    r->place = opens;
    r->seen[opens] = 0;
    r->opens = OUTSIDE;
    r->field = NULL;
    return true;
}

static bool check_seen(const struct layout *layout, uint32_t seen, struct error *err)
{
    for (size_t i = 0; i < layout->n_members; i++)
        if (layout->members[i].field.need == RECORD_REQUIRED && !(seen >> i & 1))
            return error_set(err, ERR_FORMAT, "member '%s' is missing",
                             layout->members[i].field.name);
    return true;
}

/* Two entries of one id would be one namespace that two declarations fight over. */
static bool finish_namespace(struct document_reader *r, struct error *err)
{
    const struct state_namespace *other = image_find_id(r->account, r->ns->id);
    if (r->ns->id.len == 0)
        return error_set(err, ERR_FORMAT, "'id' is empty");
    if (other)
        return error_set(err, ERR_FORMAT, "namespaces '%.*s' and '%.*s' have the same id",
                         BYTES_FMT(other->address), BYTES_FMT(r->ns->address));
    image_set_id(r->account, r->ns, r->ns->id);
    return true;
}

static bool leave(struct document_reader *r, struct error *err)
{
    const struct layout *layout = &layouts[r->place];
    if (!check_seen(layout, r->seen[r->place], err) ||
        (r->place == NAMESPACE && !finish_namespace(r, err)))
        return false;
    r->place = layout->parent;
    return true;
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct document_reader *r = ctx;
    if (r->capture)
        return take_captured(r, e, err);
    switch (e->type) {
    case JSON_KEY:
        return layouts[r->place].named == OUTSIDE ? fixed_member(r, e->text, err)
                                                  : named_member(r, e->text, err);
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        return enter(r, e, err);
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        return leave(r, err);
    default:
        return take_scalar(r, e, err);
    }
}

/* ---- Reading: the whole ---------------------------------------------------------------------- */

static struct bytes take_line(struct bytes *rest)
{
    const char *newline = memchr(rest->data, '\n', rest->len);
    size_t len = newline ? (size_t)(newline - rest->data) + 1 : rest->len;
    struct bytes line = bytes_make(rest->data, len);
    *rest = bytes_make(rest->data + len, rest->len - len);
    return line;
}

/* Line by line, so that an error knows its line; `*line` is the last one read. */
static bool feed_lines(struct json_stream *stream, struct bytes text, size_t *number,
                       struct bytes *line, struct error *err)
{
    while (text.len > 0) {
        *line = take_line(&text);
        ++*number;
        if (!json_stream_feed(stream, *line, err))
            return false;
    }
    return json_stream_end(stream, err);
}

struct version_probe {
    int depth;
    bool here;
    int64_t version;
};

static bool probe(void *ctx, const struct json_event *e, struct error *err)
{
    struct version_probe *p = ctx;
    (void)err;
    if (e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY)
        p->depth++;
    else if (e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY)
        p->depth--;
    else if (e->type == JSON_KEY)
        p->here = p->depth == 1 && bytes_equal(e->text, bytes_of("version"));
    else if (e->type == JSON_INTEGER && p->here && p->depth == 1)
        p->version = e->integer;
    return true;
}

/* How our own documents begin, up to the number. */
#define FIRST "{\n  \"version\": "

/* The version a document claims, 0 when it has none or does not parse. */
static int64_t claimed_version(struct bytes text)
{
    struct version_probe p = {0};
    struct error ignored;
    size_t n = strlen(FIRST);
    if (bytes_starts_with(text, bytes_of(FIRST)) && text.len > n + 1 && text.data[n + 1] == ',')
        return text.data[n] - '0'; /* anything but a digit is found when it is read */
    return json_parse(text, probe, &p, &ignored) ? p.version : 0;
}

bool document_broken(const struct state *s, const char *what, size_t line, struct error *err)
{
    if (err->code != ERR_FORMAT)
        return false;
    error_wrap(err, "%s '%s' is broken at line %zu", what, s->backend.name, line);
    return error_hint(err, "restore it from version control or move it away: without a state "
                           "everything declared is adopted or created");
}

static bool has_conflict(struct bytes line)
{
    return bytes_starts_with(line, bytes_of("<<<<<<<")) ||
           bytes_starts_with(line, bytes_of("=======")) ||
           bytes_starts_with(line, bytes_of(">>>>>>>"));
}

/* Says why a document could not be read: `err` is what the reader said at that line. */
static bool explain(const struct state *s, size_t number, struct bytes line, struct error *err)
{
    if (err->code == ERR_FORMAT && has_conflict(line)) {
        error_set(err, ERR_FORMAT, "state '%s' has a merge conflict at line %zu", s->backend.name,
                  number);
        return error_hint(err, "merge the three versions, which 'git show :1:FILE', ':2:FILE' and "
                               "':3:FILE' print, with 'cfkv state merge BASE OURS THEIRS'");
    }
    return document_broken(s, "state", number, err);
}

static bool check_version(const struct state *s, int64_t version, struct error *err)
{
    if (version <= STATE_VERSION)
        return true;
    error_set(err, ERR_FORMAT, "state '%s' was written by a newer cfkv (format version %lld)",
              s->backend.name, (long long)version);
    return error_hint(err, "upgrade cfkv");
}

/* What was read is of the version that it was read as. */
static bool check_root(const struct document_reader *r, struct error *err)
{
    return (r->root.version >= 1 && r->root.version == r->version) ||
           error_set(err, ERR_FORMAT, "there is no format version %lld",
                     (long long)r->root.version);
}

bool document_read(struct state *s, struct bytes text, struct error *err)
{
    struct document_reader r = {
        .s = s, .version = claimed_version(text), .place = OUTSIDE, .opens = ROOT};
    struct bytes line = {0};
    size_t number = 0;
    if (!check_version(s, r.version, err))
        return false;
    if (!text_check_utf16(text, err))
        return error_wrap(err, "state '%s'", s->backend.name);
    struct json_stream *stream = json_stream_new(on_event, &r);
    bool ok = feed_lines(stream, text, &number, &line, err) && check_root(&r, err);
    json_stream_free(stream);
    buf_release(&r.text);
    buf_release(&r.canonical);
    if (!ok)
        return explain(s, number, line, err);
    s->project = r.root.project;
    s->extras = r.root.extras;
    s->version = r.version;
    memcpy(s->salt, r.root.salt, sizeof s->salt);
    s->salted = true;
    return true;
}
