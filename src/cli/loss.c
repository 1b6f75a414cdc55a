#include "loss.h"

#include <inttypes.h>

#include "base/text.h"

void loss_add_backup(struct buf *out, const struct kv_loss *loss)
{
    uint64_t n = loss->backup_requests;
    if (n > 0)
        buf_addf(out, ", after a backup of what goes (%s%" PRIu64 " request%s)",
                 loss->more ? "at least " : "", n, text_plural(n));
}

void loss_tell_unknown(const struct session *s, const struct kv_namespace *ns)
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

static void add_question(struct buf *out, const struct loss_question *q, const struct kv_loss *loss)
{
    char name[KV_QUOTED_SIZE];
    kv_quoted(q->ns, name);
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
        buf_addf(out, "%s in namespace %s", q->which, name);
    }
    loss_add_backup(out, loss);
    buf_add_char(out, '?');
}

bool loss_confirm(void *ctx, const struct kv_loss *loss, struct error *err)
{
    const struct loss_question *q = ctx;
    struct buf question = {0};
    if (loss->unknown)
        loss_tell_unknown(q->s, q->ns);
    else if (!q->always)
        return true;
    add_question(&question, q, loss);
    bool ok = buf_ok(&question, err) && session_confirm(q->s, question.data, err);
    buf_release(&question);
    return ok;
}
