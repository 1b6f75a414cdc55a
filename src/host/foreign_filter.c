#include "foreign_filter.h"

#include "base/mem.h"
#include "base/text.h"

/* What the value of a member may be. */
enum member { OTHER, NAMING, RECORDS, BLOCKS, LISTED_BLOCKS };

/* A container that is open. */
struct level {
    bool object;
    bool records;       /* an array of records */
    bool record;        /* an element of one */
    bool concerns;      /* a record that is kept, as far as is known */
    bool placed;        /* its line is told, though it is no record */
    int places;         /* how many levels below objects are */
    enum member member; /* of an object: the one whose value is due */
    int line;
};

/* Where to go back to when something is left out. */
struct mark {
    struct json_writer writer;
    size_t at;
};

struct foreign_filter {
    struct buf *out;
    struct json_writer w;
    struct level levels[FOREIGN_MAX_DEPTH];
    struct mark
        marks[FOREIGN_MAX_DEPTH + 1]; /* of records by their level; the last is the value's */
    int depth;
    int dropping; /* the level of a record that is too large to wait for its end, and 1 */
    bool whole, concerns;
    struct bytes name; /* NAMING: which one */
    uint64_t skipped;
    int line;
};

#define VALUE FOREIGN_MAX_DEPTH /* its mark */

struct foreign_filter *foreign_filter_new(struct buf *out)
{
    struct foreign_filter *f = mem_zalloc(1, sizeof *f);
    f->out = out;
    f->w = json_writer_to(out, 0);
    return f;
}

void foreign_filter_free(struct foreign_filter *f)
{
    mem_free(f);
}

struct json_writer *foreign_filter_writer(struct foreign_filter *f)
{
    return &f->w;
}

bool foreign_filter_kept(const struct foreign_filter *f)
{
    return f->whole || f->concerns;
}

uint64_t foreign_filter_skipped(const struct foreign_filter *f)
{
    return f->skipped;
}

int foreign_filter_line(const struct foreign_filter *f)
{
    return f->line;
}

/* ---- What concerns us ------------------------------------------------------------------------ */

static const char *const naming[] = {"type", "apiVersion", "kind", "urn"};
static const char *const listing[] = {"resources", "resource_changes", "resource_drift", "items"};

static bool begins_folded(struct bytes text, const char *word)
{
    size_t n = strlen(word), i = 0;
    if (text.len < n)
        return false;
    for (; i < n; i++) {
        char c = text.data[i];
        if ((c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c) != word[i])
            return false;
    }
    return true;
}

bool foreign_concerns(struct bytes member, struct bytes text)
{
    static const char *const words[] = {"cloudflare", "flare.dev", "k1c.io", "planton", "openmcf"};
    if (bytes_equal(member, bytes_of("type")) &&
        (bytes_starts_with(text, bytes_of("pulumi:")) || bytes_starts_with(text, bytes_of("sst:"))))
        return true;
    for (size_t i = 0; i < text.len; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (begins_folded(bytes_make(text.data + i, text.len - i), words[k]))
                return true;
    return false;
}

static enum member member_of(struct foreign_filter *f, struct bytes name)
{
    if (name.len < strlen("urn") || name.len > strlen("resource_changes"))
        return OTHER;
    for (size_t i = 0; i < sizeof naming / sizeof *naming; i++)
        if (bytes_equal(name, bytes_of(naming[i]))) {
            f->name = bytes_of(naming[i]);
            return NAMING;
        }
    for (size_t i = 0; i < sizeof listing / sizeof *listing; i++)
        if (bytes_equal(name, bytes_of(listing[i])))
            return RECORDS;
    if (f->depth == 1 && bytes_equal(name, bytes_of("resource")))
        return BLOCKS;
    if (f->depth == 1 && bytes_equal(name, bytes_of("import")))
        return LISTED_BLOCKS;
    return OTHER;
}

/* The value of such a member: of a record it decides about that; a value is searched as a whole. */
static void look(struct foreign_filter *f, struct bytes text)
{
    struct level *l = &f->levels[f->depth - 1];
    if ((l->record || !f->whole) && foreign_concerns(f->name, text)) {
        f->concerns = true;
        l->concerns = true;
    }
}

/* ---- What is written ------------------------------------------------------------------------- */

static struct mark mark(const struct foreign_filter *f)
{
    return (struct mark){f->w, f->out->len};
}

static void go_back(struct foreign_filter *f, const struct mark *m)
{
    f->w = m->writer;
    f->out->len = m->at;
}

static bool fail_size(struct foreign_filter *f, int line, const char *what, struct error *err)
{
    f->line = line;
    error_set(err, ERR_LIMIT, "%s", what);
    return error_hint(err, "export less at once: the resources of Workers KV alone");
}

_Static_assert(FOREIGN_RECORD_MAX >> 20 == 32 && FOREIGN_KEPT_MAX >> 20 == 128 &&
                   FOREIGN_MAX_DEPTH == 60,
               "the messages say so");

/* What is beyond a limit: a record that may yet prove foreign is dropped, and the end tells. */
static bool check_size(struct foreign_filter *f, struct error *err)
{
    if (f->dropping)
        return true;
    for (int i = 0; i < f->depth; i++) {
        const struct level *l = &f->levels[i];
        if (!l->record || f->out->len - f->marks[i].at <= FOREIGN_RECORD_MAX)
            continue;
        if (l->concerns)
            return fail_size(f, l->line, "one resource is larger than 32 MiB", err);
        go_back(f, &f->marks[i]);
        f->dropping = i + 1;
        return true;
    }
    if (f->out->len <= FOREIGN_KEPT_MAX)
        return true;
    return fail_size(f, f->depth ? f->levels[0].line : 0,
                     "what is to be read of it is more than 128 MiB", err);
}

/* A record is over. */
static bool end_record(struct foreign_filter *f, const struct level *l, struct error *err)
{
    bool dropped = f->dropping == f->depth + 1;
    if (dropped)
        f->dropping = 0;
    if (l->concerns && dropped)
        return fail_size(f, l->line, "one resource is larger than 32 MiB", err);
    if (!l->concerns) {
        f->skipped++;
        if (!f->dropping && !dropped)
            go_back(f, &f->marks[f->depth]);
        return true;
    }
    for (int i = 0; i < f->depth; i++)
        f->levels[i].concerns = true; /* what holds it */
    return true;
}

/* ---- Events ---------------------------------------------------------------------------------- */

void foreign_filter_begin(struct foreign_filter *f, bool whole)
{
    f->whole = whole;
    f->concerns = false;
    f->skipped = 0;
    f->depth = f->dropping = f->line = 0;
    f->marks[VALUE] = mark(f);
}

/* The blocks of a configuration in Terraform's JSON: {"resource": {TYPE: {NAME: …}}, "import":
 * […]}. */
static int places_below(const struct level *above, bool object)
{
    if (above->places > 1)
        return object ? above->places - 1 : 0;
    if (above->member == BLOCKS)
        return object ? 2 : 0;
    return above->member == LISTED_BLOCKS && !object ? 1 : 0;
}

static bool begin(struct foreign_filter *f, const struct json_event *e, int line, struct error *err)
{
    bool object = e->type == JSON_BEGIN_OBJECT;
    const struct level *above = f->depth ? &f->levels[f->depth - 1] : NULL;
    if (f->depth == FOREIGN_MAX_DEPTH)
        return error_set(err, ERR_FORMAT, "more than 60 levels deep") ||
               error_hint(err, "nothing of Workers KV lies so deep: export its resources alone");
    struct level l = {.object = object, .line = line};
    l.records = !object && above && above->object && above->member == RECORDS;
    l.record = object && above && above->records;
    l.placed = object && above && above->places == 1;
    l.places = above ? places_below(above, object) : 0;
    if (l.record)
        f->marks[f->depth] = mark(f);
    f->levels[f->depth++] = l;
    if (!f->dropping)
        json_write_event(&f->w, e);
    return true;
}

static bool end(struct foreign_filter *f, const struct json_event *e, struct error *err)
{
    struct level l = f->levels[--f->depth];
    if (!f->dropping) {
        if ((l.record && l.concerns) || (l.placed && !l.record))
            json_field_int(&f->w, "@line", l.line);
        json_write_event(&f->w, e);
    }
    return !l.record || end_record(f, &l, err);
}

static bool name(struct foreign_filter *f, const struct json_event *e, struct error *err)
{
    struct level *l = &f->levels[f->depth - 1];
    if ((l->record || l->placed) && bytes_equal(e->text, bytes_of("@line"))) {
        error_set(err, ERR_FORMAT, "a resource has a member '@line'");
        return error_hint(err, "no tool writes it: remove it");
    }
    l->member = member_of(f, e->text);
    if (!f->dropping)
        json_write_event(&f->w, e);
    return true;
}

bool foreign_filter_event(struct foreign_filter *f, const struct json_event *e, int line,
                          struct error *err)
{
    bool ok = true;
    f->line = 0;
    switch (e->type) {
    case JSON_BEGIN_OBJECT:
    case JSON_BEGIN_ARRAY:
        ok = begin(f, e, line, err);
        break;
    case JSON_END_OBJECT:
    case JSON_END_ARRAY:
        ok = end(f, e, err);
        break;
    case JSON_KEY:
        ok = name(f, e, err);
        break;
    default:
        if (e->type == JSON_STRING && f->depth && f->levels[f->depth - 1].object &&
            f->levels[f->depth - 1].member == NAMING)
            look(f, e->text);
        if (!f->dropping)
            json_write_event(&f->w, e);
        break;
    }
    if (!ok || !check_size(f, err))
        return false;
    if (f->depth == 0 && !foreign_filter_kept(f))
        go_back(f, &f->marks[VALUE]);
    return true;
}
