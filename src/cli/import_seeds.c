#include "import.h"

#include <unistd.h>

#include "base/map.h"
#include "base/text.h"
#include "kv/read.h"
#include "model/fingerprint.h"

#define FLUSH_AT ((size_t)256 * 1024)

/* All seeds lie behind each other in one file without a name, so that whoever is killed leaves
 * nothing. */
struct seed_writer {
    struct import *in;
    struct buf out;     /* not written yet */
    struct buf scratch; /* metadata without a fingerprint */
    uint64_t written;
    struct progress progress;
    struct kv_counts counts;
};

static bool flush(struct seed_writer *w, struct error *err)
{
    bool ok = file_write_fd(w->in->seeds_fd, "the keys that are read", buf_bytes(&w->out), err);
    w->written += w->out.len;
    buf_clear(&w->out);
    return ok;
}

/* ---- One namespace --------------------------------------------------------------------------- */

/* What the inputs declare as puts is not seeded twice. They come as base64: a key may hold a NUL,
 * which a document that is kept may not. */
static bool index_puts(struct seed_writer *w, const struct json *ns, struct map *puts,
                       struct error *err)
{
    const struct json *key = json_first(json_member(ns, "keys"));
    bool ok = true;
    for (; ok && key; key = json_next(key)) {
        buf_clear(&w->scratch);
        ok = buf_add_base64_decoded(&w->scratch, json_as_event(key).text, err);
        if (ok)
            map_set(puts, arena_copy(&w->in->s->arena, buf_bytes(&w->scratch)), 0);
    }
    return ok;
}

static bool add_pair(struct seed_writer *w, struct store_pair *pair, struct error *err)
{
    pair->metadata = fingerprint_strip(pair->metadata, &w->scratch);
    kv_write_pair(pair, &w->out);
    buf_add_char(&w->out, '\n');
    return w->out.len < FLUSH_AT || flush(w, err);
}

static bool read_all(struct seed_writer *w, struct reader *r, const struct map *puts, uint64_t *n,
                     struct error *err)
{
    uint64_t before = w->counts.requests;
    struct store_pair pair;
    bool end = false, ok = true;
    while (ok && (ok = reader_next(r, &pair, &end, err)) && !end) {
        w->counts.keys++;
        w->counts.bytes += pair.key.len + pair.value.len;
        w->counts.requests = before + reader_requests(r);
        progress_keys(&w->progress, &w->counts);
        if (map_get(puts, pair.key) != MAP_NONE)
            continue;
        ++*n;
        ok = add_pair(w, &pair, err);
    }
    w->counts.requests = before + reader_requests(r);
    return ok;
}

static const char *text_of(const struct json *object, const char *name)
{
    const char *text = "";
    json_as_str(json_member(object, name), &text);
    return text;
}

static void keep_seed(struct import *in, const struct json *ns, uint64_t from, uint64_t upto,
                      uint64_t keys)
{
    arena_grow(&in->s->arena, (void **)&in->seeds, &in->cap_seeds, in->n_seeds + 1,
               sizeof *in->seeds);
    in->seeds[in->n_seeds++] =
        (struct import_seed){.account = arena_str(&in->s->arena, text_of(ns, "account")),
                             .id = arena_str(&in->s->arena, text_of(ns, "id")),
                             .path = arena_str(&in->s->arena, text_of(ns, "path")),
                             .from = from,
                             .size = upto - from,
                             .keys = keys};
}

static bool read_namespace(struct seed_writer *w, const struct json *ns, struct error *err)
{
    struct session *s = w->in->s;
    char title[QUOTED_SIZE];
    struct map puts = {0};
    struct read_options o = {.store = s->target.store,
                             .account = bytes_of(text_of(ns, "account")),
                             .id = bytes_of(text_of(ns, "id")),
                             .values = true,
                             .jobs = (unsigned)s->options->jobs};
    uint64_t from = w->written + w->out.len, n = 0;
    struct reader *r = reader_open(&o);
    bool ok = index_puts(w, ns, &puts, err) && read_all(w, r, &puts, &n, err);
    reader_close(r);
    map_release(&puts);
    if (ok && n > 0)
        keep_seed(w->in, ns, from, w->written + w->out.len, n);
    return ok || error_wrap(err, "cannot read the keys of %s",
                            text_quoted(bytes_of(text_of(ns, "title")), title, sizeof title));
}

/* ---- All ------------------------------------------------------------------------------------- */

static bool tell_host(struct import *in, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    json_field_array(&w, "files");
    for (size_t i = 0; i < in->n_seeds; i++) {
        json_begin_object(&w);
        json_field_str(&w, "account", in->seeds[i].account);
        json_field_count(&w, "count", in->seeds[i].keys);
        json_field_str(&w, "id", in->seeds[i].id);
        json_field_str(&w, "path", in->seeds[i].path);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    bool ok = import_ask(in, "seeds", &view, NULL, err);
    buf_release(&view);
    return ok;
}

static bool write_seeds(struct import *in, const struct json *wanted, struct error *err)
{
    struct seed_writer w = {.in = in};
    bool ok = true;
    if ((in->seeds_fd = file_temporary(err)) < 0)
        return false;
    progress_begin(&w.progress, &in->cli->output, session_service(in->s), "reading");
    for (const struct json *ns = json_first(wanted); ok && ns; ns = json_next(ns))
        ok = read_namespace(&w, ns, err);
    progress_end(&w.progress);
    ok = ok && flush(&w, err);
    buf_release(&w.out);
    buf_release(&w.scratch);
    return ok;
}

/* By the rule by which the configuration will read them: no link leads out of the project. */
static bool check_folder(struct import *in, struct error *err)
{
    struct file_root root = {.fd = -1};
    bool ok = file_root_open(&root, *in->root ? in->root : ".", err) &&
              file_root_may_fill(&root, bytes_of("seed"), err);
    file_root_close(&root);
    return ok || error_hint(err, "the keys go into files below seed/: move away what is called so");
}

bool import_seeds(struct import *in, struct error *err)
{
    struct buf list = {0};
    struct json *wanted = NULL;
    bool ok = check_folder(in, err) && import_ask(in, "wanted", NULL, &list, err) &&
              (wanted = json_doc_parse(buf_bytes(&list), err)) && write_seeds(in, wanted, err) &&
              tell_host(in, err);
    json_doc_free(wanted);
    buf_release(&list);
    return ok;
}

void import_seeds_release(struct import *in)
{
    if (in->seeds_fd >= 0)
        close(in->seeds_fd);
    in->seeds_fd = -1;
}
