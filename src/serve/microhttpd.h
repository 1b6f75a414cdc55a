/*
 * microhttpd.h: libmicrohttpd, loaded when something is served (base/library.h). Includes the
 * library's own header, and its functions are called by their own names.
 */
#ifndef CFKV_SERVE_MICROHTTPD_H
#define CFKV_SERVE_MICROHTTPD_H

#include <microhttpd.h>

#include "base/error.h"

/* To be called before any function of libmicrohttpd. Quick when it was loaded before. */
bool microhttpd_load(struct error *err);

/* MHD_start_daemon without a port; `options` ends with MHD_OPTION_END. */
struct MHD_Daemon *microhttpd_start(unsigned flags, MHD_AccessHandlerCallback handler, void *ctx,
                                    const struct MHD_OptionItem *options);

#endif
