/*
 * salvage.h: looking at what a command is about to delete, and saving it first.
 */
#ifndef CFKV_CLI_SALVAGE_H
#define CFKV_CLI_SALVAGE_H

#include "named.h"

/* How many keys begin with `prefix` (empty: all). Stops counting at `enough` (0: never). */
bool salvage_count(struct session *s, const struct named *ns, struct bytes prefix, uint64_t enough,
                   uint64_t *n, struct error *err);

/* ERR_GUARD when `doomed` keys are more of the namespace than may go without --allow-mass-delete.
 * Lists keys only when it must. */
bool salvage_check_mass(struct session *s, const struct named *ns, uint64_t doomed,
                        struct error *err);

/* A backup below ROOT/.cfkv/backups. */
struct salvaged {
    const char *path; /* lives as long as the session */
    uint64_t keys;
};

/* Writes the keys that begin with `prefix` to a new backup, in bounded memory. */
bool salvage_save(struct session *s, const struct named *ns, struct bytes prefix,
                  const char *reason, struct salvaged *saved, struct error *err);

#endif
