#include "layout.h"

#include <stddef.h>

#define SCALAR(name, kind, record, member, need)                                                   \
    {                                                                                              \
        {name, kind, offsetof(struct record, member), need}, OUTSIDE, NOT_CAPTURED                 \
    }
#define OPENS(name, place)                                                                         \
    {                                                                                              \
        {name, RECORD_TEXT, 0, RECORD_OPTIONAL}, place, NOT_CAPTURED                               \
    }
#define CAPTURED(name, capture, need)                                                              \
    {                                                                                              \
        {name, RECORD_TEXT, 0, need}, OUTSIDE, capture                                             \
    }

static const struct member root_members[] = {
    SCALAR("version", RECORD_INT, state_root, version, RECORD_REQUIRED),
    OPENS("accounts", ACCOUNTS),
    OPENS("outputs", OUTPUTS),
    SCALAR("project", RECORD_TEXT, state_root, project, RECORD_NULLABLE),
    SCALAR("salt", RECORD_SALT, state_root, salt, RECORD_REQUIRED),
    CAPTURED("settings", SETTINGS, RECORD_OPTIONAL),
    OPENS("wrangler", CONFIGS),
};

static const struct member account_members[] = {
    OPENS("creating", CREATING),
    OPENS("namespaces", NAMESPACES),
    OPENS("writing", TITLES),
};

/* A row of namespace_fields.h. */
#define RECORDED(name, kind, at_most, use, doc)                                                    \
    SCALAR(#name, RECORD_##kind, state_namespace, name, RECORD_NEED_##kind),

static const struct member namespace_members[] = {
    NAMESPACE_RECORDED(RECORDED)
        SCALAR("borrowed", RECORD_FLAG, state_namespace, borrowed, RECORD_OPTIONAL),
    OPENS("bulk", BULKS),
    SCALAR("created", RECORD_TEXT, state_namespace, created, RECORD_OPTIONAL),
    SCALAR("id", RECORD_TEXT, state_namespace, id, RECORD_REQUIRED),
    OPENS("keys", KEYS),
    SCALAR("on_remove", RECORD_ON_REMOVE, state_namespace, on_remove, RECORD_OPTIONAL),
    SCALAR("origin", RECORD_ORIGIN, state_namespace, origin, RECORD_REQUIRED),
    SCALAR("protect", RECORD_FLAG, state_namespace, protect, RECORD_OPTIONAL),
    SCALAR("prunes", RECORD_TEXT, state_namespace, prunes, RECORD_OPTIONAL),
    SCALAR("title", RECORD_TEXT, state_namespace, title, RECORD_REQUIRED),
    OPENS("writing", WRITING),
};

static const struct member bulk_members[] = {
    SCALAR("count", RECORD_COUNT, state_bulk, count, RECORD_REQUIRED),
    SCALAR("sha256", RECORD_DIGEST, state_bulk, digest, RECORD_REQUIRED),
};

static const struct member key_members[] = {
    SCALAR("expiration", RECORD_INT, state_key, expiration, RECORD_OPTIONAL),
    SCALAR("hmac", RECORD_MAC, state_key, hmac, RECORD_REQUIRED),
    SCALAR("origin", RECORD_WHOSE, state_key, origin, RECORD_OPTIONAL),
    SCALAR("secret", RECORD_FLAG, state_key, secret, RECORD_OPTIONAL),
    SCALAR("ttl", RECORD_INT, state_key, expiration_ttl, RECORD_OPTIONAL),
};

static const struct member writing_members[] = {
    SCALAR("expiration", RECORD_INT, state_key, expiration, RECORD_OPTIONAL),
    SCALAR("hmac", RECORD_MAC, state_key, hmac, RECORD_REQUIRED),
    SCALAR("secret", RECORD_FLAG, state_key, secret, RECORD_OPTIONAL),
    SCALAR("ttl", RECORD_INT, state_key, expiration_ttl, RECORD_OPTIONAL),
};

static const struct member output_members[] = {
    CAPTURED("namespaces", OUTPUT_NAMESPACES, RECORD_OPTIONAL),
    CAPTURED("value", OUTPUT_VALUE, RECORD_REQUIRED),
};

static const struct member binding_members[] = {
    SCALAR("id", RECORD_TEXT, state_binding, id, RECORD_OPTIONAL),
    SCALAR("preview_id", RECORD_TEXT, state_binding, preview_id, RECORD_OPTIONAL),
};

#define MEMBERS(array) array, sizeof(array) / sizeof *(array)
#define EXTRAS(record) offsetof(struct record, extras)

const struct layout layouts[OUTSIDE] = {
    [ROOT] = {OUTSIDE, MEMBERS(root_members), OUTSIDE, EXTRAS(state_root)},
    [ACCOUNTS] = {ROOT, NULL, 0, ACCOUNT, 0},
    [ACCOUNT] = {ACCOUNTS, MEMBERS(account_members), OUTSIDE, EXTRAS(state_account)},
    [CREATING] = {ACCOUNT, NULL, 0, OUTSIDE, 0},
    [NAMESPACES] = {ACCOUNT, NULL, 0, NAMESPACE, 0},
    [NAMESPACE] = {NAMESPACES, MEMBERS(namespace_members), OUTSIDE, EXTRAS(state_namespace)},
    [BULKS] = {NAMESPACE, NULL, 0, BULK, 0},
    [BULK] = {BULKS, MEMBERS(bulk_members), OUTSIDE, EXTRAS(state_bulk)},
    [KEYS] = {NAMESPACE, NULL, 0, KEY, 0},
    [KEY] = {KEYS, MEMBERS(key_members), OUTSIDE, EXTRAS(state_key)},
    [WRITING] = {NAMESPACE, NULL, 0, WRITING_KEY, 0},
    [WRITING_KEY] = {WRITING, MEMBERS(writing_members), OUTSIDE, EXTRAS(state_key)},
    [TITLES] = {ACCOUNT, NULL, 0, TITLED, 0},
    [TITLED] = {TITLES, NULL, 0, TITLED_KEY, 0},
    [TITLED_KEY] = {TITLED, MEMBERS(writing_members), OUTSIDE, EXTRAS(state_key)},
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
