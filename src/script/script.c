#include "script.h"

#include <lua.h>

#include "bind.h"
#include "chunk.h"
#include "sandbox.h"
#include "vm.h"

/* The whole of an evaluation, inside the protected call. */
static int evaluate(lua_State *L)
{
    struct vm *vm = vm_of(L);
    sandbox_open(L);
    chunk_push_main(L);
    lua_call(L, 0, 0);
    vm->finished = true;
    bind_run_policies(L);
    return 0;
}

bool script_evaluate(const struct script_options *options, struct model *m, struct error *err)
{
    struct vm vm = {.options = options, .model = m, .root = {.fd = -1}};
    vm.defaults.create = true;
    vm.defaults.preview_of = SIZE_MAX;
    bool ok = chunk_read_main(&vm, err) && vm_init(&vm, err) && vm_run(&vm, evaluate, err);
    /* Only a file that ran to its end has declared all its variables. */
    if (ok && vm.finished && vm.end == VM_ALIVE)
        bind_check_vars(&vm);
    vm_release(&vm);
    return ok;
}
