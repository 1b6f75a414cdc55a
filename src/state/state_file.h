/*
 * state_file.h: a state kept beside its configuration: kv.lua → kv.state.json, and
 * kv.state.json.journal while an apply runs. Both have mode 0600.
 */
#ifndef CFKV_STATE_STATE_FILE_H
#define CFKV_STATE_STATE_FILE_H

#include "state.h"

/* The state path of a configuration file: "DIR/NAME.state.json", NAME without ".lua". */
char *state_path_for(struct arena *arena, const char *config);

/*
 * A backend over `path` (copied). Touches nothing yet; a missing file is a fresh state.
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
