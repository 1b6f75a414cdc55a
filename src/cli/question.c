#include "question.h"

#include <inttypes.h>

#include "base/text.h"
#include "overwrites.h"

static void tell_unknown(const struct session *s, const struct kv_namespace *ns)
{
    char name[KV_QUOTED_SIZE];
    output_note(s->output,
                "no project is known here, so nobody can tell whether namespace %s is protected",
                kv_quoted(ns, name));
}

static void add_keys(struct buf *out, const struct kv_loss *loss)
{
    buf_addf(out, "%s%" PRIu64 " key%s", loss->more ? "more than " : "", loss->keys,
             text_plural(loss->keys));
}

static void add_question(struct buf *out, const struct question *q, const struct kv_namespace *ns,
                         const struct kv_loss *loss)
{
    char name[KV_QUOTED_SIZE];
    uint64_t requests = loss->backup_requests;
    kv_quoted(ns, name);
    if (loss->whole && loss->keys == 0) {
        buf_addf(out, "Delete namespace %s, which is empty?", name);
        return;
    }
    if (loss->whole) {
        buf_addf(out, "Delete namespace %s with the ", name);
        add_keys(out, loss);
        buf_add_str(out, " it holds");
    } else {
        buf_add_str(out, "Delete ");
        add_keys(out, loss);
        buf_addf(out, "%s in namespace %s", q->which ? q->which : "", name);
    }
    if (requests > 0)
        buf_addf(out, ", after a backup of what goes (%s%" PRIu64 " request%s)",
                 loss->more ? "at least " : "", requests, text_plural(requests));
    buf_add_char(out, '?');
}

bool question_ask(const struct question *q, struct session *s, const struct kv_namespace *ns,
                  const struct kv_loss *loss, struct error *err)
{
    struct buf question = {0};
    if (loss->unknown)
        tell_unknown(s, ns);
    else if (!q->always)
        return true;
    add_question(&question, q, ns, loss);
    bool ok = session_confirm(s, question.data, err);
    buf_release(&question);
    return ok;
}

static void add_fill(struct buf *out, const struct question *q, const struct session *s,
                     const struct kv_namespace *ns, const struct kv_fill_loss *loss)
{
    char name[KV_QUOTED_SIZE];
    uint64_t pruned = loss->pruned.keys, looked = loss->preview ? loss->preview->requests : 0;
    buf_addf(out, "%s into %s", q->fill, kv_quoted(ns, name));
    if (loss->overwrites)
        buf_add_str(out, ", over keys of the same names");
    if (pruned > 0)
        buf_addf(out, ", and delete %" PRIu64 " other key%s", pruned, text_plural(pruned));
    if (!s->kv.backups.off)
        buf_add_str(out, ", after a backup of what is lost (a listing, and a request for each "
                         "hundred keys)");
    if (looked > 0)
        buf_addf(out, "; %" PRIu64 " request%s told what changes", looked, text_plural(looked));
    buf_add_char(out, '?');
}

bool question_ask_fill(const struct question *q, struct session *s, const struct kv_namespace *ns,
                       const struct kv_fill_loss *loss, struct error *err)
{
    struct buf question = {0};
    if (!loss->overwrites && loss->pruned.keys == 0)
        return true;
    if (loss->pruned.keys > 0 && loss->pruned.unknown)
        tell_unknown(s, ns);
    if (loss->overwrites && loss->preview && !overwrites_tell(s, loss->preview, err))
        return false;
    add_fill(&question, q, s, ns, loss);
    bool ok = session_confirm(s, question.data, err);
    buf_release(&question);
    return ok;
}

static void add_rename(struct buf *out, const struct question *q, const struct session *s,
                       const struct kv_namespace *ns, const struct kv_fill_loss *loss)
{
    char name[KV_QUOTED_SIZE];
    buf_add_str(out, "Rename ");
    add_keys(out, &loss->pruned);
    buf_addf(out, "%s %s in namespace %s", q->which ? q->which : "", q->fill, kv_quoted(ns, name));
    if (loss->overwrites)
        buf_add_str(out, ", over keys of the same names");
    if (!s->kv.backups.off)
        buf_add_str(out, ", after a backup of what is lost (a request for each hundred keys)");
    buf_add_char(out, '?');
}

bool question_ask_rename(const struct question *q, struct session *s, const struct kv_namespace *ns,
                         const struct kv_fill_loss *loss, struct error *err)
{
    struct buf question = {0};
    if (loss->pruned.unknown)
        tell_unknown(s, ns);
    else if (!loss->overwrites && !q->always)
        return true;
    if (loss->preview && !overwrites_tell(s, loss->preview, err))
        return false;
    add_rename(&question, q, s, ns, loss);
    bool ok = session_confirm(s, question.data, err);
    buf_release(&question);
    return ok;
}
