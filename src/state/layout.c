#include "layout.h"

#include <stddef.h>

#define SCALAR(name, kind, record, member, need)                                                   \
    {                                                                                              \
        {name, kind, offsetof(struct record, member), need}, OUTSIDE, NOT_CAPTURED                 \
    }
#define OPENS(name, place)                                                                         \
    {                                                                                              \
        {name, FIELD_TEXT, 0, FIELD_OPTIONAL}, place, NOT_CAPTURED                                 \
    }
#define CAPTURED(name, capture, need)                                                              \
    {                                                                                              \
        {name, FIELD_TEXT, 0, need}, OUTSIDE, capture                                              \
    }

static const struct member root_members[] = {
    SCALAR("version", FIELD_INT, root, version, FIELD_REQUIRED),
    OPENS("accounts", ACCOUNTS),
    OPENS("outputs", OUTPUTS),
    SCALAR("project", FIELD_TEXT, root, project, FIELD_NULLABLE),
    SCALAR("salt", FIELD_SALT, root, salt, FIELD_REQUIRED),
    CAPTURED("settings", SETTINGS, FIELD_OPTIONAL),
    OPENS("wrangler", CONFIGS),
};

static const struct member account_members[] = {
    OPENS("creating", CREATING),
    OPENS("namespaces", NAMESPACES),
};

static const struct member namespace_members[] = {
    SCALAR("binding", FIELD_TEXT, state_namespace, binding, FIELD_OPTIONAL),
    OPENS("bulk", BULKS),
    SCALAR("created", FIELD_TEXT, state_namespace, created, FIELD_OPTIONAL),
    SCALAR("description", FIELD_TEXT, state_namespace, description, FIELD_OPTIONAL),
    SCALAR("env", FIELD_TEXT, state_namespace, env, FIELD_OPTIONAL),
    SCALAR("id", FIELD_TEXT, state_namespace, id, FIELD_REQUIRED),
    OPENS("keys", KEYS),
    SCALAR("on_remove", FIELD_ON_REMOVE, state_namespace, on_remove, FIELD_OPTIONAL),
    SCALAR("origin", FIELD_ORIGIN, state_namespace, origin, FIELD_REQUIRED),
    SCALAR("protect", FIELD_FLAG, state_namespace, protect, FIELD_OPTIONAL),
    SCALAR("title", FIELD_TEXT, state_namespace, title, FIELD_REQUIRED),
    SCALAR("ttl_seconds", FIELD_INT, state_namespace, ttl_seconds, FIELD_REQUIRED),
};

static const struct member bulk_members[] = {
    SCALAR("count", FIELD_COUNT, state_bulk, count, FIELD_REQUIRED),
    SCALAR("sha256", FIELD_DIGEST, state_bulk, digest, FIELD_REQUIRED),
};

static const struct member key_members[] = {
    SCALAR("hmac", FIELD_MAC, state_key, hmac, FIELD_REQUIRED),
    SCALAR("origin", FIELD_WHOSE, state_key, origin, FIELD_OPTIONAL),
    SCALAR("secret", FIELD_FLAG, state_key, secret, FIELD_OPTIONAL),
    SCALAR("ttl", FIELD_INT, state_key, expiration_ttl, FIELD_OPTIONAL),
};

static const struct member output_members[] = {
    CAPTURED("namespaces", OUTPUT_NAMESPACES, FIELD_OPTIONAL),
    CAPTURED("value", OUTPUT_VALUE, FIELD_REQUIRED),
};

static const struct member binding_members[] = {
    SCALAR("id", FIELD_TEXT, state_binding, id, FIELD_OPTIONAL),
    SCALAR("preview_id", FIELD_TEXT, state_binding, preview_id, FIELD_OPTIONAL),
};

#define MEMBERS(array) array, sizeof(array) / sizeof *(array)
#define EXTRAS(record) offsetof(struct record, extras)

const struct layout layouts[OUTSIDE] = {
    [ROOT] = {OUTSIDE, MEMBERS(root_members), OUTSIDE, EXTRAS(root)},
    [ACCOUNTS] = {ROOT, NULL, 0, ACCOUNT, 0},
    [ACCOUNT] = {ACCOUNTS, MEMBERS(account_members), OUTSIDE, EXTRAS(state_account)},
    [CREATING] = {ACCOUNT, NULL, 0, OUTSIDE, 0},
    [NAMESPACES] = {ACCOUNT, NULL, 0, NAMESPACE, 0},
    [NAMESPACE] = {NAMESPACES, MEMBERS(namespace_members), OUTSIDE, EXTRAS(state_namespace)},
    [BULKS] = {NAMESPACE, NULL, 0, BULK, 0},
    [BULK] = {BULKS, MEMBERS(bulk_members), OUTSIDE, EXTRAS(state_bulk)},
    [KEYS] = {NAMESPACE, NULL, 0, KEY, 0},
    [KEY] = {KEYS, MEMBERS(key_members), OUTSIDE, EXTRAS(state_key)},
    [OUTPUTS] = {ROOT, NULL, 0, OUTPUT, 0},
    [OUTPUT] = {OUTPUTS, MEMBERS(output_members), OUTSIDE, EXTRAS(state_output)},
    [CONFIGS] = {ROOT, NULL, 0, CONFIG, 0},
    [CONFIG] = {CONFIGS, NULL, 0, CONFIG_ENV, 0},
    [CONFIG_ENV] = {CONFIG, NULL, 0, BINDING, 0},
    [BINDING] = {CONFIG_ENV, MEMBERS(binding_members), OUTSIDE, EXTRAS(state_binding)},
};

size_t layout_find(const struct layout *layout, struct bytes name)
{
    for (size_t i = 0; i < layout->n_members; i++)
        if (bytes_equal(bytes_of(layout->members[i].field.name), name))
            return i;
    return SIZE_MAX;
}
