/* cfkv.file.* (a value read now) and cfkv.source.* (a stream read later), below the root only. */
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "bind.h"
#include "call.h"
#include "chunk.h"
#include "value.h"

#define SOURCE "cfkv.source"

/* Reads the file named by argument 1 into vm->source. Raises: what a file holds decides what is
 * declared next, so there is no going on without it. */
static struct bytes read_argument(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct error err = {0};
    struct bytes path = call_text(L, 1, "a path");
    vm_where(L); /* the wall clock may end here */
    if (!chunk_read_file(vm, path, KV_VALUE_MAX, &err))
        vm_raise_error(L, &err);
    return buf_bytes(&vm->source);
}

int bind_file_bytes(lua_State *L)
{
    value_push_bytes(L, read_argument(L));
    return 1;
}

int bind_file_text(lua_State *L)
{
    struct bytes text = read_argument(L);
    if (text_is_utf16(text))
        return vm_raise(L, TEXT_UTF16_HINT, "file '%s': " TEXT_UTF16, lua_tostring(L, 1));
    if (!utf8_valid(text))
        return vm_raise(L, "cfkv.file.bytes reads any file",
                        "file '%s' is not valid UTF-8: byte %zu", lua_tostring(L, 1),
                        utf8_first_invalid(text) + 1);
    value_push_bytes(L, text);
    return 1;
}

/* "at byte 5: …" in lines and columns, which an editor shows. */
static void place_in_file(struct bytes text, struct error *err)
{
    struct error raw = *err;
    unsigned long long at;
    int said = 0, line = 1, column = 1;
    if (sscanf(raw.message, "at byte %llu%n", &at, &said) != 1)
        return;
    for (size_t i = 0; i + 1 < at && i < text.len; i++) {
        column = text.data[i] == '\n' ? 1 : column + 1;
        line += text.data[i] == '\n';
    }
    error_set(err, raw.code, "line %d, column %d%s", line, column, raw.message + said);
    if (*raw.hint)
        error_hint(err, "%s", raw.hint);
}

int bind_file_json(lua_State *L)
{
    struct bytes text = read_argument(L);
    struct error err = {0};
    if (!value_push_json(L, text, &err)) {
        place_in_file(text, &err);
        error_wrap(&err, "file '%s'", lua_tostring(L, 1));
        if (!*err.hint)
            error_hint(&err, JSON_SYNTAX_HINT);
        return vm_raise_error(L, &err);
    }
    return 1;
}

/* ---- Sources --------------------------------------------------------------------------------- */

const struct source_handle *bind_to_source(lua_State *L, int idx)
{
    return luaL_testudata(L, idx, SOURCE);
}

static int push_source(lua_State *L, enum source_format format)
{
    struct error err = {0};
    char got[160];
    struct bytes path = value_bytes(L, 1);
    value_describe(L, 1, got, sizeof got);
    struct source_handle *s = lua_newuserdatauv(L, sizeof *s + path.len + 1, 0);
    *s = (struct source_handle){format, true, path.len};
    memcpy(s->path, path.data ? path.data : "", path.len + 1);
    value_set_metatable(L, SOURCE, NULL);
    if (!path.data) {
        vm_problem(L, "source.path", vm_where(L), "a file or folder below the project root",
                   "%s takes a path, got %s", call_of(L)->name, got);
        return 1;
    }
    /* There, of the right kind and below the root; the content is read when it is streamed. */
    const struct file_root *root = &vm_of(L)->root;
    int fd = format == SOURCE_DIR ? file_root_folder(root, path, &err)
                                  : file_root_read(root, path, &err);
    s->bad = fd < 0;
    if (!s->bad)
        close(fd);
    else
        vm_problem(L, "source.path", vm_where(L), error_hint_or_null(&err), "%s", err.message);
    return 1;
}

int bind_source_json(lua_State *L)
{
    return push_source(L, SOURCE_JSON);
}

int bind_source_jsonl(lua_State *L)
{
    return push_source(L, SOURCE_JSONL);
}

int bind_source_csv(lua_State *L)
{
    return push_source(L, SOURCE_CSV);
}

int bind_source_dir(lua_State *L)
{
    return push_source(L, SOURCE_DIR);
}
