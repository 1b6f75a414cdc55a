#include "foreign_document.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/gzip.h"
#include "base/json_names.h"
#include "base/mem.h"
#include "base/nearby.h"
#include "base/text.h"
#include "base/yaml.h"
#include "foreign_filter.h"
#include "foreign_kind.h"

#define CHUNK     ((size_t)64 * 1024)
#define NAMES_MAX ((size_t)32 << 20)

struct document {
    const char *file;
    struct gzip_reader *in;
    char *chunk;
    size_t at, len;
    uint64_t size;      /* bytes that came, so far */
    bool system_failed; /* it could not be read on */

    struct foreign_filter *filter;
    struct json_names names; /* of JSON: YAML's are the parser's business */
    struct json_stream *json;

    size_t number;             /* of the document */
    struct json_writer before; /* the view without it */
    size_t before_at;
    int depth;
    uint64_t skipped;
    int line; /* of an error; 0: of none */
};

/* ---- Bytes ----------------------------------------------------------------------------------- */

/* Fills the chunk, at the end with nothing. */
static bool fill(struct document *d, struct error *err)
{
    d->at = d->len = 0;
    d->system_failed = !gzip_read(d->in, d->chunk, CHUNK, &d->len, err);
    if (d->system_failed)
        return false;
    d->size += d->len;
    if (d->size <= FOREIGN_FILE_MAX)
        return true;
    error_set(err, ERR_LIMIT, "it is larger than 1 GiB");
    return error_hint(err, "export less at once: the resources of Workers KV alone");
}

_Static_assert(FOREIGN_FILE_MAX >> 30 == 1, "the message says so");

/* The first bytes: enough to see what it is. A pipe may bring them one by one. */
static bool begin_bytes(struct document *d, struct error *err)
{
    size_t n = 1;
    while (d->len < CHUNK && n > 0) {
        d->system_failed = !gzip_read(d->in, d->chunk + d->len, CHUNK - d->len, &n, err);
        if (d->system_failed)
            return false;
        d->len += n;
    }
    d->size = d->len;
    d->line = 1;
    if (!text_check_utf16(bytes_make(d->chunk, d->len), err) ||
        !foreign_kind_check(d->file, bytes_make(d->chunk, d->len), err))
        return false;
    d->line = 0;
    if (bytes_starts_with(bytes_make(d->chunk, d->len), bytes_of("\xef\xbb\xbf")))
        d->at = 3; /* a byte order mark */
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* JSON begins with a bracket, and behind a brace comes a quote or the other one; what else begins
 * with one is a flow map of YAML. */
static bool is_json(struct bytes text)
{
    size_t i = 0;
    while (i < text.len && is_blank(text.data[i]))
        i++;
    if (i == text.len || (text.data[i] != '{' && text.data[i] != '['))
        return false;
    bool object = text.data[i++] == '{';
    while (i < text.len && is_blank(text.data[i]))
        i++;
    return i == text.len || !object || text.data[i] == '"' || text.data[i] == '}';
}

/* ---- The view around the values -------------------------------------------------------------- */

static void begin_document(struct document *d, int line, bool whole)
{
    struct json_writer *w = foreign_filter_writer(d->filter);
    d->before = *w;
    d->before_at = w->out->len;
    d->number++;
    json_begin_object(w);
    json_field_int(w, "line", line);
    json_field_count(w, "number", d->number);
    json_key(w, "value");
    foreign_filter_begin(d->filter, whole);
}

/* Its value is over; `empty`: it is null, as of a document without a line. */
static void end_document(struct document *d, bool empty)
{
    struct json_writer *w = foreign_filter_writer(d->filter);
    if (foreign_filter_kept(d->filter)) {
        json_field_count(w, "skipped", foreign_filter_skipped(d->filter));
        json_end_object(w);
        return;
    }
    *w = d->before;
    w->out->len = d->before_at;
    d->skipped += !empty;
}

static bool give(struct document *d, const struct json_event *e, int line, struct error *err)
{
    bool begins = e->type == JSON_BEGIN_OBJECT || e->type == JSON_BEGIN_ARRAY;
    d->depth += begins;
    d->depth -= e->type == JSON_END_OBJECT || e->type == JSON_END_ARRAY;
    if (!foreign_filter_event(d->filter, e, line, err)) {
        int of = foreign_filter_line(d->filter);
        d->line = of ? of : line;
        return false;
    }
    if (d->depth == 0 && e->type != JSON_KEY)
        end_document(d, e->type == JSON_NULL);
    return true;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static bool check_name(struct document *d, struct bytes name, int line, struct error *err)
{
    char quoted[QUOTED_SIZE];
    int before = json_names_add(&d->names, name, line);
    if (!before && json_names_size(&d->names) <= NAMES_MAX)
        return true;
    d->line = line;
    if (!before)
        return error_set(err, ERR_LIMIT, "the member names of one object are more than 32 MiB");
    error_set(err, ERR_FORMAT, "member %s appears twice, first on line %d",
              text_quoted(name, quoted, sizeof quoted), before);
    return error_hint(err, "export it again, or keep one of the two");
}

static bool on_json(void *ctx, const struct json_event *e, struct error *err)
{
    struct document *d = ctx;
    int line = json_stream_line(d->json);
    if (d->number == 0)
        begin_document(d, line, true);
    if (e->type == JSON_BEGIN_OBJECT)
        json_names_begin(&d->names);
    else if (e->type == JSON_END_OBJECT)
        json_names_end(&d->names);
    else if (e->type == JSON_KEY && !check_name(d, e->text, line, err))
        return false;
    return give(d, e, line, err);
}

/* "at byte 17: …" of a stream, whose line is told. */
static bool place_json(struct document *d, struct error *err)
{
    struct error raw = *err;
    int said = 0;
    unsigned long long at;
    if (d->line || d->system_failed || sscanf(raw.message, "at byte %llu: %n", &at, &said) != 1 ||
        said == 0)
        return false;
    d->line = json_stream_line(d->json);
    error_set(err, raw.code, "this is no JSON: %s", raw.message + said);
    return error_hint(err, "%s",
                      strstr(raw.message, "ends too early") ? "the file is cut off: export it again"
                      : strstr(raw.message, "something follows")
                          ? "a file of JSON holds one document: import them one by one"
                          : JSON_SYNTAX_HINT);
}

static bool read_json(struct document *d, struct error *err)
{
    d->json = json_stream_new(on_json, d);
    bool ok = true;
    while (ok && d->len > 0)
        ok = json_stream_feed(d->json, bytes_make(d->chunk + d->at, d->len - d->at), err) &&
             fill(d, err);
    ok = (ok && json_stream_end(d->json, err)) || place_json(d, err);
    json_stream_free(d->json);
    json_names_release(&d->names);
    return ok;
}

/* ---- YAML ------------------------------------------------------------------------------------ */

static bool read_yaml_text(void *ctx, void *to, size_t size, size_t *n, struct error *err)
{
    struct document *d = ctx;
    if (d->at == d->len && !fill(d, err))
        return false;
    *n = d->len - d->at < size ? d->len - d->at : size;
    memcpy(to, d->chunk + d->at, *n);
    d->at += *n;
    return true;
}

static bool on_yaml_document(void *ctx, int line, struct error *err)
{
    struct document *d = ctx;
    (void)err;
    begin_document(d, line, false);
    return true;
}

static bool on_yaml(void *ctx, const struct json_event *e, int line, struct error *err)
{
    return give(ctx, e, line, err);
}

static bool read_yaml(struct document *d, struct error *err)
{
    int line;
    if (yaml_parse((struct yaml_input){read_yaml_text, d},
                   (struct yaml_output){on_yaml_document, on_yaml, d}, &line, err))
        return true;
    d->system_failed = d->system_failed || err->code == ERR_FAILED;
    if (d->line == 0)
        d->line = line;
    return false;
}

/* ---- The file -------------------------------------------------------------------------------- */

static bool fail_empty(struct error *err)
{
    error_set(err, ERR_FORMAT, "there is nothing in it");
    return error_hint(err, "the command that was to write it may have failed: export it again");
}

static bool read_all(struct document *d, struct error *err)
{
    if (!begin_bytes(d, err))
        return false;
    bool json = is_json(bytes_make(d->chunk + d->at, d->len - d->at));
    struct json_writer *w = foreign_filter_writer(d->filter);
    json_begin_object(w);
    json_field_array(w, "documents");
    if (!(json ? read_json(d, err) : read_yaml(d, err)))
        return false;
    if (d->number == 0)
        return fail_empty(err);
    json_end_array(w);
    json_field_str(w, "file", d->file);
    json_field_count(w, "skipped", d->skipped);
    json_field_str(w, "syntax", json ? "json" : "yaml");
    json_end_object(w);
    return true;
}

/* What is wrong with the content has a place. */
static bool report(const struct document *d, struct diag_list *problems, struct error *err)
{
    const char *code = err->code == ERR_LIMIT ? "import.limit" : "import.format";
    if (d->system_failed && err->code != ERR_FORMAT)
        return false;
    diag_add(problems, DIAG_ERROR, code, (struct srcpos){d->file, d->line}, "%s", err->message);
    diag_hint(problems, "%s", *err->hint ? err->hint : "export it again");
    char name[QUOTED_SIZE];
    return error_set(err, err->code, "%s cannot be imported",
                     text_quoted(bytes_of(d->file), name, sizeof name));
}

bool foreign_document_read_fd(int fd, const char *name, struct buf *view,
                              struct diag_list *problems, struct error *err)
{
    size_t had = view->len;
    struct document d = {.file = name, .in = gzip_reader_open(fd, name)};
    d.chunk = mem_alloc(CHUNK);
    d.filter = foreign_filter_new(view);
    bool ok = read_all(&d, err) || report(&d, problems, err);
    if (!ok)
        view->len = had;
    foreign_filter_free(d.filter);
    mem_free(d.chunk);
    gzip_reader_close(d.in);
    return ok;
}

bool foreign_document_read(const char *path, struct buf *view, struct diag_list *problems,
                           struct error *err)
{
    struct stat st;
    if (strcmp(path, "-") == 0) {
        int in = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
        return in >= 0 ? foreign_document_read_fd(in, "stdin", view, problems, err)
                       : error_errno(err, errno, "cannot read stdin");
    }
    int fd = file_open_input(path, err);
    if (fd < 0)
        return err->code == ERR_NOT_FOUND && !*err->hint ? error_hint(err, FILE_HERE_HINT) : false;
    if (fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
        return foreign_document_read_fd(fd, path, view, problems, err);
    file_is_regular(fd, path, ERR_IO, err); /* says that it is a folder */
    close(fd);
    return false;
}
