/*
 * state_place.h: where the state of a configuration is, whichever command asks.
 *
 *     --state URL|PATH             the user's word, for this command
 *     cfkv.project { state = … }   for commands that evaluate
 *     .cfkv/state.json             for those that do not: what one that did left there
 *     kv.state.json                beside the configuration, where none of these is
 *
 * .cfkv/state.json lies beside the configuration, is nobody's to commit, and holds addresses alone,
 * never a credential; each configuration of the folder has its own:
 *
 *     {"format_version":1,"states":{"kv.lua":{"url":"s3://…","endpoint":"https://…"}}}
 *
 * It is also what is asked whether an address changed. A state that is suddenly looked for
 * elsewhere is empty there, and all that is declared would be taken for new: so a changed address
 * is refused, unless the old place is marked as moved to just that one; and so is a state file that
 * lies beside the configuration of a remote one.
 */
#ifndef CFKV_CLI_STATE_PLACE_H
#define CFKV_CLI_STATE_PLACE_H

#include "state/address.h"

struct session;

struct state_place {
    const struct state_address *address; /* of a service; NULL: a file (--local: for the ids) */
    const char *path; /* a file that --state names (--local: in the registry); NULL: none */
    bool named;       /* --state names the address: the user's own word, not the project's */
};

/*
 * Where the state of `s->file` is; the configuration must be located, and counts where it was
 * evaluated. Texts live in the session.
 *
 * ERR_GUARD, with both addresses and the way on: the address is another than before, or a state
 * file lies beside a remote address. ERR_USAGE for what --state or one of Terraform's variables
 * says wrong, ERR_FORMAT for a damaged .cfkv/state.json.
 */
bool state_place_find(struct session *s, struct state_place *out, struct error *err);

/* What .cfkv/state.json says of `s->file`; NULL: nothing. ERR_FORMAT as above. */
bool state_place_left(struct session *s, const struct state_address **left, struct error *err);

/* The same, as it was declared; `url` NULL: nothing. */
bool state_place_left_said(struct session *s, struct state_said *said, struct error *err);

/*
 * For who evaluates nothing, but must know where the state is, as on a fresh clone: where nothing
 * here tells, the configuration is evaluated, without a word. Locates it. ERR_INVALID when it
 * cannot be, with --state as the way on.
 */
bool state_place_learn(struct session *s, struct error *err);

/* The same for who must know what it declares, whatever else there is. */
bool state_place_declared(struct session *s, struct error *err);

/* Writes it there; `address` NULL or a file: takes it out. Nothing is written that stands there
 * already. */
bool state_place_leave(struct session *s, const struct state_said *said, struct error *err);

/* After evaluating: leaves the address that the configuration declares, unless it declares none, a
 * changed one stands there, or --state names another. That this fails is only told. */
void state_place_note(struct session *s);

/* Reads an address as the user named it (--state, `state move`), with what the project says of
 * locking it where it is the project's own. In the session; a file where it is no URL. */
bool state_place_read(struct session *s, const char *text, const struct state_address **out,
                      struct error *err);

/* An address as it is declared (of data NULL as it was left), with Terraform's variables. */
bool state_place_settle(struct session *s, const struct state_said *said,
                        const struct state_address **out, struct error *err);

#endif
