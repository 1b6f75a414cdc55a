#include "vm.h"

#include <lauxlib.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "advice.h"
#include "collect.h"

#define HOOK_STEP    10000
#define PROBLEMS_MAX 1000

/* Coroutines closing each other: as many as Lua allows C calls, whatever else is on the stack. */
#define CLOSING_MAX 100
#define STACK_MAX   ((ptrdiff_t)2 * 1024 * 1024)

/* The registry table that keeps the functions of loaded files alive. */
static const char chunks_key = 0;

/* ---- Memory ---------------------------------------------------------------------------------- */

size_t vm_room(const struct vm *vm)
{
    size_t used = vm->memory_used + vm->model->arena.used + vm->source.cap + vm->tape.cap +
                  vm->pieces.text.cap;
    return used < vm->memory_cap ? vm->memory_cap - used : 0;
}

/*
 * Lua answers most refusals with a full collection and asks again, with the same arguments and
 * nothing but frees in between: the second refusal is final and ends the run even if the file
 * catches the error. String buffers do not ask again (lauxlib.c, resizebox): their error is seen by
 * whoever catches it, as LUA_ERRMEM.
 */
static void *refuse(struct vm *vm, void *ptr, size_t size)
{
    bool again = size == vm->refusal.size && ptr == vm->refusal.ptr;
    struct srcpos pos = {NULL, 0};
    if (vm->running)
        pos = vm_where(vm->running);
    if (!pos.file) /* while an error is told: of the refusal that it comes from */
        pos = vm->refusal.pos;
    vm->refusal = (struct vm_refusal){ptr, size, pos};
    if (again && vm->end == VM_ALIVE) {
        vm->end = VM_MEMORY;
        vm->end_pos = pos;
    }
    collect_note(vm, true);
    return NULL;
}

/* Takes over where memory was refused, if that was not the end already. */
static void end_by_refusal(struct vm *vm)
{
    if (vm->end != VM_ALIVE)
        return;
    vm->end = VM_MEMORY;
    vm->end_pos = vm->refusal.pos;
}

/* `osize` is a type tag, not a size, when `ptr` is NULL (manual, lua_Alloc). */
static void *allocate(void *ud, void *ptr, size_t osize, size_t nsize)
{
    struct vm *vm = ud;
    size_t old_size = ptr ? osize : 0;
    if (nsize == 0) {
        mem_free(ptr);
        vm->memory_used -= old_size;
        return NULL;
    }
    if (nsize > old_size && nsize - old_size > vm_room(vm))
        return refuse(vm, ptr, nsize);
    void *block = mem_realloc(ptr, nsize);
    vm->memory_used = vm->memory_used - old_size + nsize;
    if (nsize > old_size) {
        vm->refusal.size = 0;
        collect_note(vm, false);
    }
    return block;
}

void vm_need(lua_State *L, size_t size)
{
    if (size > vm_room(vm_of(L)))
        vm_stop(L, VM_MEMORY);
}

void *vm_alloc(lua_State *L, size_t count, size_t size)
{
    vm_need(L, count > SIZE_MAX / size ? SIZE_MAX : count * size);
    return arena_alloc(&vm_of(L)->model->arena, count, size);
}

/* ---- Positions ------------------------------------------------------------------------------- */

/* Once only: a file that does not compile may be tried in a loop. */
static void add_chunk(lua_State *L, struct vm_chunk chunk)
{
    struct vm *vm = vm_of(L);
    for (size_t i = 0; i < vm->n_chunks; i++)
        if (!chunk.source && strcmp(vm->chunks[i].file, chunk.file) == 0)
            return;
    mem_grow((void **)&vm->chunks, &vm->cap_chunks, vm->n_chunks + 1, sizeof *vm->chunks);
    vm->chunks[vm->n_chunks++] = chunk;
}

void vm_add_chunk(lua_State *L, const char *file)
{
    lua_rawgetp(L, LUA_REGISTRYINDEX, &chunks_key);
    lua_pushvalue(L, -2);
    lua_rawseti(L, -2, (lua_Integer)vm_of(L)->n_chunks + 1);
    lua_pop(L, 1);

    lua_Debug ar;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &ar);
    struct vm_chunk chunk = {.source = ar.source, .file = file};
    memcpy(chunk.short_src, ar.short_src, sizeof chunk.short_src);
    add_chunk(L, chunk);
}

static const char *chunk_file(struct vm *vm, const char *source)
{
    if (vm->last_chunk < vm->n_chunks && vm->chunks[vm->last_chunk].source == source)
        return vm->chunks[vm->last_chunk].file;
    for (size_t i = 0; i < vm->n_chunks; i++)
        if (vm->chunks[i].source == source) {
            vm->last_chunk = i;
            return vm->chunks[i].file;
        }
    return NULL;
}

size_t vm_chain(lua_State *L, struct srcpos *out, size_t max)
{
    struct vm *vm = vm_of(L);
    size_t n = 0;
    lua_Debug ar;
    for (int level = 0; n < max && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar) || ar.currentline < 0 || ar.source[0] != '@')
            continue;
        const char *file = chunk_file(vm, ar.source);
        if (!file && vm->live)
            file = ar.source + 1; /* a script loads files itself, too (dofile) */
        if (file)
            out[n++] = (struct srcpos){file, ar.currentline};
    }
    return n;
}

struct srcpos vm_where(lua_State *L)
{
    struct vm *vm = vm_of(L);
    struct srcpos pos = {NULL, 0};
    if (vm_chain(L, &pos, 1) == 0 && L != vm->L)
        vm_chain(vm->L, &pos, 1); /* a coroutine that runs no user line: who resumed it */
    alarm_note(&vm->alarm, pos);
    return pos;
}

bool vm_split_position(const struct vm *vm, const char **message, struct srcpos *pos)
{
    for (size_t i = 0; i < vm->n_chunks; i++) {
        const struct vm_chunk *chunk = &vm->chunks[i];
        size_t len = strlen(chunk->short_src);
        if (strncmp(*message, chunk->short_src, len) != 0 || (*message)[len] != ':')
            continue;
        char *end;
        long line = strtol(*message + len + 1, &end, 10);
        if (end == *message + len + 1 || line < 0 || end[0] != ':' || end[1] != ' ')
            continue;
        *pos = (struct srcpos){chunk->file, (int)line};
        *message = end + 2;
        return !chunk->source;
    }
    return false;
}

/* ---- Problems -------------------------------------------------------------------------------- */

void vm_problem(lua_State *L, const char *code, struct srcpos pos, const char *hint,
                const char *fmt, ...)
{
    struct vm *vm = vm_of(L);
    struct error text; /* its setter cuts long texts at a character boundary */
    char message[4096];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    error_set(&text, ERR_INVALID, "%s", message);
    for (char *s = text.message; *s; s++) /* control bytes could play tricks on a terminal */
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            *s = ' ';
    if (vm->live)
        vm_raise(L, hint, "%s", text.message);
    diag_add(&vm->model->diags, DIAG_ERROR, code, pos, "%s", text.message);
    if (hint)
        diag_hint(&vm->model->diags, "%s", hint);
    if (vm->model->diags.n >= PROBLEMS_MAX)
        vm_stop(L, VM_PROBLEMS);
}

int vm_raise(lua_State *L, const char *hint, const char *fmt, ...)
{
    char message[2048];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    struct srcpos pos = vm_where(L);
    luaL_checkstack(L, 8, NULL);
    if (pos.file)
        lua_pushfstring(L, "%s:%d: %s", pos.file, pos.line, message);
    else
        lua_pushstring(L, message);
    if (hint)
        lua_pushfstring(L, "%s\nhint: %s", lua_tostring(L, -1), hint);
    return lua_error(L);
}

const char *vm_split_hint(const char *message, size_t *len)
{
    const char *mark = strstr(message, "\nhint: ");
    *len = mark ? (size_t)(mark - message) : strlen(message);
    return mark ? mark + strlen("\nhint: ") : NULL;
}

int vm_syntax_error(lua_State *L, const char *file)
{
    const char *message = lua_tostring(L, -1);
    struct vm_chunk chunk = {.file = file};
    const char *end = strstr(message, ": "); /* of "NAME:LINE: …" */
    while (end && end > message && end[-1] >= '0' && end[-1] <= '9')
        end--;
    bool named = end && end > message + 1 && end[-1] == ':';
    snprintf(chunk.short_src, sizeof chunk.short_src, "%.*s",
             named ? (int)(end - message) - 1 : LUA_IDSIZE - 1, named ? message : file);
    add_chunk(L, chunk);
    if (!named) /* bytecode: there is no line to name */
        lua_pushfstring(L, "%s:1: %s", chunk.short_src, message);
    return lua_error(L);
}

int vm_raise_error(lua_State *L, const struct error *err)
{
    return vm_raise(L, err->hint[0] ? err->hint : NULL, "%s", err->message);
}

void vm_push_message(lua_State *L)
{
    if (lua_isstring(L, 1)) {
        lua_pushvalue(L, 1);
        lua_tostring(L, -1);
        return;
    }
    if (luaL_getmetafield(L, 1, "__tostring") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK && lua_type(L, -1) == LUA_TSTRING)
            return;
    }
    lua_pushfstring(L, "an error value of type %s was raised", luaL_typename(L, 1));
}

static bool same_place(struct srcpos a, struct srcpos b)
{
    return a.file == b.file && a.line == b.line;
}

/* "called from kv.lua:3, kv.lua:9": the user's lines that led to `pos`; "" when there are none. */
static void describe_chain(lua_State *L, struct srcpos pos, char *out, size_t size)
{
    struct srcpos chain[8], last = pos;
    size_t n = vm_chain(L, chain, 8), i = 0, used = 0;
    while (i < n && !same_place(chain[i], pos))
        i++;
    out[0] = '\0';
    for (i = i < n ? i + 1 : 0; i < n && used < size; i++) {
        if (same_place(chain[i], last))
            continue;
        used += (size_t)snprintf(out + used, size - used, "%s%s:%d", used ? ", " : "called from ",
                                 chain[i].file, chain[i].line);
        last = chain[i];
    }
}

int vm_on_error(lua_State *L)
{
    struct vm *vm = vm_of(L);
    if (vm->end != VM_ALIVE)
        return 1;
    luaL_checkstack(L, 10, NULL);
    struct srcpos pos = vm_where(L);
    vm_push_message(L);
    if (vm->end != VM_ALIVE) /* a __tostring that spent the budget */
        return 1;
    const char *message = lua_tostring(L, -1);
    bool syntax = vm_split_position(vm, &message, &pos);
    size_t len;
    const char *hint = vm_split_hint(message, &len);
    lua_pushlstring(L, message, len);
    char chain[512];
    describe_chain(L, pos, chain, sizeof chain);
    char text[200], both[800];
    const char *advice = hint ? NULL : advice_of(message, syntax, text, sizeof text);
    const char *shown = hint ? hint : advice ? advice : chain[0] ? chain : NULL;
    if (advice && chain[0]) {
        snprintf(both, sizeof both, "%s (%s)", advice, chain);
        shown = both;
    }
    vm->reported = true;
    if (syntax)
        vm_problem(L, "lua.syntax", pos, shown, "%s", lua_tostring(L, -1));
    else if (vm->policy)
        vm_problem(L, "policy.error", pos, shown, "policy '%s' failed: %s", vm->policy,
                   lua_tostring(L, -1));
    else
        vm_problem(L, "lua.error", pos, shown, "%s", lua_tostring(L, -1));
    return 1;
}

/* ---- Ending ---------------------------------------------------------------------------------- */

static void on_count(lua_State *L, lua_Debug *ar)
{
    (void)ar;
    struct vm *vm = vm_of(L);
    vm_check(L);
    vm_where(L);
    vm->instructions += HOOK_STEP;
    if (vm->instructions > vm->instructions_max)
        vm_stop(L, VM_INSTRUCTIONS);
    if (clock_monotonic_ms() > vm->deadline)
        vm_stop(L, VM_TIME);
    vm_hook(L, HOOK_STEP); /* it may have been armed to look sooner */
    collect_look(L);
}

void vm_hook(lua_State *L, int step)
{
    lua_sethook(L, on_count, LUA_MASKCOUNT, step);
}

int vm_stop(lua_State *L, enum vm_end reason)
{
    struct vm *vm = vm_of(L);
    if (vm->end == VM_ALIVE) {
        vm->end = reason;
        vm->end_pos = vm_where(L);
    }
    if (!vm->live)
        vm_hook(L, 1);
    /* A literal that exists already: raising must not need memory. */
    lua_rawgetp(L, LUA_REGISTRYINDEX, vm);
    return lua_error(L);
}

int vm_stop_memory(lua_State *L)
{
    end_by_refusal(vm_of(L));
    return vm_stop(L, VM_MEMORY);
}

void vm_check(lua_State *L)
{
    struct vm *vm = vm_of(L);
    if (vm->end != VM_ALIVE)
        vm_stop(L, vm->end);
}

int vm_close_coroutine(lua_State *L, lua_State *co)
{
    struct vm *vm = vm_of(L);
    ptrdiff_t used = vm->stack_base - (const char *)__builtin_frame_address(0);
    if (vm->closing >= CLOSING_MAX || used > STACK_MAX || used < -STACK_MAX) {
        if (!vm->live)
            vm_stop(L, VM_NESTING);
        vm_raise(L, NULL, "C stack overflow: coroutines close each other more than %d deep",
                 CLOSING_MAX);
    }
    lua_State *closer = vm->running;
    vm->running = co;
    vm->closing++;
    int status = lua_resetthread(co);
    vm->closing--;
    vm->running = closer;
    return status;
}

/* The diagnostic of a spent budget. */
static void report_end(struct vm *vm)
{
    struct diag_list *diags = &vm->model->diags;
    switch (vm->end) {
    case VM_INSTRUCTIONS:
        diag_add(diags, DIAG_ERROR, "budget.instructions", vm->end_pos,
                 "evaluation took more than %llu Lua instructions",
                 (unsigned long long)vm->instructions_max);
        diag_hint(diags, "is there a loop that never ends?");
        break;
    case VM_MEMORY:
        diag_add(diags, DIAG_ERROR, "budget.memory", vm->end_pos,
                 "evaluation needs more than %zu MiB of memory", vm->memory_cap / (1024 * 1024));
        diag_hint(diags,
                  "large seeds belong in files: ns:bulk(cfkv.source.json(PATH)) streams them");
        break;
    case VM_TIME:
        diag_add(diags, DIAG_ERROR, "budget.time", vm->end_pos, "evaluation took longer than %u s",
                 vm->alarm.seconds);
        diag_hint(diags, "is there a loop that never ends?");
        break;
    case VM_PROBLEMS:
        diag_add(diags, DIAG_ERROR, "budget.problems", vm->end_pos,
                 "evaluation ended here: there are more than %d problems", PROBLEMS_MAX);
        diag_hint(diags, "mend the first ones: they often have one cause");
        break;
    case VM_NESTING:
        diag_add(diags, DIAG_ERROR, "budget.nesting", vm->end_pos,
                 "evaluation ended here: coroutines close each other more than %d deep",
                 CLOSING_MAX);
        diag_hint(diags, "close them in a loop, not each in the __close of another");
        break;
    case VM_ALIVE:
    case VM_EXIT:
    case VM_INTERRUPTED:
        break;
    }
}

/* ---- The state ------------------------------------------------------------------------------- */

static void look(void *ctx)
{
    const struct vm *vm = ctx;
    vm_where(vm->running);
}

bool vm_init(struct vm *vm, struct error *err)
{
    const struct script_limits *limits = &vm->options->limits;
    vm->memory_cap = limits->memory ? limits->memory : SCRIPT_MEMORY_DEFAULT;
    vm->instructions_max =
        limits->instructions ? limits->instructions : SCRIPT_INSTRUCTIONS_DEFAULT;
    vm->alarm.seconds = limits->seconds ? limits->seconds : SCRIPT_SECONDS_DEFAULT;
    vm->alarm.json_end = vm->options->json_end;
    vm->alarm.look = look;
    vm->alarm.look_ctx = vm;
    lua_State *L = lua_newstate(allocate, vm);
    if (!L) /* the budget is smaller than an empty state */
        return error_set(err, ERR_LIMIT, "%zu bytes of memory are too few to evaluate anything",
                         vm->memory_cap);
    vm->L = vm->running = L;
    *(struct vm **)lua_getextraspace(L) = vm;
    return true;
}

void vm_release(struct vm *vm)
{
    vm->running = NULL;
    if (vm->L)
        lua_close(vm->L);
    file_root_close(&vm->root);
    mem_free(vm->chunks);
    buf_release(&vm->source);
    buf_release(&vm->tape);
    pieces_release(&vm->pieces);
}

/* Runs under protection: what needs memory before the body does. */
static int prepare(lua_State *L)
{
    struct vm *vm = lua_touserdata(L, 1);
    lua_CFunction body = lua_tocfunction(L, 2);
    lua_gc(L, LUA_GCSTOP);
    lua_pushliteral(L, "the run is over");
    lua_rawsetp(L, LUA_REGISTRYINDEX, vm);
    lua_newtable(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &chunks_key);
    lua_settop(L, 0);
    return body(L);
}

int vm_protect(struct vm *vm, lua_CFunction body, lua_Hook hook, int hook_step,
               lua_CFunction handler)
{
    lua_State *L = vm->L;
    vm->stack_base = __builtin_frame_address(0);
    lua_sethook(L, hook, LUA_MASKCOUNT, hook_step);
    lua_pushcfunction(L, handler);
    lua_pushcfunction(L, prepare);
    lua_pushlightuserdata(L, vm);
    lua_pushcfunction(L, body);
    int status = lua_pcall(L, 2, 0, 1);
    lua_settop(L, 0);
    return status;
}

bool vm_run(struct vm *vm, lua_CFunction body, struct error *err)
{
    vm->deadline = clock_monotonic_ms() + (int64_t)vm->alarm.seconds * 1000;
    if (!alarm_start(&vm->alarm, vm->alarm.seconds, err))
        return false;
    int status = vm_protect(vm, body, on_count, HOOK_STEP, vm_on_error);
    alarm_stop(&vm->alarm);
    if (status == LUA_ERRMEM)
        end_by_refusal(vm);
    if (vm->end != VM_ALIVE)
        report_end(vm);
    else if (status != LUA_OK && !vm->reported)
        diag_add(&vm->model->diags, DIAG_ERROR, "lua.error", vm->end_pos,
                 "evaluation failed, and so did telling why (an error inside error handling)");
    return true;
}
