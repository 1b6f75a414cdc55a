/*
 * backup_place.h: where the reading of a backup stands, for who goes on writing there. Private to
 * seed/.
 */
#ifndef CFKV_SEED_BACKUP_PLACE_H
#define CFKV_SEED_BACKUP_PLACE_H

#include "backup.h"

struct backup_place {
    struct hash hash; /* of every byte up to here */
    uint64_t bytes, keys;
};

/* Behind the header, or the key that was given last. */
struct backup_place backup_place(const struct backup_reader *r);

#endif
