#include "dry_run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats.h"
#include "host/host.h"
#include "kv/delete.h"
#include "kv/rehearsal.h"
#include "model/validate.h"

/* ---- Before and after the script ------------------------------------------------------------- */

bool dry_run_begin(struct dry_run *d, struct session *s, struct error *err)
{
    *d = (struct dry_run){.session = s, .out = -1};
    d->store = dry_open(s->kv.store, err);
    if (!d->store)
        return false;
    s->kv.store = d->store;
    s->kv.backups.dry = true;
    if (!s->options->json)
        return true;
    d->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (d->out < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        return error_errno(err, errno, "cannot put what the script prints on stderr");
    return true;
}

void dry_run_restore_stdout(struct dry_run *d)
{
    if (d->out < 0)
        return;
    fflush(stdout);
    dup2(d->out, STDOUT_FILENO);
    close(d->out);
    d->out = -1;
}

void dry_run_end(struct dry_run *d)
{
    if (!d->session)
        return;
    dry_run_restore_stdout(d);
    d->session->kv.store = d->session->target.store;
    store_close(d->store);
    *d = (struct dry_run){.out = -1};
}

/* ---- What it came to ------------------------------------------------------------------------- */

struct totals {
    struct rehearsal_counts keys;
    uint64_t create, rename, delete, writes, deletes;
};

/* One telling, as text or as a document. */
struct telling {
    struct dry_run *run;
    struct host *host; /* NULL: a document is made */
    struct view_options options;
    struct view_section section;
    struct json_writer w;
    struct buf text;
    struct diag_list problems; /* it has none */

    struct totals all;
    struct rehearsal_counts keys; /* of the namespace at hand */
    uint64_t shown, more, more_losses;
};

static const char *action_of(const struct dry_namespace *ns)
{
    if (ns->gone)
        return "delete";
    if (ns->made)
        return ns->replaced ? "replace" : "create";
    return ns->was.data ? "rename" : NULL;
}

static bool is_touched(const struct dry_namespace *ns)
{
    if (ns->made && ns->gone) /* it would have come and gone */
        return ns->replaced;
    return action_of(ns) || ns->writes + ns->deletes > 0;
}

static void add_namespaces(struct telling *t)
{
    const struct dry_namespace *ns;
    for (size_t i = 0; (ns = dry_namespace_at(t->run->store, i)); i++) {
        t->all.create += ns->made && !ns->gone;
        t->all.delete += ns->made ? ns->replaced : ns->gone;
        t->all.rename += !ns->made && !ns->gone && ns->was.data;
        t->all.writes += ns->writes;
        t->all.deletes += ns->deletes;
    }
}

static void add_keys(struct telling *t)
{
    t->all.keys.fresh += t->keys.fresh;
    t->all.keys.changed += t->keys.changed;
    t->all.keys.same += t->keys.same;
    t->all.keys.deleted += t->keys.deleted;
}

/* Its title, which is asked for where nobody did, and the address that is recorded, else the title.
 */
static struct bytes name_of(struct telling *t, const struct dry_namespace *ns,
                            struct bytes *address)
{
    struct session *s = t->run->session;
    struct kv_namespace found = {0};
    struct error unheard;
    struct bytes title = ns->title;
    if (kv_find_id(&s->kv, ns->account, ns->id, !title.data && !ns->gone, &found, &unheard) &&
        !title.data)
        title = kv_title(&found);
    title = title.data ? title : ns->id;
    *address = found.entry ? found.entry->address : title;
    return title;
}

static void write_counts(struct json_writer *w, const struct rehearsal_counts *counts)
{
    json_field_count(w, "changed", counts->changed);
    json_field_count(w, "deleted", counts->deleted);
    json_field_count(w, "new", counts->fresh);
    json_field_count(w, "unchanged", counts->same);
}

/* ---- As text --------------------------------------------------------------------------------- */

static bool show(void *ctx, const char *function, struct bytes view, struct error *err)
{
    struct telling *t = ctx;
    if (!host_call(t->host, function, view, &t->problems, &t->text, err))
        return false;
    output_talk_styled(t->run->session->output, buf_bytes(&t->text));
    buf_clear(&t->text);
    return true;
}

/* `foreign`: it is there, and nobody knows whose it is. */
static struct entry_side side_of(const struct store_pair *pair, bool foreign)
{
    return (struct entry_side){
        .there = true,
        .secret = holds_secret(pair->key, pair->value),
        .foreign = foreign,
        .value = diff_value_of(pair->value),
        .has_metadata = pair->metadata.data != NULL,
        .metadata = diff_value_of(pair->metadata),
        .expiry = {pair->expiration ? EXPIRY_AT : EXPIRY_NEVER, pair->expiration}};
}

static struct entry entry_of(const struct rehearsal_change *c)
{
    struct entry e = {.kind = ACTION_KEY, .key = c->key};
    e.action = c->kind == REHEARSAL_DELETED ? "delete" : "put";
    if (c->kind == REHEARSAL_DELETED)
        return e;
    e.after = side_of(&c->after, false);
    e.overwrite = c->kind == REHEARSAL_CHANGED;
    if (e.overwrite)
        e.before = side_of(&c->before, true);
    e.value = !e.overwrite || c->value;
    e.metadata = e.overwrite ? c->metadata : c->after.metadata.data != NULL;
    e.expiry = e.overwrite ? c->expiry : c->after.expiration != 0;
    return e;
}

static bool begin_section(struct telling *t, const struct dry_namespace *ns, struct error *err)
{
    struct entry e = {.action = action_of(ns), .kind = ACTION_NAMESPACE, .id = ns->id};
    t->section =
        (struct view_section){.account = target_account_word(&t->run->session->target, ns->account),
                              .show = show,
                              .ctx = t,
                              .options = view_entry_options(&t->options)};
    e.title = t->section.title = name_of(t, ns, &t->section.address);
    e.old_title = ns->was;
    view_section_begin(&t->section);
    if (ns->replaced && !ns->gone) {
        e.action = "delete";
        if (!view_section_add(&t->section, &e, NULL, err))
            return false;
        e.action = "create";
    }
    return !e.action || view_section_add(&t->section, &e, NULL, err);
}

static bool end_section(struct telling *t, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    bool ok = view_section_end(&t->section, t->more, t->more_losses, err);
    json_begin_object(&w);
    write_counts(&w, &t->keys);
    json_end_object(&w);
    ok = ok && show(t, "keys", buf_bytes(&view), err);
    buf_release(&view);
    return ok;
}

static bool close_text(struct telling *t, struct error *err)
{
    struct buf view = {0};
    struct json_writer w = json_writer_to(&view, 0);
    json_begin_object(&w);
    write_counts(&w, &t->all.keys);
    json_field_count(&w, "create", t->all.create);
    json_field_count(&w, "delete", t->all.delete);
    json_field_count(&w, "deletes", t->all.deletes);
    json_field_count(&w, "rename", t->all.rename);
    json_field_count(&w, "writes", t->all.writes);
    json_end_object(&w);
    bool ok = show(t, "close", buf_bytes(&view), err);
    buf_release(&view);
    return ok;
}

/* ---- As a document --------------------------------------------------------------------------- */

static void begin_member(struct telling *t, const struct dry_namespace *ns)
{
    struct json_writer *w = &t->w;
    json_begin_object(w);
    json_field_text(w, "account_id", ns->account.len > 0 ? ns->account : bytes_make(NULL, 0));
    json_field_str(w, "action", action_of(ns));
    json_field_array(w, "changes");
}

static void write_change(struct json_writer *w, const struct rehearsal_change *c)
{
    json_begin_object(w);
    json_field_str(w, "action", c->kind == REHEARSAL_DELETED ? "delete" : "put");
    json_field_text(w, "key", c->key);
    json_field_bool(w, "overwrite", c->kind == REHEARSAL_CHANGED);
    json_end_object(w);
}

static void end_member(struct telling *t, const struct dry_namespace *ns)
{
    struct json_writer *w = &t->w;
    struct bytes address;
    json_end_array(w);
    json_field_text(w, "id", ns->id);
    json_key(w, "keys");
    json_begin_object(w);
    write_counts(w, &t->keys);
    json_end_object(w);
    json_field_count(w, "more", t->more);
    json_field_text(w, "old_title", ns->was);
    json_field_text(w, "title", name_of(t, ns, &address));
    json_end_object(w);
}

static void write_end(struct telling *t)
{
    struct json_writer *w = &t->w;
    json_key(w, "summary");
    json_begin_object(w);
    json_field_count(w, "create", t->all.create);
    json_field_count(w, "delete", t->all.delete);
    json_field_count(w, "delete_keys", t->all.keys.deleted);
    json_field_count(w, "overwrite", t->all.keys.changed);
    json_field_count(w, "put", t->all.keys.fresh);
    json_field_count(w, "rename", t->all.rename);
    json_field_count(w, "unchanged", t->all.keys.same);
    json_end_object(w);
    json_field_str(w, "target", t->run->session->target.name);
}

/* ---- Both ------------------------------------------------------------------------------------ */

static bool take_change(void *ctx, const struct rehearsal_change *c, struct error *err)
{
    struct telling *t = ctx;
    bool loses = c->kind == REHEARSAL_CHANGED || c->kind == REHEARSAL_DELETED;
    if (c->kind == REHEARSAL_SAME)
        return true;
    if (t->shown >= DRY_RUN_SHOWN && !(t->host && t->options.verbose)) {
        t->more++;
        t->more_losses += loses;
        return true;
    }
    t->shown++;
    if (!t->host) {
        write_change(&t->w, c);
        return true;
    }
    struct entry e = entry_of(c);
    return view_section_add(&t->section, &e, NULL, err);
}

static bool count_keys(struct telling *t, const struct dry_namespace *ns, struct error *err)
{
    struct kv real = t->run->session->kv;
    struct kv_namespace all = {.account = ns->account, .id = ns->id};
    real.store = t->run->session->target.store;
    return kv_count(&real, &all, bytes_make(NULL, 0), 0, &t->keys.deleted, err);
}

static bool tell_namespace(struct telling *t, size_t i, const struct dry_namespace *ns,
                           struct error *err)
{
    struct session *s = t->run->session;
    bool ok = true;
    t->keys = (struct rehearsal_counts){0};
    t->shown = t->more = t->more_losses = 0;
    if (t->host)
        ok = begin_section(t, ns, err);
    else
        begin_member(t, ns);
    if (ok && (ns->gone || ns->replaced)) /* with all its keys */
        ok = count_keys(t, ns, err);
    if (ok && !ns->gone)
        ok = rehearsal_walk(t->run->store, i, s->target.store, s->kv.jobs, &t->keys, take_change, t,
                            err);
    add_keys(t);
    if (t->host)
        ok = ok && end_section(t, err);
    else
        end_member(t, ns);
    buf_release(&t->section.json);
    return ok;
}

static bool tell_all(struct telling *t, struct error *err)
{
    const struct dry_namespace *ns;
    bool ok = true;
    for (size_t i = 0; ok && (ns = dry_namespace_at(t->run->store, i)); i++) {
        if (is_touched(ns))
            ok = tell_namespace(t, i, ns, err);
    }
    return ok;
}

static bool tell_text(struct telling *t, struct error *err)
{
    struct session *s = t->run->session;
    struct view_head head = {.target = &s->target};
    t->options = formats_text_options(s, STDERR_FILENO);
    t->host = host_open("dry_run", err);
    bool ok = t->host && view_open(&head, &t->options, show, t, err) && tell_all(t, err) &&
              close_text(t, err);
    host_close(t->host);
    return ok;
}

static bool tell_document(struct telling *t, enum exit_code code, const struct diag_list *diags,
                          struct error *err)
{
    struct output *o = t->run->session->output;
    struct json_writer *w = &t->w;
    *w = json_writer_to(&o->out, 2);
    json_begin_object(w);
    json_key(w, "cost");
    json_begin_object(w);
    json_field_count(w, "deletes", t->all.deletes);
    json_field_count(w, "writes", t->all.writes);
    json_end_object(w);
    json_key(w, "diagnostics");
    diag_write_json(diags, w);
    json_field_int(w, "exit_code", code);
    json_field_int(w, "format_version", 1);
    json_field_array(w, "namespaces");
    if (!tell_all(t, err)) {
        buf_clear(&o->out);
        return false;
    }
    json_end_array(w);
    write_end(t);
    json_end_object(w);
    buf_add_char(&o->out, '\n');
    return output_flush(o, err);
}

bool dry_run_tell(struct dry_run *d, enum exit_code code, const struct diag_list *diags,
                  struct error *err)
{
    struct telling t = {.run = d};
    add_namespaces(&t);
    bool ok = d->session->options->json ? tell_document(&t, code, diags, err) : tell_text(&t, err);
    diag_release(&t.problems);
    buf_release(&t.text);
    return ok || error_wrap(err, "cannot tell what would be written");
}
