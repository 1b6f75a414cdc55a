/*
 * naming.h: title templates such as "{app}-{purpose}-{env}" (project.naming).
 *
 * Private to model/.
 */
#ifndef CFKV_MODEL_NAMING_H
#define CFKV_MODEL_NAMING_H

#include "model.h"

#define NAMING_USUAL "{app}-{purpose}-{env}"

enum naming_token {
    NAMING_END,
    NAMING_TEXT,  /* literal text */
    NAMING_PART,  /* the name inside braces */
    NAMING_BROKEN /* a brace without its other half; the rest of the template */
};

/* Takes the next token off the front of `*rest`. */
enum naming_token naming_next(struct bytes *rest, struct bytes *piece);

/* The namespace's own text for a part's name; NULL when naming knows no such part. */
const struct bytes *naming_part(const struct namespace_decl *ns, struct bytes name);

/* The names that naming_part knows; ends with NULL. */
extern const char *const naming_parts[];

/* Builds a title behind what `out` holds. false when a part is not given, or the template is wrong.
 */
bool naming_expand(struct bytes naming, const struct namespace_decl *ns, struct buf *out);

#endif
