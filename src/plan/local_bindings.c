#include "local_bindings.h"

static struct bytes first_member(const struct wrangler_binding *b)
{
    return b->preview_id.data ? b->preview_id : b->id.data ? b->id : b->binding;
}

struct bytes binding_word(const struct wrangler_binding *b)
{
    struct bytes word = b ? first_member(b) : bytes_make(NULL, 0);
    return word.len ? word : bytes_make(NULL, 0);
}

struct bytes binding_real_word(const struct wrangler_binding *b)
{
    bool named = b && !b->preview_id.data && !b->id.data; /* the name is no id, whatever it is */
    struct bytes word = binding_word(b);
    return !named && wrangler_id_is_real(word) ? word : bytes_make(NULL, 0);
}

static bool is_recorded(const struct state *s, const struct config *config,
                        const struct wanted_binding *w, bool preview, struct bytes id)
{
    const struct state_binding *record = s ? config_record(config, s, w->env, w->name) : NULL;
    struct bytes recorded = bytes_make(NULL, 0);
    if (record)
        recorded = preview ? record->preview_id : record->id;
    return recorded.data && bytes_equal(recorded, id);
}

bool local_wrote(const struct local_scribe *s, const struct config *config, const struct model *m,
                 const struct wanted_binding *w, bool preview)
{
    struct bytes id = preview ? w->there->preview_id : w->there->id;
    return id.len > 0 && (is_recorded(s->local, config, w, preview, id) ||
                          is_recorded(s->account, config, w, preview, id) ||
                          config_made_id(s->project, &m->namespaces[w->ns], id));
}

struct local_write local_write_of(const struct local_scribe *s, const struct config *config,
                                  const struct model *m, const struct wanted_binding *w,
                                  const struct binding_ids *ids)
{
    const struct wrangler_binding *b = w->there;
    struct bytes data = binding_data_id(ids);
    struct local_write write = {0};
    bool own_id = local_wrote(s, config, m, w, false);
    if (!b->id.data)
        write.id = config->decl->ids != IDS_AUTO;
    else if (!wrangler_id_is_real(b->id))
        write.id = true;
    else
        write.id = own_id && ids->id.data && !bytes_equal(ids->id, b->id);
    if (b->preview_id.data && !wrangler_id_is_real(b->preview_id)) {
        /* With ids = "auto" the word of the data can be the name of a binding. */
        write.preview = !data.data || !bytes_equal(b->preview_id, data);
    } else if (data.data && !bytes_equal(local_word_after(b, &write, ids), data)) {
        bool apart = !bytes_equal(data, ids->id);
        bool own = b->preview_id.data ? local_wrote(s, config, m, w, true) : write.id || own_id;
        write.preview = own && apart;
        write.drop_preview = own && !apart && b->preview_id.data;
    }
    return write;
}

struct bytes local_word_after(const struct wrangler_binding *b, const struct local_write *write,
                              const struct binding_ids *ids)
{
    struct wrangler_binding after = *b;
    if (write->id)
        after.id = ids->id;
    if (write->preview)
        after.preview_id = binding_data_id(ids);
    else if (write->drop_preview)
        after.preview_id = bytes_make(NULL, 0);
    return binding_word(&after);
}
