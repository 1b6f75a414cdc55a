/* Values with ids or secrets in them: under construction (pieces), and as a userdata: a header, its
 * marks, its text, in one block of Lua memory. */
#include <lauxlib.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "value.h"

#define DEFERRED "deferred value"

/* ---- Pieces ---------------------------------------------------------------------------------- */

void pieces_clear(struct pieces *p)
{
    buf_clear(&p->text);
    p->n_marks = 0;
    p->secret = false;
}

void pieces_release(struct pieces *p)
{
    buf_release(&p->text);
    mem_free(p->marks);
    *p = (struct pieces){0};
}

void pieces_add_id(struct pieces *p, size_t ns, enum part_kind kind)
{
    mem_grow((void **)&p->marks, &p->cap_marks, p->n_marks + 1, sizeof *p->marks);
    p->marks[p->n_marks++] = (struct mark){p->text.len, ns, kind};
}

struct deferred value_keep(lua_State *L, const struct pieces *p)
{
    struct arena *arena = &vm_of(L)->model->arena;
    vm_need(L, p->text.len + p->n_marks * 2 * sizeof(struct part));
    struct bytes text = arena_copy(arena, buf_bytes(&p->text));
    struct deferred d = {.parts = arena_alloc(arena, 2 * p->n_marks + 1, sizeof *d.parts),
                         .secret = p->secret};
    size_t at = 0;
    /* Text before, between and after the ids; an empty value has one empty part. */
    for (size_t i = 0; i <= p->n_marks; i++) {
        size_t end = i < p->n_marks ? p->marks[i].at : text.len;
        if (end > at || p->n_marks == 0)
            d.parts[d.n++] = (struct part){PART_TEXT, bytes_make(text.data + at, end - at), 0};
        if (i < p->n_marks)
            d.parts[d.n++] = (struct part){p->marks[i].kind, {NULL, 0}, p->marks[i].ns};
        at = end;
    }
    return d;
}

struct bytes value_keep_bytes(lua_State *L, struct bytes b)
{
    vm_need(L, b.len);
    return arena_copy(&vm_of(L)->model->arena, b);
}

/* ---- The userdata ---------------------------------------------------------------------------- */

struct held {
    size_t n_marks;
    size_t len;
    bool secret;
    struct mark marks[]; /* then `len` bytes of text */
};

static struct bytes held_text(const struct held *h)
{
    return bytes_make((const char *)(h->marks + h->n_marks), h->len);
}

static int deferred_concat(lua_State *L);
static int deferred_eq(lua_State *L);
static int deferred_unreadable(lua_State *L);

static const luaL_Reg methods[] = {
    {"__concat", deferred_concat},
    {"__eq", deferred_eq},
    {"__lt", deferred_unreadable},
    {"__le", deferred_unreadable},
    {"__len", deferred_unreadable},
    {"__index", deferred_unreadable},
    {"__call", deferred_unreadable},
    {"__tostring", deferred_unreadable},
    {NULL, NULL},
};

static const struct held *held_at(lua_State *L, int idx)
{
    return luaL_testudata(L, idx, DEFERRED);
}

bool value_is_deferred(lua_State *L, int idx)
{
    return held_at(L, idx) != NULL;
}

static void push_held(lua_State *L, const struct pieces *p)
{
    struct bytes text = buf_bytes(&p->text);
    size_t marks_size = p->n_marks * sizeof(struct mark);
    struct held *h = lua_newuserdatauv(L, sizeof *h + marks_size + text.len, 0);
    *h = (struct held){p->n_marks, text.len, p->secret};
    if (p->n_marks)
        memcpy(h->marks, p->marks, marks_size);
    if (text.len)
        memcpy(h->marks + p->n_marks, text.data, text.len);
    value_set_metatable(L, DEFERRED, methods);
}

void value_push_pieces(lua_State *L, const struct pieces *p)
{
    if (p->n_marks || p->secret)
        push_held(L, p);
    else
        value_push_bytes(L, buf_bytes(&p->text));
}

void value_push_id(lua_State *L, size_t ns)
{
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    pieces_add_id(p, ns, PART_ID);
    value_push_pieces(L, p);
}

static void add_text(lua_State *L, struct pieces *p, struct bytes text, bool json)
{
    vm_need(L, text.len);
    if (json)
        json_escape(&p->text, text);
    else
        buf_add_bytes(&p->text, text);
}

void value_add_deferred(lua_State *L, int idx, struct pieces *p, bool json)
{
    const struct held *h = held_at(L, idx);
    struct bytes text = held_text(h);
    size_t at = 0;
    for (size_t i = 0; i < h->n_marks; i++) {
        add_text(L, p, bytes_make(text.data + at, h->marks[i].at - at), json);
        at = h->marks[i].at;
        pieces_add_id(p, h->marks[i].ns, json ? PART_ID_JSON : h->marks[i].kind);
    }
    add_text(L, p, bytes_make(text.data + at, text.len - at), json);
    p->secret = p->secret || h->secret;
}

/* ---- Metamethods ----------------------------------------------------------------------------- */

static void add_operand(lua_State *L, int idx, struct pieces *p)
{
    if (value_is_deferred(L, idx)) {
        value_add_deferred(L, idx, p, false);
    } else if (lua_isstring(L, idx)) {
        lua_tostring(L, idx); /* a number becomes its text */
        add_text(L, p, value_bytes(L, idx), false);
    } else {
        vm_raise(L, NULL, "cannot join a %s to a value that is known only at apply",
                 luaL_typename(L, idx));
    }
}

static int deferred_concat(lua_State *L)
{
    struct pieces *p = &vm_of(L)->pieces;
    pieces_clear(p);
    add_operand(L, 1, p);
    add_operand(L, 2, p);
    value_push_pieces(L, p);
    return 1;
}

static int deferred_eq(lua_State *L)
{
    const struct held *a = held_at(L, 1);
    const struct held *b = held_at(L, 2);
    bool equal = a && b && a->n_marks == b->n_marks && a->secret == b->secret &&
                 bytes_equal(held_text(a), held_text(b));
    for (size_t i = 0; equal && i < a->n_marks; i++)
        equal = a->marks[i].at == b->marks[i].at && a->marks[i].ns == b->marks[i].ns &&
                a->marks[i].kind == b->marks[i].kind;
    lua_pushboolean(L, equal);
    return 1;
}

/* Everything that would need the text now. */
static int deferred_unreadable(lua_State *L)
{
    const struct held *h = held_at(L, 1);
    if (!h)
        h = held_at(L, 2);
    if (h && h->secret)
        return vm_raise(L, "join it with .. or pass it as a value",
                        "the text of a secret cannot be read");
    return vm_raise(L, "join it with .. or pass it as a value",
                    "the id of a namespace is known only at apply");
}

void value_push_shown(lua_State *L, int idx)
{
    const struct held *h = held_at(L, idx);
    if (h->secret) {
        lua_pushliteral(L, "(secret)");
        return;
    }
    const struct model *m = vm_of(L)->model;
    struct bytes text = held_text(h);
    size_t at = 0;
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (size_t i = 0; i < h->n_marks; i++) {
        struct bytes address = m->namespaces[h->marks[i].ns].address;
        luaL_addlstring(&b, text.data + at, h->marks[i].at - at);
        at = h->marks[i].at;
        luaL_addstring(&b, "${");
        luaL_addlstring(&b, address.data ? address.data : "", address.len);
        luaL_addstring(&b, ".id}");
    }
    luaL_addlstring(&b, text.data + at, text.len - at);
    luaL_pushresult(&b);
}
