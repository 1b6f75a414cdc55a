/*
 * id_folder.h: the folder in which wrangler keeps the values of an id. Private to store/.
 *
 * An id in a config may be any text: a placeholder, or the name of a binding. miniflare makes the
 * name of a folder of it (its sanitisePath), and so does this, byte for byte. An id of 32
 * hexadecimal digits is its own folder. What miniflare replaces becomes '_', so some texts have one
 * folder together: their values are still told apart, for only a database says which are its own.
 */
#ifndef CFKV_STORE_ID_FOLDER_H
#define CFKV_STORE_ID_FOLDER_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/error.h"

struct id_folder {
    struct buf name; /* owned */
    bool shared;     /* other ids may have this folder, too */
    bool hidden; /* wrangler keeps nothing in it: workerd serves no name that starts with a dot */
};

/* false when wrangler keeps nothing for that id, and no file can be called so: it is empty, not
 * UTF-8, or too long. `f` is zeroed, and released by the caller whatever happens. */
bool id_folder_find(struct id_folder *f, struct bytes id);
void id_folder_release(struct id_folder *f);

/* false with ERR_LIMIT when wrangler would not see what is kept for that id. */
bool id_folder_check(struct bytes id, struct error *err);
bool id_folder_refuse(struct bytes id, struct error *err); /* always */

#endif
