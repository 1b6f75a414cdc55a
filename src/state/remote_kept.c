#define _GNU_SOURCE 1 /* memmem */
#include "remote_kept.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "change.h"
#include "merge.h"
#include "state_file.h"

/* ---- The files ------------------------------------------------------------------------------- */

bool remote_kept_open(struct remote_kept *k, const char *folder, const char *name,
                      struct error *err)
{
    *k = (struct remote_kept){.name = name};
    if (!folder)
        return true;
    k->folder = arena_str(&k->arena, folder);
    k->base = path_join(&k->arena, k->folder, "base.json");
    k->journal = arena_printf(&k->arena, "%s.journal", k->base);
    if (!state_file_backend(k->base, &k->files, err))
        return false;
    k->begun = file_exists(k->base);
    return true;
}

void remote_kept_close(struct remote_kept *k)
{
    if (k->files.close)
        k->files.close(k->files.ctx);
    arena_release(&k->arena);
    *k = (struct remote_kept){0};
}

static bool save_base(struct remote_kept *k, const struct envelope *base, struct error *err)
{
    struct buf text = {0};
    envelope_print(base, &text);
    bool ok = k->files.save(k->files.ctx, buf_bytes(&text), err);
    buf_release(&text);
    k->begun = k->begun || ok;
    return ok;
}

/* Lines without a base, of a run that was killed while it cleared up, are of no run that is owed
 * anything. */
bool remote_kept_begin(struct remote_kept *k, const struct envelope *base, struct error *err)
{
    if (k->begun)
        return true;
    if (unlink(k->journal) == 0 && !file_sync_parent(k->journal, err))
        return false;
    return save_base(k, base, err);
}

bool remote_kept_append(struct remote_kept *k, struct bytes lines, struct error *err)
{
    return k->files.append(k->files.ctx, lines, err);
}

static void mark_line(const char *nonce, struct buf *line)
{
    change_print(&(struct change){.op = OP_FOLDED, .digest = hash_sha256(bytes_of(nonce))}, line);
}

bool remote_kept_mark(struct remote_kept *k, const char *nonce, struct error *err)
{
    struct buf line = {0};
    mark_line(nonce, &line);
    bool ok = remote_kept_append(k, buf_bytes(&line), err);
    buf_release(&line);
    return ok;
}

bool remote_kept_pushed(struct remote_kept *k, const struct envelope *now, struct error *err)
{
    return save_base(k, now, err);
}

/* The lines first: a base without lines owes nothing. */
bool remote_kept_drop(struct remote_kept *k, struct error *err)
{
    if (!k->begun)
        return true;
    k->files.close(k->files.ctx);
    k->files = (struct state_backend){0};
    if ((unlink(k->journal) != 0 && file_exists(k->journal)) || !file_sync_parent(k->base, err) ||
        (unlink(k->base) != 0 && file_exists(k->base)))
        return error_set(err, ERR_IO, "cannot clear what was kept of %s in %s", k->name, k->folder);
    k->begun = false;
    return state_file_backend(k->base, &k->files, err);
}

/* ---- Putting together ------------------------------------------------------------------------ */

struct texts {
    struct bytes document, journal;
};

static bool load_texts(void *ctx, struct buf *document, struct buf *journal, struct error *err)
{
    const struct texts *t = ctx;
    (void)err;
    buf_add_bytes(document, t->document);
    buf_add_bytes(journal, t->journal);
    return true;
}

/* The document with these lines done on it. */
static bool replay(const char *name, struct bytes document, struct bytes journal, struct buf *out,
                   struct error *err)
{
    struct texts texts = {document, journal};
    struct state s;
    struct state_backend backend = {.ctx = &texts, .name = name, .load = load_texts};
    if (!state_open(&s, backend, bytes_of(""), err))
        return false;
    state_print(&s, out);
    state_close(&s);
    return true;
}

/* Where the lines begin that are not in the write of that nonce; 0: it is none of ours. */
static size_t end_of_write(struct bytes journal, const char *nonce)
{
    struct buf line = {0};
    size_t end = 0;
    mark_line(nonce, &line);
    const char *at = journal.data, *last = journal.data + journal.len;
    while (*nonce && at && at < last &&
           (at = memmem(at, (size_t)(last - at), line.data, line.len))) {
        if (at == journal.data || at[-1] == '\n')
            end = (size_t)(at - journal.data) + line.len;
        at += line.len;
    }
    buf_release(&line);
    return end;
}

struct joining {
    struct remote_kept *k;
    const struct envelope *there;
    struct envelope base;
    struct buf before, now; /* the state of `base`, that which stands there; */
    struct bytes journal;   /* since `base` */
    size_t written;         /* lines of ours that are in `now` */
    bool last;              /* and nothing else was written since */
};

static void find_written(struct joining *j)
{
    const struct envelope *e = j->there;
    j->written = end_of_write(j->journal, e->nonce);
    j->last = j->written > 0 || strcmp(e->nonce, j->base.nonce) == 0;
    for (size_t i = 0; i < e->n_past; i++) {
        size_t end = end_of_write(j->journal, e->past[i]);
        j->written = end > j->written ? end : j->written;
    }
}

static bool fail_contradictions(const struct joining *j, const struct state_merge *m,
                                struct error *err)
{
    const char *first = m->conflicts.data ? m->conflicts.data : "";
    error_set(
        err, ERR_GUARD,
        "what an earlier run did is kept here, and contradicts what others wrote to %s since, "
        "in %zu place%s: %.*s",
        j->k->name, m->n_conflicts, m->n_conflicts == 1 ? "" : "s", (int)strcspn(first, "\n"),
        first);
    return error_hint(err,
                      "nothing was changed. It is in %s: when what stands in the state is right, "
                      "remove that folder; what the run made is then adopted or shown by a plan",
                      j->k->folder);
}

/* What both did since they last knew the same. */
static bool merge(struct joining *j, struct buf *out, struct error *err)
{
    struct buf common = {0}, ours = {0};
    struct state_merge m = {0};
    struct bytes before = buf_bytes(&j->before);
    const char *name = j->k->name;
    bool ok = replay(name, before, j->journal, &ours, err);
    if (ok && j->written > 0)
        ok = replay(name, before, bytes_make(j->journal.data, j->written), &common, err);
    else if (ok)
        buf_add_bytes(&common, before);
    ok = ok && state_merge(&(struct state_text){name, buf_bytes(&common)},
                           &(struct state_text){"what is kept here", buf_bytes(&ours)},
                           &(struct state_text){name, buf_bytes(&j->now)}, &m, err);
    if (ok && m.n_conflicts > 0)
        ok = fail_contradictions(j, &m, err);
    if (ok)
        buf_add_bytes(out, buf_bytes(&m.out));
    state_merge_release(&m);
    buf_release(&common);
    buf_release(&ours);
    return ok;
}

static bool fail_other(const struct joining *j, bool exists, struct error *err)
{
    if (exists)
        error_set(err, ERR_GUARD,
                  "what an earlier run did is kept here, and %s holds another state now than the "
                  "one that it began with",
                  j->k->name);
    else
        error_set(err, ERR_GUARD,
                  "what an earlier run did is kept here, and %s, which it began with, is gone",
                  j->k->name);
    return error_hint(err,
                      "bring the earlier one back; or, when what stands there is right, remove "
                      "%s: what the run made is then adopted or shown by a plan",
                      j->k->folder);
}

static bool join(struct joining *j, bool exists, struct buf *document, struct error *err)
{
    bool same = exists && strcmp(j->there->lineage, j->base.lineage) == 0;
    bool began = j->base.serial == 0; /* nothing stood there */
    if (!same && !began)
        return fail_other(j, exists, err);
    if (same)
        find_written(j);
    bool fits = !exists || j->last || j->now.len == 0;
    struct bytes left = bytes_make(j->journal.data + j->written, j->journal.len - j->written);
    return fits ? replay(j->k->name, buf_bytes(&j->now), left, document, err)
                : merge(j, document, err);
}

/* Whether anything but marks is in the journal. */
static bool has_lines(struct bytes journal)
{
    struct buf mark = {0};
    bool any = false;
    change_print(&(struct change){.op = OP_FOLDED}, &mark);
    while (journal.len > 0 && !any) {
        const char *newline = memchr(journal.data, '\n', journal.len);
        if (!newline)
            break;
        size_t n = (size_t)(newline - journal.data) + 1;
        any = n != mark.len || memcmp(journal.data, mark.data, 14) != 0;
        journal = bytes_make(journal.data + n, journal.len - n);
    }
    buf_release(&mark);
    return any;
}

static bool load_base(struct remote_kept *k, struct envelope *base, struct buf *journal,
                      struct error *err)
{
    struct buf text = {0};
    bool ok = k->files.load(k->files.ctx, &text, journal, err) &&
              envelope_read(base, &text, k->base, err);
    buf_release(&text);
    return ok ||
           error_hint(err,
                      "it is what an earlier run could not write to %s: bring %s back from a "
                      "backup, or remove it: what that run made is then adopted or shown by a "
                      "plan",
                      k->name, k->folder);
}

bool remote_kept_join(struct remote_kept *k, const struct envelope *there, bool exists,
                      struct buf *document, bool *owed, struct error *err)
{
    struct joining j = {.k = k, .there = there};
    struct buf journal = {0};
    size_t start = document->len;
    bool ok = load_base(k, &j.base, &journal, err);
    *owed = false;
    if (ok) {
        j.journal = buf_bytes(&journal);
        envelope_print_state(&j.base, &j.before);
        if (exists)
            envelope_print_state(there, &j.now);
        if (has_lines(j.journal)) {
            ok = join(&j, exists, document, err);
            struct bytes made = bytes_make(document->data + start, document->len - start);
            *owed = ok && !bytes_equal(made, buf_bytes(&j.now));
        } else {
            buf_add_bytes(document, buf_bytes(&j.now));
        }
    }
    envelope_release(&j.base);
    buf_release(&journal);
    buf_release(&j.before);
    buf_release(&j.now);
    return ok;
}
