#include "cli/shell_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define BREAKS " \t\n\"'><=;|&(:"

static const char *const openings[] = {"", "'", "\"", "$'"};

/* What is added as a word reads back as the same bytes, in whatever quotes it is added: alone,
 * behind an equals sign, and when the quote is closed. */
static void what_is_added_reads_back_as_it_was(void **state)
{
    struct arena arena = {0};
    (void)state;
    for (int first = 1; first < 256; first++)
        for (int second = 1; second < 256; second += 11)
            for (enum shell_quote quote = QUOTE_NONE; quote <= QUOTE_ANSI; quote++) {
                char text[] = {'a', (char)first, (char)second, '7', 0};
                struct buf line = {0};
                struct shell_line read;
                buf_addf(&line, "cfkv --x=%s", openings[quote]);
                shell_word_add(&line, bytes_of(text), quote);
                shell_line_read(&arena, buf_bytes(&line), BREAKS, &read);
                assert_int_equal(read.n, 2);
                assert_string_equal(read.words[1] + strlen("--x="), text);
                assert_int_equal(read.quote, quote);
                if (quote != QUOTE_NONE &&
                    !strpbrk(text, "'!")) /* these stand between two quotes */
                    assert_int_equal(read.kept, strlen("--x="));
                buf_addf(&line, "%s next",
                         quote == QUOTE_NONE ? "" : openings[quote] + (quote == QUOTE_ANSI));
                shell_line_read(&arena, buf_bytes(&line), BREAKS, &read);
                assert_int_equal(read.n, 3);
                assert_string_equal(read.words[1] + strlen("--x="), text);
                assert_string_equal(read.words[2], "next");
                buf_release(&line);
                arena_reset(&arena);
            }
    arena_release(&arena);
}

/* Where bash begins to replace. */
static void bash_replaces_from_a_break_or_the_open_quote(void **state)
{
    static const struct {
        const char *line, *last;
        size_t kept;
    } cases[] = {
        {"", "", 0},
        {"cfkv ", "", 0},
        {"cfkv a", "a", 0},
        {"cfkv --only=a", "--only=a", 7},
        {"cfkv local:a", "local:a", 6},
        {"cfkv local:a:b", "local:a:b", 8},
        {"cfkv local\\:a", "local:a", 0},
        {"cfkv 'a:b", "a:b", 0},
        {"cfkv a:'b:c", "a:b:c", 2},
        {"cfkv a:'b:c'", "a:b:c", 2},
        {"cfkv a:'b:c'd", "a:b:cd", 2},
        {"cfkv a'b c'd", "ab cd", 0},
        {"cfkv \"$(rm x)", "$(rm x)", 0},
        {"cfkv ''", "", 0},
        {"cfkv a\\", "a", 0},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct shell_line line;
        shell_line_read(&arena, bytes_of(cases[i].line), BREAKS, &line);
        assert_string_equal(line.words[line.n - 1], cases[i].last);
        assert_int_equal(line.kept, cases[i].kept);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_added_reads_back_as_it_was),
        cmocka_unit_test(bash_replaces_from_a_break_or_the_open_quote),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
