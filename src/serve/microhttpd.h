/*
 * microhttpd.h: libmicrohttpd, loaded when something is served (base/library.h). Includes the
 * library's own header; what it declares as MHD_NAME is called as mhd()->NAME.
 */
#ifndef CFKV_SERVE_MICROHTTPD_H
#define CFKV_SERVE_MICROHTTPD_H

#include <microhttpd.h>

#include "base/library.h"

#define MHD_FUNCTIONS(X)                                                                           \
    X(MHD_, add_response_header)                                                                   \
    X(MHD_, create_response_from_buffer)                                                           \
    X(MHD_, create_response_from_buffer_with_free_callback)                                        \
    X(MHD_, create_response_from_callback)                                                         \
    X(MHD_, destroy_response)                                                                      \
    X(MHD_, get_connection_values)                                                                 \
    X(MHD_, get_connection_info)                                                                   \
    X(MHD_, get_daemon_info)                                                                       \
    X(MHD_, get_timeout)                                                                           \
    X(MHD_, lookup_connection_value)                                                               \
    X(MHD_, queue_response)                                                                        \
    X(MHD_, resume_connection)                                                                     \
    X(MHD_, run)                                                                                   \
    X(MHD_, start_daemon)                                                                          \
    X(MHD_, stop_daemon)                                                                           \
    X(MHD_, suspend_connection)

LIBRARY_DECLARE(mhd, MHD_FUNCTIONS);

#endif
