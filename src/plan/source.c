#include "source.h"

#include "base/text.h"

bool source_each(const struct file_root *root, const struct bulk_decl *bulk, source_item_fn fn,
                 void *ctx, uint64_t *size, struct digest *digest, struct error *err)
{
    struct seed_reader *reader = seed_open(root, bulk, err);
    struct diag_list diags = {0};
    struct seed_item item;
    enum seed_status status = SEED_FAILED;
    bool ok = reader != NULL;
    while (ok && (status = seed_next(reader, &item, &diags, err)) == SEED_ITEM)
        ok = fn(ctx, &item, err);
    if (ok && status == SEED_BAD)
        ok = error_set(err, ERR_FAILED, "%s",
                       diags.n > 0 ? diags.items[diags.n - 1].message : "an item is wrong");
    ok = ok && status == SEED_END;
    if (ok)
        seed_content(reader, size, digest);
    seed_close(reader);
    diag_release(&diags);
    return ok;
}

bool source_changed(struct bytes name, struct error *err)
{
    char quoted[QUOTED_SIZE];
    error_set(err, ERR_FAILED, "%s changed since its actions were planned",
              text_quoted(name, quoted, sizeof quoted));
    return error_hint(err, "plan again");
}
