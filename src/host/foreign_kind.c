#include "foreign_kind.h"

#include <string.h>

#define HCL_HINT                                                                                   \
    "in its folder: 'terraform state pull >state.json', or 'terraform show -json >state.json'; "   \
    "import that"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static struct bytes skip_blanks(struct bytes text)
{
    while (text.len > 0 && is_blank(*text.data))
        text = bytes_make(text.data + 1, text.len - 1);
    return text;
}

static struct bytes behind(struct bytes text, const char *mark)
{
    size_t n = strlen(mark);
    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.data + i, mark, n) == 0)
            return bytes_make(text.data + i + n, text.len - i - n);
    return bytes_make(text.data + text.len, 0);
}

/* Without blanks and comments at the beginning. */
static struct bytes skip_comments(struct bytes text)
{
    for (;;) {
        text = skip_blanks(text);
        if (bytes_starts_with(text, bytes_of("#")) || bytes_starts_with(text, bytes_of("//")))
            text = behind(text, "\n");
        else if (bytes_starts_with(text, bytes_of("/*")))
            text = behind(text, "*/");
        else
            return text;
    }
}

/* A block of a configuration: a word that begins one, its labels, a brace. */
static bool begins_block(struct bytes text)
{
    static const char *const labelled[] = {"data",     "ephemeral", "module",  "output",
                                           "provider", "resource",  "variable"};
    static const char *const bare[] = {"import", "locals", "moved", "removed", "terraform"};
    size_t n = 0;
    while (n < text.len && is_word(text.data[n]))
        n++;
    struct bytes word = bytes_make(text.data, n);
    struct bytes rest = skip_blanks(bytes_make(text.data + n, text.len - n));
    if (n == 0 || rest.len == 0)
        return false;
    for (size_t i = 0; i < sizeof labelled / sizeof *labelled; i++)
        if (bytes_equal(word, bytes_of(labelled[i])))
            return *rest.data == '"';
    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++)
        if (bytes_equal(word, bytes_of(bare[i])))
            return *rest.data == '{';
    return false;
}

static bool has_suffix(const char *name, const char *suffix)
{
    size_t len = strlen(name), n = strlen(suffix);
    return len > n && strcmp(name + len - n, suffix) == 0;
}

static bool is_hcl(const char *name, struct bytes head)
{
    static const char *const suffixes[] = {".hcl", ".tf", ".tfvars", ".tofu"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (has_suffix(name, suffixes[i]))
            return true;
    return begins_block(skip_comments(head));
}

bool foreign_kind_check(const char *name, struct bytes head, struct error *err)
{
    if (bytes_starts_with(head, bytes_of("PK\x03\x04"))) {
        error_set(err, ERR_FORMAT, "this is an archive, as a saved plan of Terraform is one");
        return error_hint(err, "'terraform show -json PLANFILE >plan.json' prints what is in it; "
                               "import that");
    }
    if (!is_hcl(name, head))
        return true;
    error_set(err, ERR_FORMAT,
              "this is a configuration of Terraform in HCL: it says what is to be there, without "
              "the ids of what is");
    return error_hint(err, HCL_HINT);
}
