/* test_base.h: what every unit test of src/base starts with. */
#ifndef CFKV_TESTS_UNIT_TEST_BASE_H
#define CFKV_TESTS_UNIT_TEST_BASE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <time.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/fault.h"

#define TEXT(literal) bytes_make("" literal, sizeof(literal) - 1)
#define N_OF(array)   (sizeof(array) / sizeof *(array))

static inline void assert_bytes(struct bytes got, struct bytes want)
{
    assert_int_equal(got.len, want.len);
    if (want.len > 0)
        assert_memory_equal(got.data, want.data, want.len);
}

static inline void assert_buf(const struct buf *b, const char *want)
{
    assert_string_equal(b->data ? b->data : "", want);
    assert_int_equal(b->len, strlen(want));
}

/* For tests that something is not quadratic: minutes when it is, so the bound can be generous. */
static inline void assert_cpu_seconds_below(clock_t start, int seconds)
{
    assert_true((clock() - start) / CLOCKS_PER_SEC < seconds);
}

/* Runs `run` with its first allocation failing, then its second, until none is left to fail. Each
 * time it must say that memory ran out; leaks are the sanitizer's to find. Returns how many. */
static inline unsigned fail_each_allocation(bool (*run)(struct error *err))
{
    for (unsigned n = 1; n < 10000; n++) {
        struct error err = {.code = ERR_NONE};
        fault_set(FAULT_MODE_ALLOC, n);
        bool ok = run(&err);
        fault_set(FAULT_MODE_NONE, 0);
        if (ok)
            return n - 1;
        assert_int_equal(err.code, ERR_NOMEM);
    }
    fail_msg("it never succeeds");
    return 0;
}

#endif
