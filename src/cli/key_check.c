#include "key_check.h"

#include "model/validate.h"

bool key_check(const struct session *s, const struct seed_key *seed, size_t value_len,
               struct error *err)
{
    struct diag_list diags = {0};
    bool ok = seed_key_judge(&diags, seed, value_len, s->now, "", err);
    if (ok && seed_key_is_late(seed, s->now, err))
        ok = error_hint(err, "give seconds since 1970; now is %lld", (long long)s->now);
    if (ok)
        output_diagnostics(s->output, &diags);
    diag_release(&diags);
    return ok;
}

bool key_check_name(const struct session *s, struct bytes key, struct error *err)
{
    struct seed_key seed = {.key = key};
    return key_check(s, &seed, 0, err);
}
