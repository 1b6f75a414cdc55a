/* JSON text to Lua values, in two passes: the reader writes a tape of events into a
 * buffer of the vm (a Lua error must not jump through the parser), the tape then becomes values. */
#include <lauxlib.h>
#include <string.h>

#include "base/text.h"
#include "value.h"

enum event {
    EV_NULL,
    EV_FALSE,
    EV_TRUE,
    EV_INTEGER,
    EV_NUMBER,
    EV_STRING,
    EV_KEY,
    EV_OBJECT,
    EV_ARRAY,
    EV_END
};

struct recorder {
    struct buf *tape;
    size_t room;
};

static bool record(struct recorder *r, enum event event, const void *data, size_t len,
                   struct error *err)
{
    char tag = (char)event;
    buf_add(r->tape, &tag, 1);
    buf_add(r->tape, data, len);
    if (r->tape->len > r->room)
        return error_set(err, ERR_LIMIT, "too large for the memory budget");
    return true;
}

static bool record_text(struct recorder *r, enum event event, struct bytes s, struct error *err)
{
    if (!record(r, event, &s.len, sizeof s.len, err))
        return false;
    buf_add_bytes(r->tape, s);
    return true;
}

/* ---- Where a value is ------------------------------------------------------------------------ */

/* An open container. */
struct level {
    bool array;
    size_t n;         /* elements that began */
    struct bytes key; /* the last one */
};

struct path {
    struct level levels[JSON_MAX_DEPTH];
    size_t depth;
};

static struct bytes text_at(const char *tape)
{
    size_t len;
    memcpy(&len, tape, sizeof len);
    return bytes_make(tape + sizeof len, len);
}

/* Follows the event at `at` of a tape; returns where the next one is. */
static const char *follow(struct path *p, const char *at)
{
    enum event event = (enum event) * at++;
    struct level *level = p->depth > 0 ? &p->levels[p->depth - 1] : NULL;
    if (event == EV_END) {
        p->depth--;
        return at;
    }
    if (event == EV_KEY) {
        level->key = text_at(at);
        return level->key.data + level->key.len;
    }
    if (level)
        level->n++;
    if (event == EV_OBJECT || event == EV_ARRAY)
        p->levels[p->depth++] = (struct level){.array = event == EV_ARRAY};
    else if (event == EV_INTEGER || event == EV_NUMBER)
        at += 8;
    else if (event == EV_STRING)
        at = text_at(at).data + text_at(at).len;
    return at;
}

/* Says of what is wrong with the value behind the tape where it is: "at 'a.b[2]'". */
static bool name_place(const struct buf *tape, struct error *err)
{
    struct path p = {.depth = 0};
    struct buf out = {0};
    char quoted[QUOTED_SIZE];
    for (const char *at = tape->data; tape->len > 0 && at < tape->data + tape->len;)
        at = follow(&p, at);
    for (size_t i = 0; i < p.depth; i++) {
        const struct level *level = &p.levels[i];
        bool last = i + 1 == p.depth;
        if (level->array)
            buf_addf(&out, "[%zu]", level->n + last); /* it is not on the tape */
        else
            buf_addf(&out, "%s%.*s", i > 0 ? "." : "", BYTES_FMT(level->key));
    }
    if (out.len > 0)
        error_wrap(err, "at %s", text_quoted(buf_bytes(&out), quoted, sizeof quoted));
    buf_release(&out);
    return false;
}

static bool on_number(struct recorder *r, const struct json_event *e, struct error *err)
{
    if (!json_number_check(e->text, err))
        return name_place(r->tape, err);
    return record(r, EV_NUMBER, &e->number, sizeof e->number, err);
}

static bool on_event(void *ctx, const struct json_event *e, struct error *err)
{
    switch (e->type) {
    case JSON_NULL:
        return record(ctx, EV_NULL, "", 0, err);
    case JSON_BOOLEAN:
        return record(ctx, e->boolean ? EV_TRUE : EV_FALSE, "", 0, err);
    case JSON_INTEGER:
        return record(ctx, EV_INTEGER, &e->integer, sizeof e->integer, err);
    case JSON_NUMBER:
        return on_number(ctx, e, err);
    case JSON_STRING:
        return record_text(ctx, EV_STRING, e->text, err);
    case JSON_KEY:
        return record_text(ctx, EV_KEY, e->text, err);
    case JSON_BEGIN_OBJECT:
        return record(ctx, EV_OBJECT, "", 0, err);
    case JSON_BEGIN_ARRAY:
        return record(ctx, EV_ARRAY, "", 0, err);
    default:
        return record(ctx, EV_END, "", 0, err);
    }
}

/* ---- Replaying ------------------------------------------------------------------------------- */

struct player {
    lua_State *L;
    struct bytes tape;
    size_t at;
};

static void take(struct player *p, void *out, size_t len)
{
    memcpy(out, p->tape.data + p->at, len);
    p->at += len;
}

static enum event take_event(struct player *p)
{
    char tag;
    take(p, &tag, 1);
    return (enum event)tag;
}

static void push_text(struct player *p)
{
    size_t len;
    take(p, &len, sizeof len);
    lua_pushlstring(p->L, p->tape.data + p->at, len);
    p->at += len;
}

static bool push_value(struct player *p, enum event event, struct error *err);

static bool push_array(struct player *p, struct error *err)
{
    lua_newtable(p->L);
    value_mark_array(p->L);
    lua_Integer n = 0;
    for (enum event event; (event = take_event(p)) != EV_END;) {
        if (!push_value(p, event, err))
            return false;
        lua_rawseti(p->L, -2, ++n);
    }
    return true;
}

/* [ object, key ]: is the key there already? */
static bool is_repeated(lua_State *L)
{
    lua_pushvalue(L, -1);
    bool there = lua_rawget(L, -3) != LUA_TNIL;
    lua_pop(L, 1);
    return there;
}

static bool push_object(struct player *p, struct error *err)
{
    lua_newtable(p->L);
    while (take_event(p) == EV_KEY) { /* else it is EV_END */
        push_text(p);
        if (is_repeated(p->L)) {
            char name[80];
            size_t len;
            const char *s = lua_tolstring(p->L, -1, &len);
            return error_set(err, ERR_FORMAT, "member %s is there twice",
                             text_quoted(bytes_make(s, len), name, sizeof name));
        }
        if (!push_value(p, take_event(p), err))
            return false;
        lua_rawset(p->L, -3);
    }
    return true;
}

static bool push_value(struct player *p, enum event event, struct error *err)
{
    lua_State *L = p->L;
    int64_t n;
    double d;
    luaL_checkstack(L, 6, NULL);
    switch (event) {
    case EV_INTEGER:
        take(p, &n, sizeof n);
        lua_pushinteger(L, n);
        break;
    case EV_NUMBER:
        take(p, &d, sizeof d);
        lua_pushnumber(L, d);
        break;
    case EV_STRING:
        push_text(p);
        break;
    case EV_OBJECT:
        return push_object(p, err);
    case EV_ARRAY:
        return push_array(p, err);
    case EV_FALSE:
    case EV_TRUE:
        lua_pushboolean(L, event == EV_TRUE);
        break;
    case EV_NULL:
    case EV_KEY:
    case EV_END:
        value_push_null(L);
        break;
    }
    return true;
}

bool value_push_json(lua_State *L, struct bytes text, struct error *err)
{
    struct vm *vm = vm_of(L);
    struct recorder r = {&vm->tape, vm_room(vm) + vm->tape.cap};
    buf_clear(&vm->tape);
    if (!json_parse(text, on_event, &r, err))
        return false;
    struct player p = {L, buf_bytes(&vm->tape), 0};
    int top = lua_gettop(L);
    bool ok = push_value(&p, take_event(&p), err);
    if (!ok)
        lua_settop(L, top);
    return ok;
}
