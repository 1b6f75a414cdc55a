/*
 * namespace_fields.h: what a namespace declares, one row a field.
 *
 * All that knows the fields of a namespace walks these rows: the declaration (model.h), reading it
 * and telling what is wrong with it (script/schema.h, rules_namespace.c), the document of `cfkv
 * eval`, the view of policies, the record in the state, `state show`, audit, and the types for
 * editors (meta_spec). A field that needs no rule of its own is one row more.
 *
 *     X(NAME, KIND, AT_MOST, USE, DOC)
 *
 * KIND      STRING, WORD (a STRING of few: NAME_words in fields.c), DURATION, BOOLEAN, TRISTATE or
 *           ON_REMOVE, OBJECT (field.h)
 * AT_MOST   characters of a STRING, which has to be valid UTF-8 then; 0: its own rule says
 * USE       of enum field_use
 * DOC       one line for people
 *
 * The rows of NAMESPACE_RECORDED stand in the state as they are declared; what is recorded of
 * title, protect, on_remove and of what is settled at creation (FIELD_SETTLED) is what came of
 * them. The rows of the two lists of defaults may be given for all namespaces at once, by the
 * `defaults` of cfkv.project.
 */
#ifndef CFKV_MODEL_NAMESPACE_FIELDS_H
#define CFKV_MODEL_NAMESPACE_FIELDS_H

#define NAMESPACE_OWN(X)                                                                           \
    X(title, STRING, 0, FIELD_NAMES | FIELD_LINE,                                                  \
      "explicit title; else built from app, purpose and env")                                      \
    X(namespace_name, STRING, 0, FIELD_NAMES | FIELD_ALIAS, "the same as title")                   \
    X(app, STRING, 0, FIELD_NAMES | FIELD_LINE, "the first part of its address")                   \
    X(purpose, STRING, 0, FIELD_NAMES | FIELD_LINE, "the second part")                             \
    X(renamed_from, STRING, 0, FIELD_LINE, "old address or title")                                 \
    X(id, STRING, 0, 0, "pins the namespace; without a title it keeps its own")

#define NAMESPACE_OWN_RECORDED(X)                                                                  \
    X(binding, STRING, 0, 0, "its name in a Worker, such as CACHE")                                \
    X(env, STRING, 0, FIELD_NAMES | FIELD_LINE, "the third part")

#define NAMESPACE_DEFAULTS_RECORDED(X)                                                             \
    X(ttl_seconds, DURATION, 0, 0,                                                                 \
      "expiration_ttl of seeded keys that have none; 0 or at least 60")                            \
    X(description, STRING, 256, FIELD_AUDIT, "for people; at most 256 characters")                 \
    X(owner, STRING, 64, FIELD_LINE | FIELD_AUDIT,                                                 \
      "who answers for it, as audit tells; at most 64 characters")                                 \
    X(jurisdiction, WORD, 0, FIELD_AUDIT | FIELD_SETTLED,                                          \
      "where its data must stay; settled when it is created")                                      \
    X(mode, WORD, 0, FIELD_AUDIT | FIELD_SETTLED,                                                  \
      "\"instant\": few, small keys without metadata; settled when it is created")                 \
    X(create_options, OBJECT, 0, FIELD_SETTLED,                                                    \
      "sent as it is when it is created, for what cfkv does not know yet")

#define NAMESPACE_DEFAULTS(X)                                                                      \
    X(protect, TRISTATE, 0, FIELD_DERIVED, "never deleted, pruned or emptied")                     \
    X(on_remove, ON_REMOVE, 0, 0, "what happens when the declaration goes away")                   \
    X(create, BOOLEAN, 0, 0, "false: it must exist already")                                       \
    X(preview, BOOLEAN, 0, 0,                                                                      \
      "makes a second namespace TITLE_preview, whose id goes into preview_id; not with --local")   \
    X(fingerprint, BOOLEAN, 0, 0, "keep a content hash in each key's metadata")                    \
    X(account_id, STRING, 0, FIELD_DERIVED, "the account it lives in; else the project's")         \
    X(account, STRING, 0, FIELD_DERIVED,                                                           \
      "its name in the project's accounts, instead of account_id")

#define NAMESPACE_RECORDED(X)                                                                      \
    NAMESPACE_DEFAULTS_RECORDED(X)                                                                 \
    NAMESPACE_OWN_RECORDED(X)

#define NAMESPACE_FIELDS(X)                                                                        \
    NAMESPACE_OWN(X)                                                                               \
    NAMESPACE_OWN_RECORDED(X)                                                                      \
    NAMESPACE_DEFAULTS_RECORDED(X)                                                                 \
    NAMESPACE_DEFAULTS(X)

#endif
