#include "salvage.h"

#include "base/mem.h"
#include "seed/backup.h"
#include "kv/read.h"

static struct read_options read_of(struct session *s, const struct named *ns, struct bytes prefix)
{
    return (struct read_options){.store = s->target.store,
                                 .account = ns->account,
                                 .id = ns->id,
                                 .prefix = prefix,
                                 .jobs = (unsigned)s->options->jobs};
}

/* ---- Counting -------------------------------------------------------------------------------- */

bool salvage_count(struct session *s, const struct named *ns, struct bytes prefix, uint64_t enough,
                   uint64_t *n, struct error *err)
{
    struct read_options options = read_of(s, ns, prefix);
    struct reader *r = reader_open(&options, err);
    struct store_pair pair;
    bool end = false, ok = r != NULL;
    *n = 0;
    while (ok && !end && (enough == 0 || *n < enough)) {
        ok = reader_next(r, &pair, &end, err);
        *n += ok && !end;
    }
    reader_close(r);
    return ok;
}

bool salvage_check_mass(struct session *s, const struct named *ns, uint64_t doomed,
                        struct error *err)
{
    char name[NAMED_QUOTED_SIZE];
    uint64_t harmless = doomed * 100 / GUARD_MASS_PERCENT + 1; /* in a namespace of so many keys */
    uint64_t live;
    if (permit_allows_one(&s->options->permits.mass_delete, named_address(ns), ns->title) ||
        doomed * 100 <= GUARD_MASS_FROM * GUARD_MASS_PERCENT)
        return true;
    if (!salvage_count(s, ns, bytes_make(NULL, 0), harmless, &live, err))
        return false;
    if (live < GUARD_MASS_FROM || doomed * 100 <= live * GUARD_MASS_PERCENT)
        return true;
    error_set(err, ERR_GUARD,
              "%llu of the %llu keys in namespace %s would be deleted, more than %d %%",
              (unsigned long long)doomed, (unsigned long long)live, named_quoted(ns, name),
              GUARD_MASS_PERCENT);
    return error_hint(err, "if that is meant, say --allow-mass-delete");
}

/* ---- Saving ---------------------------------------------------------------------------------- */

static bool copy_keys(struct reader *r, struct backup_writer *w, struct error *err)
{
    struct store_pair pair;
    bool end = false;
    while (reader_next(r, &pair, &end, err) && !end) {
        struct backup_key key = {.key = pair.key,
                                 .value = pair.value,
                                 .metadata = pair.metadata,
                                 .expiration = pair.expiration};
        if (!backup_add(w, &key, err))
            return false;
    }
    return end;
}

static bool write_backup(struct session *s, const struct read_options *options, const char *path,
                         const struct backup_info *info, struct salvaged *saved, struct error *err)
{
    struct backup_totals totals;
    struct backup_writer *w = backup_create(path, info, err);
    struct reader *r = w ? reader_open(options, err) : NULL;
    bool ok = r && copy_keys(r, w, err);
    reader_close(r);
    if (!ok) {
        backup_abandon(w);
        return false;
    }
    if (!backup_finish(w, &totals, err))
        return false;
    *saved = (struct salvaged){arena_str(&s->arena, path), totals.keys};
    return saved->path || error_nomem(err);
}

bool salvage_save(struct session *s, const struct named *ns, struct bytes prefix,
                  const char *reason, struct salvaged *saved, struct error *err)
{
    char name[NAMED_QUOTED_SIZE];
    struct read_options options = read_of(s, ns, prefix);
    struct backup_info info = {.account_id = ns->account.len ? ns->account : bytes_make(NULL, 0),
                               .id = ns->id,
                               .title = ns->title.data ? ns->title : ns->id,
                               .prefix = prefix,
                               .reason = bytes_of(reason),
                               .created = s->now};
    char *path = NULL;
    options.values = true;
    bool ok = backup_path(s->target.root, &info, &path, err) &&
              write_backup(s, &options, path, &info, saved, err);
    mem_free(path);
    return ok || error_wrap(err, "cannot back up namespace %s", named_quoted(ns, name));
}
