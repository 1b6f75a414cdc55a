/*
 * terraform_http_answer.h: what an answer of Terraform's protocol means. Pure: no network. Private
 * to terraform_http.c.
 *
 * Servers differ in what they say beside the status, and much stands before them that knows nothing
 * of the protocol: what is believed is the status, and of a body only what has the right shape.
 *
 *     step     done            moved                         no such thing
 *     -------  --------------  ----------------------------  -----------------------------
 *     read     200; 204, 404,                                –
 *              empty 200: no
 *              document
 *     write    200, 201, 204   409, 412, 422, 423; 404 where –
 *                              something was expected
 *     lock     200, 201, 204;  409, 423 (another id, or a    404, 405, 501: the service has no
 *              409, 423 with   body that does not tell)      lock there
 *              our own id
 *     unlock   200 to 204; 404 409, 423 with another id      –
 *              of one that was
 *              there
 *
 * What failed is REMOTE_UNKNOWN where an attempt may have had its effect, else REMOTE_FAILED.
 */
#ifndef CFKV_STATE_TERRAFORM_HTTP_ANSWER_H
#define CFKV_STATE_TERRAFORM_HTTP_ANSWER_H

#include "http/http.h"
#include "remote_object.h"

enum terraform_step { TERRAFORM_READ, TERRAFORM_WRITE, TERRAFORM_LOCK, TERRAFORM_UNLOCK };

struct terraform_asked {
    enum terraform_step step;
    const char *name;   /* of the state, for messages */
    const char *source; /* of the credentials, for messages; NULL: not known */
    const char *hint;   /* what would give others; NULL: not known */
    bool shown;         /* credentials were sent */
    const char *id;     /* of the lock that is taken, freed, or goes with the write; "": none */
    bool replaces;      /* a write: something is expected to stand there */
    bool was_there;     /* an unlock: the same place took a lock before */
    const char *said;   /* what the service said, as one line of text for people; "": nothing */
};

/* One line of what an answer's body says, for a message: the text of a JSON "message" or "error",
 * or plain text; nothing of a page of HTML or a document. `out` has at least 4 bytes. */
void terraform_said(struct bytes body, char *out, size_t size);

/*
 * Fills `out` (version, date, holder) from an answer of which `came` says that it is whole; the
 * body of a read is moved there. When it is not, `err` says why, in http's words, on entry. `err`
 * is set unless REMOTE_DONE.
 *
 * A lock that is DONE: `*expires` is until when it holds, seconds since the epoch by the service's
 * clock, 0: until it is freed; `out->holder` is whose lock, which was over, it replaced (id "":
 * nobody's).
 */
enum remote_outcome terraform_judge(const struct terraform_asked *asked, struct http_answer *answer,
                                    bool came, struct remote_answer *out, int64_t *expires,
                                    struct error *err);

#endif
