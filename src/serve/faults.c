#include "faults.h"

#include <fnmatch.h>
#include <stdio.h>

#include "model/model.h"

void faults_init(struct faults *f)
{
    *f = (struct faults){.max_namespaces = KV_NAMESPACES_MAX};
}

/* ---- Chance ---------------------------------------------------------------------------------- */

/* splitmix64: every input gives an unrelated output. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* Each rule draws its own numbers, so that requests to others do not move them. */
static uint64_t draw(const struct faults *f, const struct fault_rule *rule)
{
    return mix(mix(f->seed) ^ mix((uint64_t)(rule - f->rules)) ^ rule->seen);
}

/* From 0 up to but not 1. */
static double unit(uint64_t x)
{
    return (double)(x >> 11) / 9007199254740992.0;
}

/* ---- Matching -------------------------------------------------------------------------------- */

static bool path_matches(const char *glob, struct bytes path)
{
    char text[8192];
    if (path.len >= sizeof text)
        return false;
    memcpy(text, path.data, path.len);
    text[path.len] = '\0';
    return fnmatch(glob, text, FNM_NOESCAPE) == 0;
}

static bool concerns(const struct fault_rule *rule, const char *method, const struct route *route)
{
    return (!rule->method || strcmp(rule->method, method) == 0) &&
           (rule->endpoint < 0 || rule->endpoint == (int64_t)route->endpoint) &&
           (!rule->path || path_matches(rule->path, route->path));
}

static bool fires(const struct faults *f, const struct fault_rule *rule)
{
    return (rule->nth == 0 || rule->seen == (uint64_t)rule->nth) &&
           (rule->every == 0 || rule->seen % (uint64_t)rule->every == 0) &&
           (rule->times == 0 || rule->fired < (uint64_t)rule->times) &&
           unit(draw(f, rule)) < rule->chance;
}

struct fault_rule *faults_pick(struct faults *f, const char *method, const struct route *route)
{
    struct fault_rule *picked = NULL;
    for (size_t i = 0; i < f->n_rules; i++) {
        struct fault_rule *rule = &f->rules[i];
        if (!concerns(rule, method, route))
            continue;
        rule->seen++; /* also when an earlier rule fires: n-th is about requests */
        if (!picked && fires(f, rule)) {
            rule->fired++;
            picked = rule;
        }
    }
    return picked;
}

bool faults_names(const struct fault_rule *rule, struct bytes name)
{
    for (size_t i = 0; i < rule->n_keys; i++)
        if (bytes_equal(rule->keys[i], name))
            return true;
    return false;
}

bool faults_leaves_out(const struct faults *f, const struct fault_rule *rule, struct bytes key)
{
    uint64_t x = draw(f, rule);
    if (rule->n_keys > 0)
        return faults_names(rule, key);
    for (size_t i = 0; i < key.len; i++)
        x = mix(x ^ (unsigned char)key.data[i]);
    return unit(mix(x)) < rule->fraction;
}

void faults_release(struct faults *f)
{
    arena_release(&f->arena);
    faults_init(f);
}
