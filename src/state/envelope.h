/*
 * envelope.h: the document on a service: the state, who is writing it, and which writing this is.
 *
 *     {
 *       "cfkv_state": 1,
 *       "lease": null | { see lease.h },
 *       "lineage": UUID,             (of one history of writings)
 *       "moved_to": text,            (not when it was not moved: the address where the state went)
 *       "nonce": 32 hex digits,      (new at each writing)
 *       "past": [nonce, …],          (of the writings before, newest last)
 *       "serial": n,                 (one more at each writing)
 *       "service": { … },            (what was found out about the service; not when nothing was)
 *       "state": null | { the document of state_print },
 *       "writer": text               (who wrote it, for people)
 *     }
 *
 * It is an object with an integer "serial", since GitLab asks for that. The state and members that
 * are not known are carried along byte for byte, and never parsed into a tree.
 *
 * Why a nonce: when the answer to a writing was lost, whoever reads the same nonce that he wrote
 * knows that it happened. No two writings have the same. And since others may have written by then,
 * the last ENVELOPE_PAST of them are kept.
 */
#ifndef CFKV_STATE_ENVELOPE_H
#define CFKV_STATE_ENVELOPE_H

#include "base/arena.h"
#include "lease.h"

#define ENVELOPE_VERSION    1
#define ENVELOPE_NONCE_SIZE 33
#define ENVELOPE_ID_SIZE    64
#define ENVELOPE_PAST       32

struct envelope_member {
    struct bytes name, json;
};

struct envelope {
    struct buf text; /* of the one that was read; what follows may point into it */
    struct buf held; /* a state that was set */
    struct arena arena;
    char lineage[ENVELOPE_ID_SIZE];
    char nonce[ENVELOPE_NONCE_SIZE];
    char past[ENVELOPE_PAST][ENVELOPE_NONCE_SIZE];
    size_t n_past;
    char writer[512];
    int64_t serial; /* 0: never written */
    bool leased;    /* `lease` counts */
    struct lease lease;
    const char *moved_to; /* NULL: it was not moved */
    struct bytes service; /* JSON; data NULL: nothing was found out */
    struct bytes state;   /* the state's document, without a newline behind it; data NULL: none */
    struct envelope_member *others; /* members that are not known, in their order */
    size_t n_others, cap_others;
};

/* Makes an empty one of a new lineage. ERR_IO when the kernel gives no random bytes. */
bool envelope_make(struct envelope *e, struct error *err);

/*
 * Reads a document. Takes over `text`, also when it fails, and leaves it empty; `name` is the
 * address, for messages. ERR_FORMAT, each with its hint, for what is no envelope: an empty text, a
 * page of HTML, Terraform's state, a state of cfkv without its envelope, other JSON, no JSON, one
 * of a newer version, and members of a wrong type.
 */
bool envelope_read(struct envelope *e, struct buf *text, const char *name, struct error *err);

/* Another writing: serial one more, nonce new, the old one the last of the past. ERR_IO as above.
 */
bool envelope_renew(struct envelope *e, struct error *err);

/* A nonce. ERR_IO as above. */
bool envelope_nonce(char out[ENVELOPE_NONCE_SIZE], struct error *err);

/* true when this is the writing of that nonce, or one that came after it. */
bool envelope_follows(const struct envelope *e, const char *nonce);

/* Replaces the state by a copy of that document. */
void envelope_set_state(struct envelope *e, struct bytes document);

/* Replaces what is remembered of the service. */
void envelope_set_service(struct envelope *e, struct bytes json);

/* Adds the document as it stands on the service, newline at the end. */
void envelope_print(const struct envelope *e, struct buf *out);

/* Adds the state's document with its newline, as state_print has it; nothing when there is none. */
void envelope_print_state(const struct envelope *e, struct buf *out);

void envelope_release(struct envelope *e);

/* A random (version 4) UUID. ERR_IO when the kernel gives no random bytes. */
bool envelope_uuid(char out[37], struct error *err);

#endif
