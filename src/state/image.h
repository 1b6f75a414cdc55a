/*
 * image.h: the state in memory, changed by whoever reads a document or does a change. Private to
 * state/.
 *
 * Everything lives in the state's arena; maps hold keys from it. Maps are hints: an index found in
 * one counts only when the element there has the key that was looked for, so nothing needs to be
 * taken out of a map. Texts are copied.
 */
#ifndef CFKV_STATE_IMAGE_H
#define CFKV_STATE_IMAGE_H

#include "contents.h"

/* STATE_LOCAL for an empty account. */
struct bytes image_account_id(struct bytes account);

/* Finders that add what is absent (zeroed but for its name). */
struct state_account *image_account(struct state *s, struct bytes id);
struct state_namespace *image_namespace(struct state *s, struct state_account *a,
                                        struct bytes address);
struct state_key *image_key(struct state *s, struct state_namespace *ns, struct bytes key);
struct state_bulk *image_bulk(struct state *s, struct state_namespace *ns, struct bytes source);
struct state_output *image_output(struct state *s, struct bytes name);
struct state_binding *image_binding(struct state *s, struct bytes file, struct bytes env,
                                    struct bytes binding);
void image_creating(struct state *s, struct state_account *a, struct bytes title);
struct state_writing *image_titled(struct state *s, struct state_account *a, struct bytes title);
struct state_key *image_writing(struct state *s, struct state_writing *w, struct bytes key);

/* Entries of an account; NULL when absent. */
struct state_namespace *image_find(const struct state_account *a, struct bytes address);
struct state_namespace *image_find_id(const struct state_account *a, struct bytes id);

/* true when a binding is recorded for that config; for that environment of it. */
bool image_has_file(const struct state *s, struct bytes file);
bool image_has_env(const struct state *s, struct bytes file, struct bytes env);

/* Gives an entry its id and makes it findable by it. `id` lives in the arena. */
void image_set_id(struct state_account *a, struct state_namespace *ns, struct bytes id);

/* Gives an entry another address; an entry that has it gets the old one. */
void image_move(struct state *s, struct state_account *a, struct state_namespace *ns,
                struct bytes address);

void image_remove_key(struct state_namespace *ns, struct bytes key);
void image_remove_bulk(struct state_namespace *ns, struct bytes source);
void image_remove_output(struct state *s, struct bytes name);
void image_remove_binding(struct state *s, struct bytes file, struct bytes env,
                          struct bytes binding);
void image_end_creating(struct state_account *a, struct bytes title);
void image_end_writing(struct state_writing *w, struct bytes key);

/* What is about to be put under a title; NULL: nothing is. */
struct state_writing *image_find_titled(const struct state_account *a, struct bytes title);

/* What is about to be put under the entry's title is about to be put into it. */
void image_take_titled(struct state *s, struct state_account *a, struct state_namespace *ns);

/* Releases the maps; the rest goes with the arena. */
void image_release(struct state *s);

#endif
