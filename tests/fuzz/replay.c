/*
 * replay.c: runs a fuzz target over kept inputs, once each.
 *
 *     fuzz_json FILE...
 *
 * The loop that `make asan` needs instead of libFuzzer's: no search, any compiler.
 */
#include <stdint.h>
#include <stdio.h>

#include "base/file.h"

#define INPUT_MAX ((size_t)64 * 1024 * 1024)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool replay(const char *path, struct error *err)
{
    struct buf input = {0};
    bool ok = file_read(path, INPUT_MAX, &input, err);
    if (ok)
        LLVMFuzzerTestOneInput((const uint8_t *)input.data, input.len);
    buf_release(&input);
    return ok;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct error err;
        if (!replay(argv[i], &err)) {
            fprintf(stderr, "%s\n", err.message);
            return 1;
        }
    }
    printf("%s: %d inputs replayed\n", path_name(argv[0]), argc - 1);
    return argc > 1 ? 0 : 1;
}
