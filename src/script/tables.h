/*
 * tables.h: the tables of fields that calls take (schema.h), by the names of their types in
 * stdlib/meta/cfkv.lua. Those of declarations are model/fields.h's.
 */
#ifndef CFKV_SCRIPT_TABLES_H
#define CFKV_SCRIPT_TABLES_H

#include "model/fields.h"

struct typed_fields {
    const char *type; /* "cfkv.put_options" */
    const struct fields *fields;
};

/* All of them; ends with a NULL type. */
extern const struct typed_fields script_tables[];

extern const struct fields seed_put_fields, seed_item_fields, seed_bulk_fields; /* bind_seed.c */
extern const struct fields input_var_fields, input_env_fields;                  /* bind_input.c */
extern const struct fields live_put_fields, live_item_fields;                   /* live_item.c */
extern const struct fields live_bulk_fields;                                    /* live_put.c */
extern const struct fields live_list_fields;                                    /* live_key.c */
extern const struct fields live_loss_fields;                                    /* live.c */
extern const struct fields live_csv_fields;                                     /* live_rows.c */
extern const struct fields live_step_fields, live_migrate_fields;               /* live_migrate.c */

/* What every pair may have; the places are offsets of numbers. */
#define PAIR_FIELDS(ttl_at, expiration_at)                                                         \
    FIELD_ROW("expiration_ttl", FIELD_DURATION, ttl_at, .min = KV_TTL_MIN, .or_zero = true,        \
              .doc = "at least 60 seconds; 0: none, whatever the default of the namespace"),       \
        FIELD_ROW("expiration", FIELD_MOMENT, expiration_at, .min = 1, .max = KV_EXPIRATION_MAX,   \
                  .doc = "when it expires"),                                                       \
        FIELD_ROW("metadata", FIELD_ANY, 0, .bytes = KV_METADATA_MAX,                              \
                  .doc = "anything JSON can say, at most 1024 bytes")

/* And one that is an item by itself; the key is of `kind`, at `key_at`. */
#define ITEM_FIELDS(kind, key_at, base64_at)                                                       \
    FIELD_NEED("key", kind, key_at, .bytes = KV_KEY_MAX, .doc = "1 to 512 bytes of UTF-8"),        \
        FIELD_NEED("value", FIELD_ANY, 0, .bytes = KV_VALUE_MAX, .doc = "at most 25 MiB"),         \
        FIELD_ROW("base64", FIELD_BOOLEAN, base64_at,                                              \
                  .doc = "the value is base64 of the bytes to store")

#endif
