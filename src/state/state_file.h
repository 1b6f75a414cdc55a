/*
 * state_file.h: a state kept beside its configuration: kv.lua → kv.state.json, and
 * kv.state.json.journal while an apply runs. Both have mode 0600.
 *
 * A state that is a symbolic link is what it points to: that is read and replaced, with the mode it
 * has, and journal and lock lie beside that. The link stays.
 */
#ifndef CFKV_STATE_STATE_FILE_H
#define CFKV_STATE_STATE_FILE_H

#include "state.h"

/* The state path of a configuration file: "DIR/NAME.state.json", NAME without ".lua". */
char *state_path_for(struct arena *arena, const char *config);

/* The file that `path` stands for: where the link points to, else `path` itself. ERR_NOT_FOUND for
 * a link to nothing. */
char *state_path_followed(struct arena *arena, const char *path, struct error *err);

/*
 * A backend over `path` (copied). Touches nothing yet; a missing file is a fresh state, a link to
 * nothing is ERR_NOT_FOUND. Loading an empty file is ERR_FORMAT: no cfkv leaves one.
 *
 * Saving with a journal first ends it with a line that names the digest of the new document, then
 * replaces the document, then drops the journal. Lines before such a line are not replayed onto
 * exactly that document: so a save may be killed anywhere.
 *
 * Fault points: those of file_replace and file_append_sync, "state.journal.create",
 * "state.journal.trim" (of a torn line, before the first append) and "state.journal.drop".
 */
bool state_file_backend(const char *path, struct state_backend *backend, struct error *err);

#endif
