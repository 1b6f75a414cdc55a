#include "log.h"

static void write_target(struct json_writer *w, const struct call *c)
{
    json_field_str(w, "method", c->head.method);
    json_field_string(w, "path", c->route.path);
    json_field_string(w, "query", c->route.query);
    json_field_str(w, "endpoint", endpoint_name(c->route.endpoint));
    json_field_str(w, "credential", admit_credential_kind(&c->head));
}

static void write_line(const struct log_entry *entry, struct buf *line)
{
    const struct call *c = entry->call;
    enum delivery_how how = entry->delivery->how;
    bool answered = how != DELIVERY_DROP && how != DELIVERY_RESET && how != DELIVERY_HANG;
    struct json_writer w = json_writer_to(line, 0);
    json_begin_object(&w);
    json_field_int(&w, "at", entry->at_ms);
    json_field_int(&w, "ms", entry->ms);
    json_field_str(&w, "ray", entry->ray);
    write_target(&w, c);
    json_field_int(&w, "status", answered ? (int64_t)c->reply->status : 0);
    json_field_int(&w, "code", answered ? c->reply->code : 0);
    json_field_count(&w, "items", c->items);
    json_field_count(&w, "bytes_in", c->body.len);
    json_field_int(&w, "bytes_out", answered ? (int64_t)c->reply->body.len : 0);
    if (c->fault)
        json_field_str(&w, "fault", fault_name(c->fault->kind));
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
