#include "permit.h"

#include "base/mem.h"
#include "model.h"

void permit_add(struct permit *p, struct bytes glob)
{
    mem_grow((void **)&p->globs, &p->cap, p->n + 1, sizeof *p->globs);
    p->globs[p->n++] = glob;
}

void permits_release(struct permits *p)
{
    mem_free(p->data_loss.globs);
    mem_free(p->mass_delete.globs);
    *p = (struct permits){0};
}

bool permit_names(const struct permit *p, struct bytes account, struct bytes address,
                  struct bytes title)
{
    for (size_t i = 0; i < p->n; i++)
        if (account_matches(p->globs[i], account, address, title))
            return true;
    return false;
}
