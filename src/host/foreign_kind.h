/*
 * foreign_kind.h: files that look like what an import takes, and are something else: configurations
 * in HCL, which say what is to be there and not what is, and saved plans.
 */
#ifndef CFKV_HOST_FOREIGN_KIND_H
#define CFKV_HOST_FOREIGN_KIND_H

#include "base/bytes.h"
#include "base/error.h"

/* `head`: the first bytes, as many as there are up to some KiB. false (ERR_FORMAT): it is one of
 * them, and the hint names the command that prints what can be imported. */
bool foreign_kind_check(const char *name, struct bytes head, struct error *err);

#endif
