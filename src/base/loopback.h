/*
 * loopback.h: which hosts are this machine.
 */
#ifndef CFKV_BASE_LOOPBACK_H
#define CFKV_BASE_LOOPBACK_H

#include <stdbool.h>

/* true for 127.0.0.0/8, "[::1]" however it is written, and localhost. A host as a URL has it. */
bool host_is_loopback(const char *host);

#endif
