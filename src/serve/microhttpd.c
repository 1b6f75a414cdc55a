/*
 * microhttpd.c: each function of libmicrohttpd that is used here, handed on to the loaded library.
 * Prototypes are microhttpd.h's, so the compiler checks both sides.
 */
#include "microhttpd.h"

#include "base/library.h"

#define FUNCTIONS(X)                                                                               \
    X(MHD_add_response_header)                                                                     \
    X(MHD_create_response_from_buffer)                                                             \
    X(MHD_create_response_from_buffer_with_free_callback)                                          \
    X(MHD_create_response_from_callback)                                                           \
    X(MHD_destroy_response)                                                                        \
    X(MHD_get_connection_values)                                                                   \
    X(MHD_get_connection_info)                                                                     \
    X(MHD_get_daemon_info)                                                                         \
    X(MHD_get_timeout)                                                                             \
    X(MHD_lookup_connection_value)                                                                 \
    X(MHD_queue_response)                                                                          \
    X(MHD_resume_connection)                                                                       \
    X(MHD_run)                                                                                     \
    X(MHD_start_daemon)                                                                            \
    X(MHD_stop_daemon)                                                                             \
    X(MHD_suspend_connection)

LIBRARY_TABLE(FUNCTIONS, "libmicrohttpd.so.12", "libmicrohttpd12")

bool microhttpd_load(struct error *err)
{
    return library_ready(&library, err);
}

/* ---- Handing on ------------------------------------------------------------------------------ */

HAND_ON(enum MHD_Result, MHD_add_response_header,
        (struct MHD_Response * response, const char *name, const char *content),
        (response, name, content))
HAND_ON(struct MHD_Response *, MHD_create_response_from_buffer,
        (size_t size, void *buffer, enum MHD_ResponseMemoryMode mode), (size, buffer, mode))
HAND_ON(struct MHD_Response *, MHD_create_response_from_buffer_with_free_callback,
        (size_t size, void *buffer, MHD_ContentReaderFreeCallback free_fn), (size, buffer, free_fn))
HAND_ON(struct MHD_Response *, MHD_create_response_from_callback,
        (uint64_t size, size_t block, MHD_ContentReaderCallback read, void *ctx,
         MHD_ContentReaderFreeCallback free_fn),
        (size, block, read, ctx, free_fn))
HAND_ON_VOID(MHD_destroy_response, (struct MHD_Response * response), (response))
HAND_ON(int, MHD_get_connection_values,
        (struct MHD_Connection * connection, enum MHD_ValueKind kind, MHD_KeyValueIterator look,
         void *ctx),
        (connection, kind, look, ctx))
HAND_ON(enum MHD_Result, MHD_get_timeout, (struct MHD_Daemon * daemon, MHD_UNSIGNED_LONG_LONG *ms),
        (daemon, ms))
HAND_ON(const char *, MHD_lookup_connection_value,
        (struct MHD_Connection * connection, enum MHD_ValueKind kind, const char *name),
        (connection, kind, name))
HAND_ON(enum MHD_Result, MHD_queue_response,
        (struct MHD_Connection * connection, unsigned status, struct MHD_Response *response),
        (connection, status, response))
HAND_ON_VOID(MHD_resume_connection, (struct MHD_Connection * connection), (connection))
HAND_ON(enum MHD_Result, MHD_run, (struct MHD_Daemon * daemon), (daemon))
HAND_ON_VOID(MHD_stop_daemon, (struct MHD_Daemon * daemon), (daemon))
HAND_ON_VOID(MHD_suspend_connection, (struct MHD_Connection * connection), (connection))

/* What is asked for here needs no further arguments. */
const union MHD_ConnectionInfo *MHD_get_connection_info(struct MHD_Connection *connection,
                                                        enum MHD_ConnectionInfoType what, ...)
{
    return lib()->MHD_get_connection_info(connection, what);
}

const union MHD_DaemonInfo *MHD_get_daemon_info(struct MHD_Daemon *daemon,
                                                enum MHD_DaemonInfoType what, ...)
{
    return lib()->MHD_get_daemon_info(daemon, what);
}

struct MHD_Daemon *microhttpd_start(unsigned flags, MHD_AccessHandlerCallback handler, void *ctx,
                                    const struct MHD_OptionItem *options)
{
    return lib()->MHD_start_daemon(flags, 0, NULL, NULL, handler, ctx, MHD_OPTION_ARRAY, options,
                                   MHD_OPTION_END);
}
