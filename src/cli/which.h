/*
 * which.h: the namespace that the words and options of a command name (kv/find.h, kv/binding.h).
 */
#ifndef CFKV_CLI_WHICH_H
#define CFKV_CLI_WHICH_H

#include "session.h"

/* The option that names a namespace, without its dashes; NULL: none was given. */
const char *which_option(const struct options *o);

/* ERR_USAGE when these options do not go together: --env, --preview or --config without --binding,
 * or --binding beside another name of a namespace. */
bool which_check_binding(const struct options *o, struct error *err);

/* What --binding [--env] [--preview] [--config] say; texts are the options'. */
struct kv_binding which_binding(const struct options *o);

/* ERR_USAGE unless exactly one of them was given. For who does long work before he asks. */
bool which_check_options(const struct session *s, struct error *err);

/*
 * The namespace that --namespace-id, --namespace or --binding names; exactly one must be given. By
 * id and by binding nothing is sent unless `need_title`; by title the account's namespaces are
 * listed. Needs session_open_store; texts live as long as the session.
 */
bool which_by_options(struct session *s, bool need_title, struct kv_namespace *out,
                      struct error *err);

/* By a word: a title, an id or an address, or one of them behind its ACCOUNT: (kv_find_word). */
bool which_by_word(struct session *s, const char *word, struct kv_namespace *out,
                   struct error *err);

/* By the word when there is one (not NULL), else by the options; both is
 * ERR_USAGE. */
bool which_by_either(struct session *s, const char *word, bool need_title, struct kv_namespace *out,
                     struct error *err);

/* The namespace that `word` names (NULL: the options do), for who fills it. ERR_NOT_FOUND says how
 * it can be made; with --create a title that is not there is made, of that
 * kind. */
bool which_or_create(struct session *s, const char *word, const struct kv_kind *kind,
                     struct kv_namespace *out, bool *created, struct error *err);

#endif
