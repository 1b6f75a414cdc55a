/*
 * settings.h: state_settings (state.h) as JSON; document.h shows it. Private to state/.
 */
#ifndef CFKV_STATE_SETTINGS_H
#define CFKV_STATE_SETTINGS_H

#include "contents.h"

/* Adds them in canonical form, with what `old` (canonical, or empty) holds beside what is known;
 * nothing when that is nothing. ERR_INVALID for what cannot be recorded. */
bool settings_print(const struct state_settings *settings, struct bytes old, struct buf *out,
                    struct error *err);

/* Takes canonical JSON as the settings of the state. ERR_FORMAT. */
bool settings_read(struct state *s, struct bytes json, struct error *err);

/* Writes their JSON Schema. */
void settings_write_schema(struct json_writer *w);

#endif
