/*
 * named.h: which namespace a command without a configuration is about, by title or by id.
 *
 * What the state records of it goes with it (the state is read as it is, without a lock): its
 * default ttl, so that a key put by hand lives as long as a declared one, and its protection.
 *
 * On the local target namespaces of every account that the state records count, for a developer's
 * store has no such borders.
 */
#ifndef CFKV_CLI_NAMED_H
#define CFKV_CLI_NAMED_H

#include "session.h"

#define NAMED_QUOTED_SIZE 160

struct named {
    struct bytes account;
    struct bytes id;
    struct bytes title;                  /* data NULL: not asked for, or there is none */
    struct bytes jurisdiction;           /* data NULL: none, or not told */
    const struct state_namespace *entry; /* what the state records of it; NULL: nothing */
    int64_t ttl_seconds;                 /* recorded default; 0: none */
    bool protect;                        /* recorded, and the target is not the local one */
};

/* Its address as the state records it; data NULL: nothing is recorded. */
static inline struct bytes named_address(const struct named *ns)
{
    return ns->entry ? ns->entry->address : bytes_make(NULL, 0);
}

/* The option that names a namespace, without its dashes; NULL: none was given. */
const char *named_option(const struct options *o);

/* ERR_USAGE unless exactly one of them was given. For who does long work before he asks. */
bool named_check_options(const struct session *s, struct error *err);

/*
 * The namespace that --namespace-id, --namespace or --binding names; exactly one must be given. By
 * id and by binding nothing is sent unless `need_title`; by title the account's namespaces are
 * listed. ERR_NOT_FOUND, with the nearest title as the hint. Needs session_open_store; texts live
 * as long as the session.
 */
bool named_by_options(struct session *s, bool need_title, struct named *out, struct error *err);

/* As above, by one word: a title, else an id (so this lists, once a session). */
bool named_by_word(struct session *s, const char *word, struct named *out, struct error *err);

/* By the word when there is one (not NULL), else by the options; both is ERR_USAGE. */
bool named_by_either(struct session *s, const char *word, bool need_title, struct named *out,
                     struct error *err);

/* All namespaces of the account, by title. */
bool named_all(struct session *s, struct named **all, size_t *n, struct error *err);

/* Its title, or its id when that is not known, in quotes; for messages. Returns `out`. */
char *named_quoted(const struct named *ns, char out[NAMED_QUOTED_SIZE]);

/* ERR_GUARD when it is protected: "namespace 'x' is protected and would be LOSS". */
bool named_check_protect(const struct named *ns, const char *loss, struct error *err);

#endif
