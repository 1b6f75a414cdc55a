#include "log.h"

static void write_member(struct json_writer *w, const char *name, int64_t n)
{
    json_key(w, name);
    json_int(w, n);
}

static void write_target(struct json_writer *w, const struct call *c)
{
    json_key(w, "method");
    json_str(w, c->head.method);
    json_key(w, "path");
    json_string(w, c->route.path);
    json_key(w, "query");
    json_string(w, c->route.query);
    json_key(w, "endpoint");
    json_str(w, endpoint_name(c->route.endpoint));
    json_key(w, "credential");
    json_str(w, admit_credential_kind(&c->head));
}

static void write_line(const struct log_entry *entry, struct buf *line)
{
    const struct call *c = entry->call;
    enum delivery_how how = entry->delivery->how;
    bool answered = how != DELIVERY_DROP && how != DELIVERY_RESET && how != DELIVERY_HANG;
    struct json_writer w = json_writer_to(line, 0);
    json_begin_object(&w);
    write_member(&w, "at", entry->at_ms);
    write_member(&w, "ms", entry->ms);
    json_key(&w, "ray");
    json_str(&w, entry->ray);
    write_target(&w, c);
    write_member(&w, "status", answered ? (int64_t)c->reply->status : 0);
    write_member(&w, "code", answered ? c->reply->code : 0);
    write_member(&w, "items", (int64_t)c->items);
    write_member(&w, "bytes_in", (int64_t)c->body.len);
    write_member(&w, "bytes_out", answered ? (int64_t)c->reply->body.len : 0);
    if (c->fault) {
        json_key(&w, "fault");
        json_str(&w, fault_name(c->fault->kind));
    }
    json_end_object(&w);
    buf_add_char(line, '\n');
}

void log_request(FILE *file, const struct log_entry *entry)
{
    struct buf line = {0};
    if (!file)
        return;
    write_line(entry, &line);
    fwrite(line.data, 1, line.len, file);
    fflush(file);
    buf_release(&line);
}
