/*
 * state_access_s3.h: which keys sign what is sent to a state's S3 service. Private to
 * state_access.c, whose contract it keeps.
 */
#ifndef CFKV_CLI_STATE_ACCESS_S3_H
#define CFKV_CLI_STATE_ACCESS_S3_H

#include "state_access.h"

bool state_access_s3(struct arena *arena, const struct state_access_wanted *w,
                     struct state_access *out, struct error *err);

/* ERR_USAGE for what no header may carry, which the message does not show. `value` NULL is fine. */
bool state_access_check(const char *what, const char *value, struct error *err);

#endif
