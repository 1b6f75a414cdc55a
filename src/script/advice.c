#include "advice.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* What Lua met: the text behind "near ". */
static const char *near_of(const char *message)
{
    const char *near = strstr(message, " near ");
    return near ? near + strlen(" near ") : "";
}

static bool has(const char *message, const char *part)
{
    return strstr(message, part) != NULL;
}

/* A name, a text or a number begins where a comma was to be. */
static bool begins_value(const char *near)
{
    unsigned char c = near[0] == '\'' ? (unsigned char)near[1] : '\0';
    return isalnum(c) || c == '_' || c == '"' || c == '{';
}

static const char *of_syntax(const char *message, char *out, size_t size)
{
    const char *near = near_of(message);
    int line;
    const char *opened = strstr(message, " at line ");
    if (has(message, "this is UTF-16"))
        return NULL;
    if (has(message, "unfinished string"))
        return "close the quote in its line; [[…]] goes over lines";
    if (has(message, "unfinished long"))
        return "close it with ]]";
    if (near[0] == '\'' && near[1] == '<')
        return "names have ASCII letters only: write [\"…\"] = … for another key, and quotes "
               "around "
               "text";
    if (opened && sscanf(opened, " at line %d", &line) == 1) {
        snprintf(out, size, "what line %d opens is not closed before this%s", line,
                 begins_value(near) ? "; or a comma is missing in front of it" : "");
        return out;
    }
    if (has(message, "'}' expected") && strcmp(near, "'='") == 0)
        return "write [\"…\"] = … where a key is no plain name";
    if (has(message, "'}' expected") || has(message, "')' expected"))
        return begins_value(near) ? "is a comma missing in front of it?"
                                  : "is a bracket not closed, or a comma missing?";
    if (has(message, "'end' expected") || has(message, "<eof> expected"))
        return "each function, if, for and while has one 'end'";
    if (has(message, "'=' expected") || has(message, "syntax error"))
        return "a line is a call, f(x), or sets something: name = value";
    return "something is missing or too much in front of it";
}

static const char *of_error(const char *message)
{
    if (has(message, "attempt to call a nil value"))
        return "nothing of that name is there: is it misspelt, or defined further below?";
    if (has(message, "attempt to ") && has(message, "a nil value"))
        return "it has no value here: is it misspelt, or set further below?";
    if (has(message, "attempt to concatenate"))
        return "only text and numbers can be joined by ..; tostring(x) makes text of others";
    if (has(message, "attempt to perform arithmetic"))
        return "tonumber(x) makes a number of text";
    if (has(message, "attempt to compare"))
        return "both sides must be numbers, or both text";
    return NULL;
}

const char *advice_of(const char *message, bool syntax, char *out, size_t size)
{
    return syntax ? of_syntax(message, out, size) : of_error(message);
}
