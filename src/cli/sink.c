#include "sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"

#define FLUSH_AT ((size_t)256 * 1024)

static bool fail(const struct sink *sink, const char *what, struct error *err)
{
    char name[256];
    return error_errno(err, errno, "cannot %s %s", what,
                       text_quoted(buf_bytes(&sink->path), name, sizeof name));
}

bool sink_open(struct sink *sink, struct output *output, const char *path, struct error *err)
{
    *sink = (struct sink){.output = output, .out = &output->out, .fd = -1};
    if (!path || strcmp(path, "-") == 0)
        return output->data = true;
    buf_add_str(&sink->path, path);
    buf_addf(&sink->partial, "%s.partial", path);
    if (!FAULT("file.create"))
        sink->fd =
            open(sink->partial.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NONBLOCK, 0666);
    if (sink->fd < 0)
        return fail(sink, "create", err);
    sink->out = &sink->own;
    return true;
}

static bool flush(struct sink *sink, struct error *err)
{
    if (sink->fd < 0)
        return output_flush(sink->output, err);
    bool ok = file_write_fd(sink->fd, sink->partial.data, buf_bytes(&sink->own), err);
    buf_clear(&sink->own);
    return ok;
}

bool sink_ready(struct sink *sink, struct error *err)
{
    return sink->out->len < FLUSH_AT || flush(sink, err);
}

bool sink_finish(struct sink *sink, struct error *err)
{
    if (!flush(sink, err))
        return false;
    if (sink->fd < 0)
        return true;
    int fd = sink->fd;
    sink->fd = -1;
    if (close(fd) == 0 && !FAULT("file.rename") && rename(sink->partial.data, sink->path.data) == 0)
        return true;
    fail(sink, "write", err);
    unlink(sink->partial.data);
    return false;
}

void sink_release(struct sink *sink)
{
    if (sink->fd >= 0) {
        close(sink->fd);
        unlink(sink->partial.data);
    }
    buf_release(&sink->own);
    buf_release(&sink->path);
    buf_release(&sink->partial);
    sink->fd = -1;
}
