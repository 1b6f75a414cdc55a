#include "document.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "image.h"

/* ---- What a document holds ------------------------------------------------------------------- */

/* The objects and the array of a document. */
enum place {
    ROOT,
    ACCOUNTS,
    ACCOUNT,
    CREATING,
    NAMESPACES,
    NAMESPACE,
    BULKS,
    BULK,
    KEYS,
    KEY,
    OUTPUTS,
    CONFIGS,
    CONFIG,
    CONFIG_ENV,
    BINDING,
    OUTSIDE
};

/* The scalars at the top. */
struct root {
    struct bytes project;
    uint8_t salt[16];
    int64_t version;
};

static const struct field root_fields[] = {
    {"project", FIELD_TEXT, offsetof(struct root, project), FIELD_NULLABLE},
    {"salt", FIELD_SALT, offsetof(struct root, salt), FIELD_REQUIRED},
    {"version", FIELD_INT, offsetof(struct root, version), FIELD_REQUIRED},
};

#define ENTRY(member) offsetof(struct state_namespace, member)

const struct field namespace_fields[] = {
    {"binding", FIELD_TEXT, ENTRY(binding), FIELD_OPTIONAL},
    {"description", FIELD_TEXT, ENTRY(description), FIELD_OPTIONAL},
    {"env", FIELD_TEXT, ENTRY(env), FIELD_OPTIONAL},
    {"id", FIELD_TEXT, ENTRY(id), FIELD_REQUIRED},
    {"on_remove", FIELD_ON_REMOVE, ENTRY(on_remove), FIELD_OPTIONAL},
    {"origin", FIELD_ORIGIN, ENTRY(origin), FIELD_REQUIRED},
    {"protect", FIELD_FLAG, ENTRY(protect), FIELD_OPTIONAL},
    {"title", FIELD_TEXT, ENTRY(title), FIELD_REQUIRED},
    {"ttl_seconds", FIELD_INT, ENTRY(ttl_seconds), FIELD_REQUIRED},
};
const size_t n_namespace_fields = sizeof namespace_fields / sizeof *namespace_fields;

static const struct field bulk_fields[] = {
    {"count", FIELD_COUNT, offsetof(struct state_bulk, count), FIELD_REQUIRED},
    {"sha256", FIELD_DIGEST, offsetof(struct state_bulk, digest), FIELD_REQUIRED},
};

static const struct field key_fields[] = {
    {"hmac", FIELD_DIGEST, offsetof(struct state_key, hmac), FIELD_REQUIRED},
    {"secret", FIELD_FLAG, offsetof(struct state_key, secret), FIELD_OPTIONAL},
    {"ttl", FIELD_INT, offsetof(struct state_key, expiration_ttl), FIELD_OPTIONAL},
};

static const struct field binding_fields[] = {
    {"id", FIELD_TEXT, offsetof(struct state_binding, id), FIELD_OPTIONAL},
    {"preview_id", FIELD_TEXT, offsetof(struct state_binding, preview_id), FIELD_OPTIONAL},
};

#define FIELDS(array) array, sizeof(array) / sizeof *(array)

/* What is in a place: scalars by table, containers by table, or members that people name. */
static const struct layout {
    enum place parent;
    const struct field *fields;
    size_t n_fields;
    enum place named; /* what each member opens that people name; OUTSIDE: they name none */
} layouts[] = {
    [ROOT] = {OUTSIDE, FIELDS(root_fields), OUTSIDE},
    [ACCOUNTS] = {ROOT, NULL, 0, ACCOUNT},
    [ACCOUNT] = {ACCOUNTS, NULL, 0, OUTSIDE},
    [CREATING] = {ACCOUNT, NULL, 0, OUTSIDE},
    [NAMESPACES] = {ACCOUNT, NULL, 0, NAMESPACE},
    [NAMESPACE] = {NAMESPACES, FIELDS(namespace_fields), OUTSIDE},
    [BULKS] = {NAMESPACE, NULL, 0, BULK},
    [BULK] = {BULKS, FIELDS(bulk_fields), OUTSIDE},
    [KEYS] = {NAMESPACE, NULL, 0, KEY},
    [KEY] = {KEYS, FIELDS(key_fields), OUTSIDE},
    [OUTPUTS] = {ROOT, NULL, 0, OUTPUTS},
    [CONFIGS] = {ROOT, NULL, 0, CONFIG},
    [CONFIG] = {CONFIGS, NULL, 0, CONFIG_ENV},
    [CONFIG_ENV] = {CONFIG, NULL, 0, BINDING},
    [BINDING] = {CONFIG_ENV, FIELDS(binding_fields), OUTSIDE},
};

static const struct container {
    enum place in;
    const char *name;
    enum place place;
} containers[] = {
    {ROOT, "accounts", ACCOUNTS},        {ROOT, "outputs", OUTPUTS},
    {ROOT, "wrangler", CONFIGS},         {ACCOUNT, "creating", CREATING},
    {ACCOUNT, "namespaces", NAMESPACES}, {NAMESPACE, "bulk", BULKS},
    {NAMESPACE, "keys", KEYS},
};

#define N_CONTAINERS (sizeof containers / sizeof *containers)

/* ---- Reading: which value comes next --------------------------------------------------------- */

struct reader {
    struct state *s;
    struct root root;
    enum place place;
    enum place opens;          /* the container that the next value must be; OUTSIDE: a scalar */
    const struct field *field; /* what the next scalar is for */
    const char *member;        /* its name, for messages */
    uint32_t seen[OUTSIDE];    /* per open place: bit i fields[i], bit 16 + i containers[i] */

    /* What is being read. */
    struct state_account *account;
    struct state_namespace *ns;
    struct state_bulk *bulk;
    struct state_key *key;
    struct bytes file, env; /* of the bindings that are being read */
    struct state_binding *binding;

    /* The value of an output, printed anew. */
    struct state_output *output;
    bool in_output;
    struct json_writer writer;
    struct buf text, canonical;
};

static bool twice(struct bytes name, const char *what, struct error *err)
{
    return error_set(err, ERR_FORMAT, "%s '%.*s' is there twice", what, BYTES_FMT(name));
}

static bool mark_seen(struct reader *r, size_t bit, const char *name, struct error *err)
{
    uint32_t mask = (uint32_t)1 << bit;
    if (r->seen[r->place] & mask)
        return twice(bytes_of(name), "member", err);
    r->seen[r->place] |= mask;
    r->member = name;
    return true;
}

/* A member whose name the format fixes. */
static bool fixed_member(struct reader *r, struct bytes name, struct error *err)
{
    const struct layout *layout = &layouts[r->place];
    size_t f = field_find(layout->fields, layout->n_fields, name);
    r->field = f == SIZE_MAX ? NULL : &layout->fields[f];
    r->opens = OUTSIDE;
    if (r->field)
        return mark_seen(r, f, r->field->name, err);
    for (size_t i = 0; i < N_CONTAINERS; i++) {
        if (containers[i].in != r->place || !bytes_equal(bytes_of(containers[i].name), name))
            continue;
        r->opens = containers[i].place;
        return mark_seen(r, 16 + i, containers[i].name, err);
    }
    return error_set(err, ERR_FORMAT, "unknown member '%.*s'", BYTES_FMT(name));
}

static bool start_account(struct reader *r, struct bytes id, struct error *err)
{
    size_t before = r->s->n_accounts;
    r->account = image_account(r->s, id);
    if (!r->account)
        return error_nomem(err);
    return r->s->n_accounts > before || twice(id, "account", err);
}

static bool start_namespace(struct reader *r, struct bytes address, struct error *err)
{
    size_t before = r->account->n;
    r->ns = image_namespace(r->s, r->account, address);
    if (!r->ns)
        return error_nomem(err);
    return r->account->n > before || twice(address, "namespace", err);
}

static bool start_bulk(struct reader *r, struct bytes source, struct error *err)
{
    size_t before = r->ns->n_bulks;
    r->bulk = image_bulk(r->s, r->ns, source);
    if (!r->bulk)
        return error_nomem(err);
    return r->ns->n_bulks > before || twice(source, "bulk source", err);
}

static bool start_key(struct reader *r, struct bytes key, struct error *err)
{
    size_t before = r->ns->n_keys;
    r->key = image_key(r->s, r->ns, key);
    if (!r->key)
        return error_nomem(err);
    return r->ns->n_keys > before || twice(key, "key", err);
}

static bool start_output(struct reader *r, struct bytes name, struct error *err)
{
    size_t before = r->s->n_outputs;
    if (memchr(name.data, '\0', name.len))
        return error_set(err, ERR_FORMAT, "the name of an output has a NUL in it");
    r->output = image_output(r->s, name);
    if (!r->output)
        return error_nomem(err);
    buf_clear(&r->text);
    r->writer = json_writer_to(&r->text, 0);
    r->in_output = true;
    return r->s->n_outputs > before || twice(name, "output", err);
}

static bool start_config(struct reader *r, struct bytes file, struct error *err)
{
    if (image_has_file(r->s, file))
        return twice(file, "file", err);
    return arena_bytes(&r->s->arena, file, &r->file) || error_nomem(err);
}

static bool start_config_env(struct reader *r, struct bytes env, struct error *err)
{
    if (image_has_env(r->s, r->file, env))
        return twice(env, "environment", err);
    return arena_bytes(&r->s->arena, env, &r->env) || error_nomem(err);
}

static bool start_binding(struct reader *r, struct bytes name, struct error *err)
{
    size_t before = r->s->n_bindings;
    r->binding = image_binding(r->s, r->file, r->env, name);
    if (!r->binding)
        return error_nomem(err);
    return r->s->n_bindings > before || twice(name, "binding", err);
}

/* What people named, for messages. */
static const char *const nouns[] = {
    [ACCOUNT] = "account",        [NAMESPACE] = "namespace",
    [BULK] = "bulk source",       [KEY] = "key",
    [OUTPUTS] = "output",         [CONFIG] = "file",
    [CONFIG_ENV] = "environment", [BINDING] = "binding",
};

/* A member that people named. */
static bool named_member(struct reader *r, struct bytes name, struct error *err)
{
    r->field = NULL;
    r->opens = layouts[r->place].named;
    r->member = nouns[r->opens];
    switch (r->opens) {
    case ACCOUNT:
        return start_account(r, name, err);
    case NAMESPACE:
        return start_namespace(r, name, err);
    case BULK:
        return start_bulk(r, name, err);
    case KEY:
        return start_key(r, name, err);
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

/* ---- Reading: outputs ------------------------------------------------------------------------ */

/* The value of an output is over when it closed what it opened. */
static bool end_output_value(struct reader *r, struct error *err)
{
    struct bytes json;
    if (r->writer.depth > 0)
        return buf_ok(&r->text, err);
    r->in_output = false;
    buf_clear(&r->canonical);
    if (!buf_ok(&r->text, err) || !json_canonical(buf_bytes(&r->text), &r->canonical, err))
        return false;
    if (!arena_bytes(&r->s->arena, buf_bytes(&r->canonical), &json))
        return error_nomem(err);
    r->output->json = json;
    return true;
}

/* ---- Reading: events ------------------------------------------------------------------------- */

static void *record_of(struct reader *r)
{
    switch (r->place) {
    case ROOT:
        return &r->root;
    case NAMESPACE:
        return r->ns;
    case BULK:
        return r->bulk;
    case BINDING:
        return r->binding;
    default:
        return r->key;
    }
}

static bool on_scalar(struct reader *r, const struct scalar *v, struct error *err)
{
    if (r->place == CREATING) {
        if (v->type != SCALAR_TEXT)
            return error_set(err, ERR_FORMAT, "'creating' must hold strings");
        return image_creating(r->s, r->account, v->text) || error_nomem(err);
    }
    if (r->field)
        return field_set(r->field, record_of(r), v, &r->s->arena, err);
    if (r->place == OUTSIDE)
        return error_set(err, ERR_FORMAT, "the document must be an object");
    return error_set(err, ERR_FORMAT, "'%s' must be %s", r->member,
                     r->opens == CREATING ? "an array" : "an object");
}

static bool on_null(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return on_scalar(r, &(struct scalar){.type = SCALAR_NULL}, err);
    json_null(&r->writer);
    return end_output_value(r, err);
}

static bool on_boolean(void *ctx, bool b, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return on_scalar(r, &(struct scalar){.type = SCALAR_FLAG, .flag = b}, err);
    json_bool(&r->writer, b);
    return end_output_value(r, err);
}

static bool on_integer(void *ctx, int64_t n, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return on_scalar(r, &(struct scalar){.type = SCALAR_INT, .n = n}, err);
    json_int(&r->writer, n);
    return end_output_value(r, err);
}

static bool on_number(void *ctx, double d, struct bytes text, struct error *err)
{
    struct reader *r = ctx;
    (void)text;
    if (!r->in_output)
        return on_scalar(r, &(struct scalar){.type = SCALAR_NUMBER}, err);
    json_double(&r->writer, d);
    return end_output_value(r, err);
}

static bool on_string(void *ctx, struct bytes s, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return on_scalar(r, &(struct scalar){.type = SCALAR_TEXT, .text = s}, err);
    json_string(&r->writer, s);
    return end_output_value(r, err);
}

static bool enter(struct reader *r, bool array, struct error *err)
{
    enum place opens = r->place == OUTSIDE ? ROOT : r->opens;
    if (r->place == CREATING)
        return error_set(err, ERR_FORMAT, "'creating' must hold strings");
    if (opens == OUTSIDE || (opens == CREATING) != array)
        return on_scalar(r, &(struct scalar){.type = SCALAR_NUMBER},
                         err); /* says what it must be */
    r->place = opens;
    r->seen[opens] = 0;
    r->opens = OUTSIDE;
    r->field = NULL;
    return true;
}

static bool on_begin_object(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return enter(r, false, err);
    json_begin_object(&r->writer);
    return buf_ok(&r->text, err);
}

static bool on_begin_array(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    if (!r->in_output)
        return enter(r, true, err);
    json_begin_array(&r->writer);
    return buf_ok(&r->text, err);
}

static bool on_key(void *ctx, struct bytes name, struct error *err)
{
    struct reader *r = ctx;
    if (r->in_output) {
        json_key_bytes(&r->writer, name);
        return buf_ok(&r->text, err);
    }
    return layouts[r->place].named == OUTSIDE ? fixed_member(r, name, err)
                                              : named_member(r, name, err);
}

/* Two entries of one id would be one namespace that two declarations fight over. */
static bool finish_namespace(struct reader *r, struct error *err)
{
    const struct state_namespace *other = image_find_id(r->account, r->ns->id);
    if (r->ns->id.len == 0)
        return error_set(err, ERR_FORMAT, "'id' is empty");
    if (other)
        return error_set(err, ERR_FORMAT, "namespaces '%.*s' and '%.*s' have the same id",
                         BYTES_FMT(other->address), BYTES_FMT(r->ns->address));
    return image_set_id(r->account, r->ns, r->ns->id) || error_nomem(err);
}

static bool on_end_object(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    if (r->in_output) {
        json_end_object(&r->writer);
        return end_output_value(r, err);
    }
    const struct layout *layout = &layouts[r->place];
    if (!field_check_all(layout->fields, layout->n_fields, r->seen[r->place], err) ||
        (r->place == NAMESPACE && !finish_namespace(r, err)))
        return false;
    r->place = layout->parent;
    return true;
}

static bool on_end_array(void *ctx, struct error *err)
{
    struct reader *r = ctx;
    if (r->in_output) {
        json_end_array(&r->writer);
        return end_output_value(r, err);
    }
    r->place = layouts[CREATING].parent;
    return true;
}

static const struct json_handlers handlers = {
    .null = on_null,
    .boolean = on_boolean,
    .integer = on_integer,
    .number = on_number,
    .string = on_string,
    .begin_object = on_begin_object,
    .key = on_key,
    .end_object = on_end_object,
    .begin_array = on_begin_array,
    .end_array = on_end_array,
};

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

static bool probe_open(void *ctx, struct error *err)
{
    (void)err;
    ((struct version_probe *)ctx)->depth++;
    return true;
}

static bool probe_close(void *ctx, struct error *err)
{
    (void)err;
    ((struct version_probe *)ctx)->depth--;
    return true;
}

static bool probe_key(void *ctx, struct bytes name, struct error *err)
{
    struct version_probe *p = ctx;
    (void)err;
    p->here = p->depth == 1 && bytes_equal(name, bytes_of("version"));
    return true;
}

static bool probe_integer(void *ctx, int64_t n, struct error *err)
{
    struct version_probe *p = ctx;
    (void)err;
    if (p->here && p->depth == 1)
        p->version = n;
    return true;
}

/* The version a document claims, 0 when it has none. What makes it unreadable may be just that it
 * is newer. */
static int64_t claimed_version(struct bytes text)
{
    static const struct json_handlers probe = {.begin_object = probe_open,
                                               .end_object = probe_close,
                                               .begin_array = probe_open,
                                               .end_array = probe_close,
                                               .key = probe_key,
                                               .integer = probe_integer};
    struct version_probe p = {0};
    struct error ignored;
    return json_parse(text, &probe, &p, &ignored) ? p.version : 0;
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
static bool explain(const struct state *s, struct bytes text, size_t number, struct bytes line,
                    struct error *err)
{
    int64_t version = err->code == ERR_FORMAT ? claimed_version(text) : 0;
    if (err->code == ERR_FORMAT && has_conflict(line)) {
        error_set(err, ERR_FORMAT, "state '%s' has a merge conflict at line %zu", s->backend.name,
                  number);
        return error_hint(err, "keep either side whole; the next apply adopts what the other made");
    }
    if (version > STATE_VERSION) {
        error_set(err, ERR_FORMAT, "state '%s' was written by a newer cfkv (format version %lld)",
                  s->backend.name, (long long)version);
        return error_hint(err, "upgrade cfkv");
    }
    return document_broken(s, "state", number, err);
}

static bool check_version(const struct reader *r, struct error *err)
{
    return r->root.version == STATE_VERSION ||
           error_set(err, ERR_FORMAT, "there is no format version %lld",
                     (long long)r->root.version);
}

bool document_read(struct state *s, struct bytes text, struct error *err)
{
    struct reader r = {.s = s, .place = OUTSIDE, .opens = ROOT};
    struct bytes line = {0};
    size_t number = 0;
    struct json_stream *stream = json_stream_new(&handlers, &r);
    bool ok = stream ? feed_lines(stream, text, &number, &line, err) && check_version(&r, err)
                     : error_nomem(err);
    json_stream_free(stream);
    buf_release(&r.text);
    buf_release(&r.canonical);
    if (!ok)
        return explain(s, text, number, line, err);
    s->project = r.root.project;
    memcpy(s->salt, r.root.salt, sizeof s->salt);
    s->salted = true;
    return true;
}

/* ---- Printing -------------------------------------------------------------------------------- */

/* Pointers to the elements of an array whose first member is the `struct bytes` to sort them by. */
struct order {
    const struct bytes **names;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return bytes_compare(**(const struct bytes *const *)a, **(const struct bytes *const *)b);
}

static bool order_make(struct order *order, const void *items, size_t n, size_t size,
                       struct error *err)
{
    *order = (struct order){.names = n > 0 ? mem_zalloc(n, sizeof *order->names) : NULL};
    if (n > 0 && !order->names)
        return error_nomem(err);
    for (size_t i = 0; i < n; i++)
        order->names[order->n++] = (const void *)((const char *)items + i * size);
    if (n > 0)
        qsort(order->names, n, sizeof *order->names, by_name);
    return true;
}

static void order_release(struct order *order)
{
    mem_free(order->names);
}

static void write_fields(struct json_writer *w, const struct field *fields, size_t n,
                         const void *record)
{
    for (size_t i = 0; i < n; i++)
        field_write(&fields[i], record, w);
}

/* `{ NAME: { fields }, … }` of records that have nothing but fields. */
static bool write_records(struct json_writer *w, const struct layout *layout, const void *items,
                          size_t n, size_t size, struct error *err)
{
    struct order order;
    if (!order_make(&order, items, n, size, err))
        return false;
    json_begin_object(w);
    for (size_t i = 0; i < order.n; i++) {
        json_key_bytes(w, *order.names[i]);
        json_begin_object(w);
        write_fields(w, layout->fields, layout->n_fields, order.names[i]);
        json_end_object(w);
    }
    json_end_object(w);
    order_release(&order);
    return true;
}

/* Fields in their order, with the two containers where they belong by name. */
static bool write_namespace(struct json_writer *w, const struct state_namespace *ns,
                            struct error *err)
{
    size_t i = 0;
    json_begin_object(w);
    field_write(&namespace_fields[i++], ns, w); /* binding */
    json_key(w, "bulk");
    if (!write_records(w, &layouts[BULK], ns->bulks, ns->n_bulks, sizeof *ns->bulks, err))
        return false;
    for (; strcmp(namespace_fields[i].name, "keys") < 0; i++)
        field_write(&namespace_fields[i], ns, w);
    json_key(w, "keys");
    if (!write_records(w, &layouts[KEY], ns->keys, ns->n_keys, sizeof *ns->keys, err))
        return false;
    write_fields(w, namespace_fields + i, n_namespace_fields - i, ns);
    json_end_object(w);
    return true;
}

static bool write_creating(struct json_writer *w, const struct state_account *a, struct error *err)
{
    struct order order;
    if (a->n_creating == 0)
        return true;
    if (!order_make(&order, a->creating, a->n_creating, sizeof *a->creating, err))
        return false;
    json_key(w, "creating");
    json_begin_array(w);
    for (size_t i = 0; i < order.n; i++)
        json_string(w, *order.names[i]);
    json_end_array(w);
    order_release(&order);
    return true;
}

static bool write_namespaces(struct json_writer *w, const struct state_account *a,
                             struct error *err)
{
    struct order order;
    bool ok = true;
    if (!order_make(&order, a->namespaces, a->n, sizeof *a->namespaces, err))
        return false;
    json_key(w, "namespaces");
    json_begin_object(w);
    for (size_t i = 0; ok && i < order.n; i++) {
        const struct state_namespace *ns = (const void *)order.names[i];
        if (ns->removed)
            continue;
        json_key_bytes(w, ns->address);
        ok = write_namespace(w, ns, err);
    }
    order_release(&order);
    if (ok)
        json_end_object(w);
    return ok;
}

/* A section in which nothing is left is not printed. */
static bool is_empty(const struct state_account *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (!a->namespaces[i].removed)
            return false;
    return a->n_creating == 0;
}

static bool write_accounts(struct json_writer *w, const struct state *s, struct error *err)
{
    struct order order;
    bool ok = true;
    if (!order_make(&order, s->accounts, s->n_accounts, sizeof *s->accounts, err))
        return false;
    json_key(w, "accounts");
    json_begin_object(w);
    for (size_t i = 0; ok && i < order.n; i++) {
        const struct state_account *a = (const void *)order.names[i];
        if (is_empty(a))
            continue;
        json_key_bytes(w, a->id);
        json_begin_object(w);
        ok = write_creating(w, a, err) && write_namespaces(w, a, err);
        if (ok)
            json_end_object(w);
    }
    order_release(&order);
    if (ok)
        json_end_object(w);
    return ok;
}

static void write_outputs(struct json_writer *w, const struct state *s)
{
    json_key(w, "outputs");
    json_begin_object(w);
    for (size_t i = 0; i < s->n_outputs; i++) {
        json_key(w, s->outputs[i].name);
        json_raw(w, s->outputs[i].json);
    }
    json_end_object(w);
}

/* Bindings are sorted: those of a file stand together, and in it those of an environment. */
static void write_bindings(struct json_writer *w, const struct state *s)
{
    const struct state_binding *last = NULL;
    if (s->n_bindings == 0)
        return;
    json_key(w, "wrangler");
    json_begin_object(w);
    for (const struct state_binding *b = s->bindings; b < s->bindings + s->n_bindings; last = b++) {
        bool same_file = last && bytes_equal(b->file, last->file);
        bool same_env = same_file && bytes_equal(b->env, last->env);
        if (last && !same_env)
            json_end_object(w);
        if (last && !same_file)
            json_end_object(w);
        if (!same_file) {
            json_key_bytes(w, b->file);
            json_begin_object(w);
        }
        if (!same_env) {
            json_key_bytes(w, b->env);
            json_begin_object(w);
        }
        json_key_bytes(w, b->binding);
        json_begin_object(w);
        write_fields(w, FIELDS(binding_fields), b);
        json_end_object(w);
    }
    json_end_object(w); /* the environment */
    json_end_object(w); /* the file */
    json_end_object(w);
}

bool state_print(const struct state *s, struct buf *out, struct error *err)
{
    struct json_writer w = json_writer_to(out, 2);
    struct root root = {.project = s->project, .version = STATE_VERSION};
    memcpy(root.salt, s->salt, sizeof root.salt);
    json_begin_object(&w);
    if (!write_accounts(&w, s, err))
        return false;
    write_outputs(&w, s);
    write_fields(&w, root_fields, layouts[ROOT].n_fields, &root);
    write_bindings(&w, s);
    json_end_object(&w);
    buf_add_char(out, '\n');
    return buf_ok(out, err);
}
