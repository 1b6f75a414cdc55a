/*
 * remote_document.h: the envelope on a service, read and replaced so that nobody's writing is lost
 * and nobody doubts whether his own happened.
 *
 * A write names what it replaces. When the answer to it does not say that it happened (lost, late,
 * a refusal that a repeated request got of its own first attempt), the document is read, and its
 * nonces tell:
 *   - ours stands there, or among the past: it happened;
 *   - what we would replace stands there still: it did not happen yet. The same bytes are sent
 *     again, so that a first attempt that is still on its way does no harm, whichever comes first;
 *   - anything else: somebody else wrote.
 * An attempt that stayed unknown is remembered: should it turn up later, it is our own, and the
 * next write goes on top of it.
 */
#ifndef CFKV_STATE_REMOTE_DOCUMENT_H
#define CFKV_STATE_REMOTE_DOCUMENT_H

#include "envelope.h"
#include "remote_object.h"
#include "remote_stop.h"

#define REMOTE_UNSURE 8 /* attempts whose end is not known that are remembered */

struct remote_document {
    struct remote_object object;
    struct envelope envelope;      /* what stands there, as far as is known */
    struct remote_version version; /* of it; !exists: nothing does, and `envelope` is a new one */
    int64_t date, date_ms;         /* the service's clock, and ours (monotonic) when it said so */
    char unsure[REMOTE_UNSURE][ENVELOPE_NONCE_SIZE];
    size_t n_unsure;
    struct lease holder;      /* of the last lock that was refused */
    struct remote_stop *stop; /* NULL: nobody interrupts */
};

/* Takes the object over. Sends nothing. */
void remote_document_open(struct remote_document *d, const struct remote_object *object,
                          struct remote_stop *stop);

/* Reads what stands there now. What is there and is no envelope is ERR_FORMAT. */
bool remote_document_read(struct remote_document *d, struct error *err);

/* What the next writing says; everything else is carried along. */
struct remote_change {
    const char *nonce;         /* of envelope_nonce; NULL: one is made */
    struct bytes state;        /* the new document; data NULL: as it is */
    const struct lease *lease; /* who writes on; NULL: the lease is freed */
    const char *moved_to;      /* data NULL: as it is; "": not moved any more */
    const char *writer;        /* for people; NULL: as it is */
};

/*
 * Replaces what `d` knows to stand there.
 *   DONE     it does. `d` knows what stands there now: as a rule just that; where it was found only
 *            later, what others wrote on top (`envelope.nonce` is another then).
 *   MOVED    something else stands there, and is what `d` knows now.
 *   UNKNOWN  nobody can tell yet. `d` knows what it knew.
 *   FAILED   nothing was written. A service that does not honour conditions is found here, before
 *            the first write (remote_object.h, probe).
 */
enum remote_outcome remote_document_write(struct remote_document *d,
                                          const struct remote_change *change, struct error *err);

/* An answer tells the service's clock. */
void remote_document_hear(struct remote_document *d, const struct remote_answer *answer);

/* Seconds since the epoch by the service's clock, ours where it never said. */
int64_t remote_document_now(const struct remote_document *d);

/* "12 (written by anna@build-7 (cfkv apply))": which writing stands there. */
void remote_document_words(const struct remote_document *d, struct buf *out);

/* Waits so many thousandths of a second of waiting (base/clock.h); false when interrupted. */
bool remote_document_pause(struct remote_document *d, unsigned ms);

void remote_document_close(struct remote_document *d);

#endif
