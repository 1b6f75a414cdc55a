/*
 * diag.h: diagnostics, the problems found in a configuration, all of them at once.
 *
 * A diagnostic says what is wrong, with which value, where (file:line) and what to do. The list
 * copies every text into its own arena. Codes are stable words, "kind.problem" ("namespace.title",
 * "key.duplicate"); people read the message, programs the code.
 */
#ifndef CFKV_MODEL_DIAG_H
#define CFKV_MODEL_DIAG_H

#include <stdarg.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "spot.h"

enum diag_severity { DIAG_ERROR, DIAG_WARNING };

/* A place in a user's file. `file` NULL: no place (the whole configuration). */
struct srcpos {
    const char *file;
    int line;
};

struct diag {
    enum diag_severity severity;
    const char *code;     /* static string */
    const char *message;  /* no capital, no full stop */
    const char *hint;     /* or NULL */
    const char *together; /* what stands for the differing words of their hints when those of one
                             cause are told as one (diag_groups.h); NULL: they are listed */
    struct srcpos pos;
    struct spot spot; /* in the text of `pos.file`, once diag_locate found it */
    size_t order;     /* of being added; keeps the sort stable */
};

struct diag_list {
    struct arena arena;
    struct diag *items;
    size_t n;
    size_t cap;
    size_t errors; /* how many have severity DIAG_ERROR */
};

/* Adds one; `fmt` gives the message. */
void diag_add(struct diag_list *list, enum diag_severity severity, const char *code,
              struct srcpos pos, const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The same with `prefix` before the message, which is made of arguments at hand. */
void diag_add_behind(struct diag_list *list, enum diag_severity severity, const char *code,
                     struct srcpos pos, const char *prefix, const char *fmt, va_list args)
    __attribute__((format(printf, 6, 0)));

/* Sets the hint of the diagnostic added last. */
void diag_hint(struct diag_list *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets what is said of the one added last together with others of its cause. */
void diag_together(struct diag_list *list, const char *words);

/* Append copies of one, of all of another list. */
void diag_copy(struct diag_list *list, const struct diag *d);
void diag_add_all(struct diag_list *list, const struct diag_list *from);

/* Makes every warning an error (--strict). */
void diag_make_strict(struct diag_list *list);

/* Finds what each is about in the texts that were evaluated: its line becomes that of the field or
 * the value inside of a call. Those that were found before stay. The texts must outlive the list.
 */
void diag_locate(struct diag_list *list, struct lua_texts *texts);

/* Sorts by file, line, then order of being added; drops exact repeats. */
void diag_sort(struct diag_list *list);

/* Prints the array `[{"code":…,"column":…,"file":…,"hint":…,"line":…,"message":…,"severity":…},
 * …]`. The column counts characters from 1, and is null where only the line is known. */
void diag_write_json(const struct diag_list *list, struct json_writer *w);

/* The same of groups, for who words them: with `also`, an array of what the next ones are about,
 * and `also_count`, how many more there are than the first. */
void diag_write_json_grouped(const struct diag_list *list, bool all, struct json_writer *w);

/* Prints "FILE:LINE: error: MESSAGE\n", the line in question (excerpt.h) and "  hint: HINT\n" for
 * each; those of one cause as one, with "  also …\n" behind the message (diag_groups.h), unless
 * `all` is set. A width of 0 leaves out the lines. */
void diag_write_text(const struct diag_list *list, bool all, size_t width, struct buf *out);

/* false with ERR_INVALID ("the configuration has 3 errors") when there is an error in the list. */
bool diag_check(const struct diag_list *list, struct error *err);

void diag_release(struct diag_list *list);

#endif
