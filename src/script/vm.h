/*
 * vm.h: one Lua state for one evaluation, or for one script: its memory cap, its budgets, its one
 * protected call.
 *
 * Inside src/script a function says in its comment when it "raises": it then leaves by a Lua error
 * and must not own anything that only C knows of. Whatever must survive such a jump lives in the
 * model's arena, in Lua memory, or in the vm (its buffers).
 *
 * Once a budget is spent the run is over, whatever the file does: `end` says why, the count hook
 * fires at every instruction, and everything in the sandbox that can catch an error (guard.c)
 * raises again as long as `end` is set. A script has no budgets; it ends so by os.exit and Ctrl-C,
 * and what it has to close is closed meanwhile: its hook stays as it is.
 */
#ifndef CFKV_SCRIPT_VM_H
#define CFKV_SCRIPT_VM_H

#include <lua.h>

#include "alarm.h"
#include "base/file.h"
#include "pieces.h"
#include "script.h"

enum vm_end {
    VM_ALIVE = 0,
    VM_INSTRUCTIONS, /* more Lua instructions than the budget */
    VM_MEMORY,       /* Lua heap and model together passed the cap */
    VM_TIME,         /* the wall clock, seen by the count hook */
    VM_PROBLEMS,     /* more diagnostics than anybody reads */
    VM_NESTING,      /* coroutines that close each other without end */
    VM_EXIT,         /* a script called os.exit */
    VM_INTERRUPTED   /* Ctrl-C while a script ran */
};

/* One loaded file, so that positions can be told quickly and for as long as the model lives. */
struct vm_chunk {
    const char *source;         /* Lua's own pointer, of an anchored function; NULL: no good code */
    const char *file;           /* as shown to people; in the model's arena */
    char short_src[LUA_IDSIZE]; /* how Lua writes it in front of its messages */
};

struct live;

struct vm {
    lua_State *L;
    struct live *live;  /* what a script works on; NULL: a file is evaluated */
    lua_State *running; /* the coroutine in charge, or L */
    const struct script_options *options;
    struct model *model;
    struct file_root root;
    const char *shown_root; /* what is put before paths below the root in messages */

    size_t memory_used; /* bytes of Lua heap */
    size_t memory_cap;  /* for the Lua heap and the model's arena together */
    struct vm_refusal {
        void *ptr;
        size_t size; /* 0: none is pending */
        struct srcpos pos;
    } refusal; /* of memory, the last one */
    struct {
        size_t at;              /* heap size at which it is due; 0: Lua's own collector runs */
        const lua_State *armed; /* the coroutine whose next instruction will look */
        bool forced;            /* Lua collected because memory was refused */
    } collect;
    int closing; /* coroutines that are being closed, each inside the one before */
    const char *stack_base;
    uint64_t instructions;
    uint64_t instructions_max;
    int64_t deadline; /* monotonic milliseconds */
    struct alarm alarm;

    enum vm_end end;
    struct srcpos end_pos;
    bool reported;      /* an error that nobody caught has become a diagnostic */
    bool finished;      /* the file ran to its end */
    const char *policy; /* name of the policy that runs; NULL: none */

    struct vm_chunk *chunks;
    size_t n_chunks, cap_chunks;
    size_t last_chunk;    /* found last: the next question is mostly about the same file */
    struct buf source;    /* bytes of the file being loaded */
    struct pieces pieces; /* the value being built */
    struct buf tape;      /* the JSON text being decoded, as events */
    size_t printed;       /* bytes that print has written */
    struct namespace_decl defaults; /* project.defaults, the start of each namespace */
    struct srcpos first_namespace;
};

/* The vm of any coroutine. */
static inline struct vm *vm_of(lua_State *L)
{
    return *(struct vm **)lua_getextraspace(L);
}

/* Makes the state with its allocator and budgets. `vm` is zeroed but for options and model. On
 * failure vm_release is still due. */
bool vm_init(struct vm *vm, struct error *err);
void vm_release(struct vm *vm);

/*
 * Runs `body` (with the vm as light userdata argument) under the one protected call, wall clock
 * and all. An error that nobody caught has become a diagnostic, a spent budget too; false means
 * that the clock could not be set.
 */
bool vm_run(struct vm *vm, lua_CFunction body, struct error *err);

/* The part of vm_run that is about Lua: calls `body` with `hook` armed and `handler` for what
 * nobody caught. Returns Lua's status. */
int vm_protect(struct vm *vm, lua_CFunction body, lua_Hook hook, int hook_step,
               lua_CFunction handler);

/* Pushes the text of the error value at index 1. A __tostring of the user's may run, or raise. */
void vm_push_message(lua_State *L);

/* The message handler of every protected call of ours: makes the error a diagnostic. */
int vm_on_error(lua_State *L);

/* Ends the run after a LUA_ERRMEM, where memory was refused, and raises. */
int vm_stop_memory(lua_State *L);

/* Ends the run for `reason` at the user's current line and raises. */
int vm_stop(lua_State *L, enum vm_end reason);

/* Raises again when the run is over; returns otherwise. Every catcher calls it. */
void vm_check(lua_State *L);

/*
 * Closes the coroutine `co`: lua_resetthread, which gives the status. Lua 5.4.4 does not count how
 * deep the __close of one closes another, which would overflow the C stack: that ends an
 * evaluation, and raises in a script.
 */
int vm_close_coroutine(lua_State *L, lua_State *co);

/* Arms the count hook of an evaluation for the next `step` instructions of L. */
void vm_hook(lua_State *L, int step);

/* Ends the run (VM_MEMORY) unless the cap has room for `size` more bytes of arena or buffers. */
void vm_need(lua_State *L, size_t size);

/* arena_alloc in the model's arena, within the cap. */
void *vm_alloc(lua_State *L, size_t count, size_t size);

/* Bytes still free under the cap, which the buffers of the vm count towards, too. */
size_t vm_room(const struct vm *vm);

/* ---- Positions ------------------------------------------------------------------------------ */

/* Registers the function on top of the stack as the file `file` (in the model's arena) and anchors
 * it. Raises when memory is spent. */
void vm_add_chunk(lua_State *L, const char *file);

/* The innermost line of the user's that is running: neither C nor trusted Lua nor load() text.
 * `file` NULL when there is none. The wall clock is told too. Never raises or allocates. */
struct srcpos vm_where(lua_State *L);

/* All of them, innermost first, at most `max`; returns how many. */
size_t vm_chain(lua_State *L, struct srcpos *out, size_t max);

/* Takes "FILE:LINE: " off the front of a message when FILE is a loaded one, and sets `pos` to it.
 * true when that file did not compile. */
bool vm_split_position(const struct vm *vm, const char **message, struct srcpos *pos);

/* ---- Problems ------------------------------------------------------------------------------- */

/* Records an error diagnostic at `pos`. `hint` may be NULL. Raises only when there are too many; in
 * a script, where nothing is collected, always. */
void vm_problem(lua_State *L, const char *code, struct srcpos pos, const char *hint,
                const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/*
 * Raises "FILE:LINE: MESSAGE" about the user's current line, with "\nhint: HINT" behind when there
 * is a hint: vm_on_error takes the two apart again.
 */
int vm_raise(lua_State *L, const char *hint, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Raises the message of Lua's compiler on top of the stack, which is about `file`. */
int vm_syntax_error(lua_State *L, const char *file);

/* Where the hint of such a message begins; NULL: it has none. `*len` is the length without it. */
const char *vm_split_hint(const char *message, size_t *len);

/* vm_raise of an error of the layers below. */
int vm_raise_error(lua_State *L, const struct error *err);

#endif
