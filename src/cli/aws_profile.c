#include "aws_profile.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "own_file.h"

/* One of the two files, and the section of the profile in it. */
struct place {
    const char *path; /* NULL: it has none */
    struct ini ini;
    const char *section;
};

struct files {
    struct arena *arena;
    struct place credentials, config;
    const char *name;
    struct error *err;
};

static const char *path_of(struct arena *arena, const char *variable, const char *usual)
{
    const char *path = getenv(variable);
    if (!path || !*path)
        return own_file_home(arena, usual);
    const char *below = strncmp(path, "~/", 2) == 0 ? own_file_home(arena, path + 2) : NULL;
    return below ? below : path;
}

static const char *credentials_path(struct arena *arena)
{
    return path_of(arena, "AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials");
}

static const char *config_path(struct arena *arena)
{
    return path_of(arena, "AWS_CONFIG_FILE", ".aws/config");
}

const char *aws_profile_files(struct arena *arena)
{
    const char *credentials = credentials_path(arena), *config = config_path(arena);
    return credentials && config ? arena_printf(arena, "%s and %s", credentials, config)
                                 : "AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE";
}

static bool open_files(struct files *f)
{
    f->credentials.path = credentials_path(f->arena);
    f->config.path = config_path(f->arena);
    f->credentials.section = f->name;
    f->config.section = arena_printf(f->arena, "profile %s", f->name);
    struct place *places[] = {&f->credentials, &f->config};
    for (size_t i = 0; i < 2; i++)
        if (places[i]->path && !own_file_read(f->arena, places[i]->path, &places[i]->ini, f->err))
            return false;
    /* [default] is written without the word, as a rule. */
    if (strcmp(f->name, "default") == 0 && !ini_has_section(&f->config.ini, f->config.section))
        f->config.section = f->name;
    return true;
}

/* ---- Settings -------------------------------------------------------------------------------- */

/* The value; `*out` NULL: not set, or to nothing. */
static bool take(struct files *f, const struct place *p, const char *section, const char *name,
                 const char *sub, const char **out)
{
    const struct ini_setting *s = ini_find(&p->ini, section, name, sub);
    *out = s && *s->value ? s->value : NULL;
    if (!s || !s->cut)
        return true;
    error_set(f->err, ERR_FORMAT, "%s:%zu: %s goes on on further lines", p->path, s->line,
              sub ? sub : name);
    return error_hint(f->err, "write it into one line");
}

static const char *source_of(struct files *f, const struct place *p)
{
    char name[QUOTED_SIZE];
    return arena_printf(f->arena, "profile %s of %s",
                        text_quoted(bytes_of(f->name), name, sizeof name), p->path);
}

static bool take_keys(struct files *f, const struct place *p, struct aws_profile *out)
{
    const char *id, *secret, *session;
    if (out->id)
        return true;
    if (!take(f, p, p->section, "aws_access_key_id", NULL, &id) ||
        !take(f, p, p->section, "aws_secret_access_key", NULL, &secret) ||
        !take(f, p, p->section, "aws_session_token", NULL, &session))
        return false;
    if (!id != !secret) {
        error_set(f->err, ERR_FORMAT, "%s has %s, but no %s", source_of(f, p),
                  id ? "aws_access_key_id" : "aws_secret_access_key",
                  id ? "aws_secret_access_key" : "aws_access_key_id");
        return error_hint(f->err, "'aws configure' writes both");
    }
    if (!id)
        return true;
    out->id = id;
    out->secret = secret;
    out->session = session;
    out->source = source_of(f, p);
    return true;
}

static bool take_process(struct files *f, const struct place *p, struct aws_profile *out)
{
    if (out->id || out->process)
        return true;
    if (!take(f, p, p->section, "credential_process", NULL, &out->process))
        return false;
    if (out->process)
        out->source = arena_printf(f->arena, "credential_process of %s", source_of(f, p));
    return true;
}

/* The service's own section, else the profile's. */
static bool take_endpoint(struct files *f, struct aws_profile *out)
{
    const struct place *p = &f->config;
    const char *services, *section = p->section, *name = "endpoint_url", *sub = NULL;
    if (!take(f, p, section, "services", NULL, &services))
        return false;
    if (services) {
        const char *own = arena_printf(f->arena, "services %s", services);
        if (!take(f, p, own, "s3", "endpoint_url", &out->endpoint))
            return false;
        if (out->endpoint) {
            section = own;
            name = "s3";
            sub = "endpoint_url";
        }
    }
    if (!out->endpoint && !take(f, p, section, name, NULL, &out->endpoint))
        return false;
    if (out->endpoint)
        out->endpoint_source = arena_printf(f->arena, "endpoint_url of %s:%zu", p->path,
                                            ini_find(&p->ini, section, name, sub)->line);
    return true;
}

/* Keys that a service of AWS's gives out: AWS's own program knows them all. */
static void find_unsupported(const struct files *f, struct aws_profile *out)
{
    static const char *const names[] = {"role_arn", "sso_session", "sso_start_url", "login_session",
                                        "web_identity_token_file"};
    const struct place *places[] = {&f->credentials, &f->config};
    for (size_t i = 0; !out->id && !out->process && i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < 2; k++)
            if (ini_find(&places[k]->ini, places[k]->section, names[i], NULL))
                out->unsupported = names[i];
}

bool aws_profile_read(struct arena *arena, const char *name, struct aws_profile *out,
                      struct error *err)
{
    struct files f = {.arena = arena, .name = name, .err = err};
    *out = (struct aws_profile){0};
    if (!open_files(&f) || !take_keys(&f, &f.credentials, out) || !take_keys(&f, &f.config, out) ||
        !take_process(&f, &f.credentials, out) || !take_process(&f, &f.config, out) ||
        !take(&f, &f.config, f.config.section, "region", NULL, &out->region) ||
        !take_endpoint(&f, out))
        return false;
    out->found = ini_has_section(&f.credentials.ini, f.credentials.section) ||
                 ini_has_section(&f.config.ini, f.config.section);
    find_unsupported(&f, out);
    return true;
}
