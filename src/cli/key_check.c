#include "key_check.h"

#include "model/validate.h"

static bool first_error(const struct session *s, const struct diag_list *diags, struct error *err)
{
    for (size_t i = 0; i < diags->n; i++) {
        const struct diag *d = &diags->items[i];
        if (d->severity == DIAG_ERROR) {
            error_set(err, ERR_INVALID, "%s", d->message);
            return d->hint ? error_hint(err, "%s", d->hint) : false;
        }
        output_note(s->output, "%s%s%s", d->message, d->hint ? ": " : "", d->hint ? d->hint : "");
    }
    return !diags->failed || error_nomem(err);
}

bool key_check(const struct session *s, const struct seed_key *seed, size_t value_len,
               struct error *err)
{
    struct diag_list diags = {0};
    seed_key_check(&diags, seed, value_len, s->now, "");
    bool ok = first_error(s, &diags, err);
    diag_release(&diags);
    return ok;
}

bool key_check_name(const struct session *s, struct bytes key, struct error *err)
{
    struct seed_key seed = {.key = key};
    return key_check(s, &seed, 0, err);
}
