/*
 * fault.h: places where a test may break the program.
 *
 * In a fault build (make FLAVOUR=fault, used by tests only) every write that outlives the process
 * calls FAULT(name) just before it, and every allocation counts. The environment then says what
 * happens:
 *
 *     CFKV_FAULT=kill:N    the N-th fault point (from 1) ends the process with SIGKILL
 *     CFKV_FAULT=fail:N    the N-th fault point fails its operation with EIO
 *     CFKV_FAULT=alloc:N   the N-th allocation finds no memory, which ends the process (mem.h)
 *     CFKV_FAULT_LOG=FILE  appends "N name\n" for each fault point as it is passed; at exit appends
 *                          "alloc N" with the number of allocations
 *
 * In every other build FAULT() is the constant 0 and none of these variables is read.
 *
 *     if (FAULT("state.rename") || rename(a, b) != 0) …errno is EIO or rename's…
 */
#ifndef CFKV_BASE_FAULT_H
#define CFKV_BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#ifdef CFKV_FAULTS
bool fault_point(const char *name); /* true: behave as if the operation failed; errno is EIO */
bool fault_alloc(void);             /* true: this allocation fails */

/* For unit tests: the n-th point or allocation from now (1: the next) is hit; 0: none is. */
enum fault_mode { FAULT_MODE_NONE, FAULT_MODE_KILL, FAULT_MODE_FAIL, FAULT_MODE_ALLOC };
void fault_set(enum fault_mode mode, uint64_t n);

#define FAULT(name)   fault_point(name)
#define FAULT_ALLOC() fault_alloc()
#else
#define FAULT(name)        ((void)(name), false)
#define FAULT_ALLOC()      (false)
#define fault_set(mode, n) ((void)0) /* only a fault build has faults to set */
#endif

#endif
