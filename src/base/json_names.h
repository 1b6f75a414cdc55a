/*
 * json_names.h: the member names of the objects that are open in a stream: is one repeated?
 *
 * For who reads events and keeps no tree. A name costs its bytes and a few words while its object
 * is open. Zero-initialised it is empty and safe to release.
 */
#ifndef CFKV_BASE_JSON_NAMES_H
#define CFKV_BASE_JSON_NAMES_H

#include "json.h"

struct json_names {
    struct json_name_seen *seen; /* in the order of the text */
    size_t n, cap;
    struct buf text;              /* of all of them */
    size_t *slots;                /* open addressing: an index of `seen` and 1; 0 is empty */
    size_t n_slots;               /* a power of two */
    size_t first[JSON_MAX_DEPTH]; /* of each open object */
    int depth;                    /* objects that are open */
    uint64_t seed;
};

/* An object begins, or ends; at most JSON_MAX_DEPTH are open. */
void json_names_begin(struct json_names *names);
void json_names_end(struct json_names *names);

/* A name in the innermost object. 0 when it is new there, else the line of the one before. */
int json_names_add(struct json_names *names, struct bytes name, int line);

/* The bytes that the names of the open objects take. */
size_t json_names_size(const struct json_names *names);

/* Forgets all of them: a new document begins. */
void json_names_clear(struct json_names *names);
void json_names_release(struct json_names *names);

#endif
