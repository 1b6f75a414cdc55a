/*
 * state_file.h: a state kept beside its configuration: kv.lua → kv.state.json, and
 * kv.state.json.journal while an apply runs. Both have mode 0600.
 */
#ifndef CFKV_STATE_STATE_FILE_H
#define CFKV_STATE_STATE_FILE_H

#include "state.h"

/* The state path of a configuration file: "DIR/NAME.state.json", NAME without ".lua". */
char *state_path_for(struct arena *arena, const char *config);

/* A backend over `path` (copied). Touches nothing yet; a missing file is a fresh state. Fault points
 * of file.h, "state.journal.create", "state.journal.trim" (a torn line, before the first append) and
 * "state.journal.drop". */
bool state_file_backend(const char *path, struct state_backend *backend, struct error *err);

#endif
