#include "envelope.h"

#include <string.h>

#include "base/hash.h"
#include "base/mem.h"

/* ---- Making ---------------------------------------------------------------------------------- */

static bool random_bytes(void *out, size_t n, struct error *err)
{
    return hash_random(out, n) || error_set(err, ERR_IO, "the kernel gives no random bytes");
}

static void to_hex(const uint8_t *from, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[from[i] >> 4];
        out[2 * i + 1] = digits[from[i] & 15];
    }
    out[2 * n] = '\0';
}

bool envelope_uuid(char out[37], struct error *err)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    uint8_t id[16];
    const uint8_t *from = id;
    if (!random_bytes(id, sizeof id, err))
        return false;
    id[6] = (uint8_t)((id[6] & 0x0F) | 0x40);
    id[8] = (uint8_t)((id[8] & 0x3F) | 0x80);
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        to_hex(from, groups[i], out);
        from += groups[i];
        out += 2 * groups[i];
        *out++ = '-';
    }
    out[-1] = '\0';
    return true;
}

bool envelope_make(struct envelope *e, struct error *err)
{
    *e = (struct envelope){0};
    return envelope_uuid(e->lineage, err);
}

bool envelope_nonce(char out[ENVELOPE_NONCE_SIZE], struct error *err)
{
    uint8_t nonce[(ENVELOPE_NONCE_SIZE - 1) / 2];
    if (!random_bytes(nonce, sizeof nonce, err))
        return false;
    to_hex(nonce, sizeof nonce, out);
    return true;
}

static void add_past(struct envelope *e, const char *nonce)
{
    if (e->n_past == ENVELOPE_PAST)
        memmove(e->past, e->past + 1, --e->n_past * sizeof *e->past);
    memcpy(e->past[e->n_past++], nonce, strlen(nonce) + 1);
}

bool envelope_renew(struct envelope *e, struct error *err)
{
    char nonce[ENVELOPE_NONCE_SIZE];
    if (!envelope_nonce(nonce, err))
        return false;
    if (e->nonce[0])
        add_past(e, e->nonce);
    memcpy(e->nonce, nonce, sizeof nonce);
    e->serial++;
    return true;
}

bool envelope_follows(const struct envelope *e, const char *nonce)
{
    bool found = *nonce && strcmp(e->nonce, nonce) == 0;
    for (size_t i = 0; *nonce && !found && i < e->n_past; i++)
        found = strcmp(e->past[i], nonce) == 0;
    return found;
}

static struct bytes without_newline(struct bytes text)
{
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.len--;
    return text;
}

/* The old one is not kept: each checkpoint of a large state sets a new one. */
void envelope_set_state(struct envelope *e, struct bytes document)
{
    struct bytes state = without_newline(document);
    struct buf copy = {0};
    buf_add_bytes(&copy, state);
    buf_release(&e->held);
    e->held = copy;
    e->state = state.len > 0 ? buf_bytes(&e->held) : bytes_make(NULL, 0);
}

void envelope_set_service(struct envelope *e, struct bytes json)
{
    e->service = arena_keep(&e->arena, json);
}

void envelope_release(struct envelope *e)
{
    buf_release(&e->text);
    buf_release(&e->held);
    arena_release(&e->arena);
    *e = (struct envelope){0};
}

/* ---- Printing -------------------------------------------------------------------------------- */

static void write_lease(const struct envelope *e, struct json_writer *w)
{
    json_key(w, "lease");
    if (e->leased)
        lease_write(&e->lease, w);
    else
        json_null(w);
}

static void write_raw(struct json_writer *w, const char *name, struct bytes json)
{
    json_key(w, name);
    if (json.data)
        json_raw(w, json);
    else
        json_null(w);
}

static void write_past(const struct envelope *e, struct json_writer *w)
{
    json_field_array(w, "past");
    for (size_t i = 0; i < e->n_past; i++)
        json_str(w, e->past[i]);
    json_end_array(w);
}

static void write_others(const struct envelope *e, struct json_writer *w)
{
    for (size_t i = 0; i < e->n_others; i++) {
        json_key_bytes(w, e->others[i].name);
        json_raw(w, e->others[i].json);
    }
}

void envelope_print(const struct envelope *e, struct buf *out)
{
    struct json_writer w = json_writer_to(out, 2);
    struct json_sort sort;
    json_begin_object(&w);
    json_sort_begin(&w, &sort);
    json_field_int(&w, "cfkv_state", ENVELOPE_VERSION);
    write_lease(e, &w);
    json_field_str(&w, "lineage", e->lineage);
    if (e->moved_to)
        json_field_str(&w, "moved_to", e->moved_to);
    json_field_str(&w, "nonce", e->nonce);
    write_past(e, &w);
    json_field_int(&w, "serial", e->serial);
    if (e->service.data)
        write_raw(&w, "service", e->service);
    write_raw(&w, "state", e->state);
    if (e->writer[0])
        json_field_str(&w, "writer", e->writer);
    write_others(e, &w);
    json_sort_end(&w, &sort);
    json_end_object(&w);
    buf_add_char(out, '\n');
}

void envelope_print_state(const struct envelope *e, struct buf *out)
{
    buf_add_bytes(out, e->state);
    if (e->state.data)
        buf_add_char(out, '\n');
}

/* ---- Reading: what lies at the top of a document, by its bytes ------------------------------- */

/* Walks a document of any size and keeps where its members stand. */
struct walk {
    struct json_stream *stream;
    struct bytes text;
    struct arena *arena;
    int depth;
    bool is_object;
    struct bytes name; /* of the member that is being read */
    uint64_t name_end;
    struct envelope_member *members;
    size_t n, cap;
};

static bool starts_container(enum json_type type)
{
    return type == JSON_BEGIN_OBJECT || type == JSON_BEGIN_ARRAY;
}

static bool ends_container(enum json_type type)
{
    return type == JSON_END_OBJECT || type == JSON_END_ARRAY;
}

/* The bytes from behind the colon to `end`. */
static struct bytes value_before(const struct walk *w, uint64_t end)
{
    const char *from = w->text.data + w->name_end, *to = w->text.data + end;
    while (from < to && strchr(" \t\r\n:", *from))
        from++;
    return bytes_make(from, (size_t)(to - from));
}

static bool keep_member(struct walk *w, struct bytes json, struct error *err)
{
    for (size_t i = 0; i < w->n; i++)
        if (bytes_equal(w->members[i].name, w->name))
            return error_set(err, ERR_FORMAT, "member '%.*s' is there twice", BYTES_FMT(w->name));
    arena_grow(w->arena, (void **)&w->members, &w->cap, w->n + 1, sizeof *w->members);
    w->members[w->n++] = (struct envelope_member){w->name, json};
    return true;
}

static bool walk_event(void *ctx, const struct json_event *e, struct error *err)
{
    struct walk *w = ctx;
    if (e->type == JSON_KEY) {
        if (w->depth == 1) {
            w->name = arena_copy(w->arena, e->text);
            w->name_end = json_stream_offset(w->stream);
        }
        return true;
    }
    if (ends_container(e->type))
        w->depth--;
    if (w->depth == 0 && e->type == JSON_BEGIN_OBJECT)
        w->is_object = true;
    else if (w->depth == 1 && w->is_object && !starts_container(e->type) &&
             !keep_member(w, value_before(w, json_stream_offset(w->stream)), err))
        return false;
    if (starts_container(e->type))
        w->depth++;
    return true;
}

#define MEMBERS_MAX 64 /* at the top of a document; more is none of ours */

static bool walk_text(struct walk *w, struct error *err)
{
    w->stream = json_stream_new(walk_event, w);
    bool ok = json_stream_feed(w->stream, w->text, err) && json_stream_end(w->stream, err);
    json_stream_free(w->stream);
    return ok && (w->n <= MEMBERS_MAX ||
                  error_set(err, ERR_FORMAT, "it has more than %d members", MEMBERS_MAX));
}

static struct bytes member(const struct walk *w, const char *name)
{
    for (size_t i = 0; i < w->n; i++)
        if (bytes_equal(w->members[i].name, bytes_of(name)))
            return w->members[i].json;
    return bytes_make(NULL, 0);
}

/* ---- Reading: what is no envelope ------------------------------------------------------------ */

static bool refuse(const char *name, struct error *err, const char *what)
{
    return error_set(err, ERR_FORMAT, "%s %s", name, what);
}

static bool refuse_empty(const char *name, struct error *err)
{
    refuse(name, err, "is empty, which no state is");
    return error_hint(err, "bring back an earlier version of it; only if there is none, remove it: "
                           "everything declared is then adopted or created");
}

static bool refuse_page(const char *name, struct error *err)
{
    refuse(name, err, "answers with a page (HTML), not with a state");
    return error_hint(err, "look at the address: a login page or a proxy may stand before it");
}

static bool refuse_json(const struct walk *w, const char *name, struct error *err)
{
    if (member(w, "terraform_version").data) {
        refuse(name, err, "holds a state of Terraform's");
        return error_hint(err, "name another address for cfkv's: one may not write over the other; "
                               "'cfkv import --from terraform' reads what Terraform has");
    }
    if (member(w, "accounts").data && member(w, "version").data) {
        refuse(name, err, "holds a state of cfkv as it lies in a file, without its envelope");
        return error_hint(err, "move that document away, then put it there again with 'cfkv state "
                               "push FILE'");
    }
    refuse(name, err, "holds something else than a state of cfkv");
    return error_hint(err, "name another address: nothing there is written over");
}

static bool damaged(const char *name, struct error *err)
{
    error_wrap(err, "%s is damaged", name);
    return error_hint(err, "bring back an earlier version of it: the service may have kept one");
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool wrong(const char *name, const char *wanted, struct error *err)
{
    return error_set(err, ERR_FORMAT, "member '%s' is not %s", name, wanted);
}

/* Small members are read as trees. */
static bool read_int(const struct walk *w, const char *name, int64_t *out, struct error *err)
{
    struct bytes json = member(w, name);
    struct error ignored;
    struct json *v = json.data && json.len < 32 ? json_doc_parse(json, &ignored) : NULL;
    bool ok = json_as_int(v, out) && *out >= 0;
    json_doc_free(v);
    return ok || wrong(name, "a number from 0 on", err);
}

static bool read_text(const struct walk *w, const char *name, char *out, size_t size,
                      struct error *err)
{
    struct bytes json = member(w, name);
    struct error ignored;
    const char *text = NULL;
    struct json *v = json.data && json.len < 4096 ? json_doc_parse(json, &ignored) : NULL;
    bool ok = json_as_str(v, &text) && *text && strlen(text) < size;
    if (ok)
        memcpy(out, text, strlen(text) + 1);
    json_doc_free(v);
    return ok || wrong(name, "the text that belongs there", err);
}

/* One that was never written has none yet: such a one lies only on our own disk (remote_kept.h). */
static bool read_nonce(const struct walk *w, struct envelope *e, struct error *err)
{
    return (e->serial == 0 && bytes_equal(member(w, "nonce"), bytes_of("\"\""))) ||
           read_text(w, "nonce", e->nonce, sizeof e->nonce, err);
}

static bool is_null(struct bytes json)
{
    return !json.data || bytes_equal(json, bytes_of("null"));
}

/* A lease that makes no sense is somebody's: it keeps writers away until `cfkv state unlock`, and
 * is no reason to lose the state beside it. */
static void read_lease(const struct walk *w, struct envelope *e)
{
    struct bytes json = member(w, "lease");
    struct error why;
    if (is_null(json))
        return;
    struct json *v = json_doc_parse(json, &why);
    if (!v || !lease_read(v, &e->lease, &why))
        e->lease = (struct lease){0};
    json_doc_free(v);
    e->leased = true;
}

static bool read_moved(const struct walk *w, struct envelope *e, struct error *err)
{
    char to[2048];
    if (is_null(member(w, "moved_to")))
        return true;
    if (!read_text(w, "moved_to", to, sizeof to, err))
        return false;
    e->moved_to = arena_str(&e->arena, to);
    return true;
}

static bool read_past(const struct walk *w, struct envelope *e, struct error *err)
{
    struct bytes json = member(w, "past");
    const char *nonce;
    if (is_null(json))
        return true;
    struct json *v = json_doc_parse(json, err);
    bool ok = v && (json_is_array(v) || wrong("past", "an array", err));
    for (const struct json *i = ok ? json_first(v) : NULL; i && ok; i = json_next(i)) {
        ok = (json_as_str(i, &nonce) && strlen(nonce) < ENVELOPE_NONCE_SIZE) ||
             wrong("past", "an array of nonces", err);
        if (ok)
            add_past(e, nonce);
    }
    json_doc_free(v);
    return ok;
}

/* An object, or null. */
static bool read_object(const struct walk *w, const char *name, struct bytes *out,
                        struct error *err)
{
    struct bytes json = member(w, name);
    if (is_null(json))
        return true;
    *out = json;
    return json.data[0] == '{' || wrong(name, "an object", err);
}

static bool is_known(struct bytes name)
{
    static const char *const known[] = {"cfkv_state", "lease",  "lineage", "moved_to", "nonce",
                                        "past",       "serial", "service", "state",    "writer"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (bytes_equal(name, bytes_of(known[i])))
            return true;
    return false;
}

static void keep_others(const struct walk *w, struct envelope *e)
{
    for (size_t i = 0; i < w->n; i++) {
        if (is_known(w->members[i].name))
            continue;
        arena_grow(&e->arena, (void **)&e->others, &e->cap_others, e->n_others + 1,
                   sizeof *e->others);
        e->others[e->n_others++] = w->members[i];
    }
}

static bool check_version(const struct walk *w, const char *name, struct error *err)
{
    int64_t version;
    if (!read_int(w, "cfkv_state", &version, err))
        return damaged(name, err);
    if (version == ENVELOPE_VERSION)
        return true;
    error_set(err, ERR_FORMAT, "%s is of envelope version %lld, and this cfkv reads version %d",
              name, (long long)version, ENVELOPE_VERSION);
    return error_hint(err, "use a newer cfkv");
}

static bool read_members(const struct walk *w, struct envelope *e, const char *name,
                         struct error *err)
{
    keep_others(w, e);
    read_lease(w, e);
    return (read_text(w, "lineage", e->lineage, sizeof e->lineage, err) &&
            read_int(w, "serial", &e->serial, err) && read_nonce(w, e, err) &&
            read_moved(w, e, err) && read_past(w, e, err) &&
            (is_null(member(w, "writer")) ||
             read_text(w, "writer", e->writer, sizeof e->writer, err)) &&
            read_object(w, "service", &e->service, err) &&
            read_object(w, "state", &e->state, err)) ||
           damaged(name, err);
}

static char first_letter(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.data[i]) || !text.data[i])
            return text.data[i];
    return '\0';
}

static bool read_envelope(struct envelope *e, const char *name, struct error *err)
{
    struct walk w = {.text = buf_bytes(&e->text), .arena = &e->arena};
    char first = first_letter(w.text);
    if (w.text.len == 0)
        return refuse_empty(name, err);
    if (first == '<')
        return refuse_page(name, err);
    if (!walk_text(&w, err))
        return damaged(name, err);
    if (!member(&w, "cfkv_state").data)
        return refuse_json(&w, name, err);
    return check_version(&w, name, err) && read_members(&w, e, name, err);
}

bool envelope_read(struct envelope *e, struct buf *text, const char *name, struct error *err)
{
    *e = (struct envelope){.text = *text};
    *text = (struct buf){0};
    if (read_envelope(e, name, err))
        return true;
    envelope_release(e);
    return false;
}
