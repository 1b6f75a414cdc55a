/*
 * microhttpd.c: each function of libmicrohttpd that is used here, handed on to the loaded library.
 * Prototypes are microhttpd.h's, so the compiler checks both sides.
 */
#include "microhttpd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"

#define LIBRARY "libmicrohttpd.so.12"
#define PACKAGE "libmicrohttpd12"

#define FUNCTIONS(X)                                                                               \
    X(MHD_add_response_header)                                                                     \
    X(MHD_create_response_from_buffer)                                                             \
    X(MHD_create_response_from_buffer_with_free_callback)                                          \
    X(MHD_create_response_from_callback)                                                           \
    X(MHD_destroy_response)                                                                        \
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

/* ---- Loading --------------------------------------------------------------------------------- */

#define POINTER(name) __typeof__(name) *name;
#define NAME(name)    #name,

struct functions {
    FUNCTIONS(POINTER)
};

static const char *const names[] = {FUNCTIONS(NAME)};

#define N_NAMES (sizeof names / sizeof *names)

_Static_assert(sizeof(struct functions) == N_NAMES * sizeof(void *), "a pointer for each name");

/* What the loader said, once; it never changes again. */
static struct {
    bool done;
    struct functions functions;
} loaded;

bool microhttpd_load(struct error *err)
{
    void *found[N_NAMES];
    if (loaded.done)
        return true;
    if (!library_load(LIBRARY, PACKAGE, names, N_NAMES, found, err))
        return false;
    memcpy(&loaded.functions, found, sizeof found);
    return loaded.done = true;
}

/* Nothing is served before microhttpd_load, so this fails for who forgot it only. */
static const struct functions *lib(void)
{
    struct error err;
    if (!microhttpd_load(&err)) {
        fprintf(stderr, "cfkv: %s\n", err.message);
        abort();
    }
    return &loaded.functions;
}

/* ---- Handing on ------------------------------------------------------------------------------ */

#define HAND_ON(type, name, parameters, arguments)                                                 \
    type name parameters                                                                           \
    {                                                                                              \
        return lib()->name arguments;                                                              \
    }

#define HAND_ON_VOID(name, parameters, arguments)                                                  \
    void name parameters                                                                           \
    {                                                                                              \
        lib()->name arguments;                                                                     \
    }

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
