#include "script.h"

#include <lua.h>

#include "base/text.h"
#include "bind.h"
#include "chunk.h"
#include "sandbox.h"
#include "vm.h"

/* The whole of an evaluation, inside the protected call. */
static int evaluate(lua_State *L)
{
    struct vm *vm = vm_of(L);
    sandbox_open(L);
    chunk_run_main(L);
    vm->finished = true;
    bind_run_policies(L);
    return 0;
}

static bool open_root(struct vm *vm, struct error *err)
{
    const char *root = vm->options->root;
    vm->shown_root = root ? root : path_parent(&vm->model->arena, vm->options->file);
    return file_root_open(&vm->root, vm->shown_root, err);
}

static bool run(struct vm *vm, struct error *err)
{
    return chunk_read_main(vm, err) && open_root(vm, err) && vm_init(vm, err) &&
           vm_run(vm, evaluate, err);
}

bool script_evaluate(const struct script_options *options, struct model *m, struct error *err)
{
    struct vm vm = {.options = options, .model = m, .root = {.fd = -1}};
    vm.defaults.create = true;
    vm.defaults.preview_of = SIZE_MAX;
    bool ok = run(&vm, err);
    /* Only a file that ran to its end has declared all its variables. */
    if (ok && vm.finished && vm.end == VM_ALIVE)
        bind_check_vars(&vm);
    vm_release(&vm);
    return ok;
}
