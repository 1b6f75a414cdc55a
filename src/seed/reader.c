#include "reader.h"

#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* ---- Opening --------------------------------------------------------------------------------- */

static struct seed_reader *new_reader(const struct bulk_decl *bulk)
{
    struct seed_reader *r = mem_zalloc(1, sizeof *r);
    r->bulk = bulk;
    hash_init(&r->hash);
    return r;
}

static struct seed_reader *new_path_reader(const struct bulk_decl *bulk)
{
    struct seed_reader *r = new_reader(bulk);
    r->path = mem_text(bulk->path);
    r->pos.file = r->path;
    return r;
}

struct seed_reader *seed_open_fd(int fd, const struct bulk_decl *bulk)
{
    struct seed_reader *r = new_path_reader(bulk);
    input_open(&r->in, fd, r->path);
    return r;
}

struct seed_reader *seed_open_folder(int fd, const struct bulk_decl *bulk, bool strict,
                                     struct error *err)
{
    struct seed_reader *r = new_path_reader(bulk);
    r->folder = folder_open(fd, r->path, strict, err);
    if (r->folder)
        return r;
    seed_close(r);
    return NULL;
}

struct seed_reader *seed_open(const struct file_root *root, const struct bulk_decl *bulk,
                              struct error *err)
{
    int fd;
    if (bulk->format == SOURCE_INLINE)
        return new_reader(bulk);
    if (bulk->format == SOURCE_DIR) {
        fd = file_root_folder(root, bulk->path, err);
        return fd < 0 ? NULL : seed_open_folder(fd, bulk, true, err);
    }
    fd = file_root_read(root, bulk->path, err);
    return fd < 0 ? NULL : seed_open_fd(fd, bulk);
}

void seed_close(struct seed_reader *r)
{
    if (!r)
        return;
    input_close(&r->in);
    folder_close(r->folder);
    json_stream_free(r->stream);
    item_release(&r->item);
    buf_release(&r->columns.cell);
    buf_release(&r->canonical);
    buf_release(&r->scratch);
    mem_free(r->path);
    mem_free(r);
}

/* ---- Inline items ---------------------------------------------------------------------------- */

static void add_field(struct seed_reader *r, struct bytes b)
{
    hash_add_field(&r->hash, b);
    r->size += b.len;
}

static void digest_seed(struct seed_reader *r, const struct seed_key *seed)
{
    add_field(r, seed->key);
    hash_add_u64(&r->hash, seed->value.n);
    for (size_t i = 0; i < seed->value.n; i++) {
        const struct part *part = &seed->value.parts[i];
        hash_add_u64(&r->hash, (uint64_t)part->kind);
        if (part->kind == PART_TEXT)
            add_field(r, part->text);
        else
            hash_add_u64(&r->hash, part->ns);
    }
    hash_add_u64(&r->hash, seed->metadata.data != NULL);
    add_field(r, seed->metadata);
    hash_add_u64(&r->hash, seed->no_ttl ? UINT64_MAX : (uint64_t)seed->expiration_ttl);
    hash_add_u64(&r->hash, (uint64_t)seed->expiration);
}

static enum seed_status inline_next(struct seed_reader *r, struct seed_item *item)
{
    if (r->number == r->bulk->n) {
        r->digest = hash_end(&r->hash);
        return SEED_END;
    }
    const struct seed_key *seed = &r->bulk->items[r->number++];
    *item = (struct seed_item){.seed = *seed, .number = r->number};
    r->pos = seed->pos;
    digest_seed(r, seed);
    if (!deferred_is_literal(&seed->value))
        return SEED_ITEM;
    deferred_resolve(&seed->value, NULL, &r->scratch, &item->value);
    if (!item->value.data)
        item->value = bytes_of(""); /* literal and empty, which is not "not literal" */
    return SEED_ITEM;
}

/* ---- Items ----------------------------------------------------------------------------------- */

void reader_start_item(struct seed_reader *r, struct diag_list *diags)
{
    r->item_offset = r->in.offset;
    r->pos.line = r->in.line;
    r->number++;
    item_start(&r->item, r->number, r->item_offset, r->pos, diags);
}

#define EXACT_DIGITS 15 /* of a number that a double keeps whatever they are */

/* Is there a number long enough to be one that changes? */
static bool has_long_number(struct bytes json)
{
    size_t run = 0;
    for (size_t i = 0; i < json.len && run <= EXACT_DIGITS; i++) {
        bool digit = json.data[i] >= '0' && json.data[i] <= '9';
        run = digit ? run + 1 : json.data[i] == '.' ? run : 0;
    }
    return run > EXACT_DIGITS;
}

static bool refuse_rounded(void *ctx, const struct json_event *e, struct error *err)
{
    (void)ctx;
    return e->type != JSON_NUMBER || json_number_check(e->text, err);
}

static void make_canonical(struct seed_reader *r)
{
    struct item *it = &r->item;
    struct error why;
    buf_clear(&r->canonical);
    if (!it->metadata.data)
        return;
    /* The canonical text would round long numbers. */
    bool exact =
        !has_long_number(it->metadata) || json_parse(it->metadata, refuse_rounded, NULL, &why);
    if (exact && json_canonical(it->metadata, &r->canonical, &why)) {
        it->metadata = buf_bytes(&r->canonical);
        return;
    }
    item_problem(it, "source.metadata", "metadata: %s", why.message);
    if (why.hint[0])
        item_hint(it, "%s", why.hint);
}

enum seed_status reader_end_item(struct seed_reader *r)
{
    item_finish(&r->item);
    make_canonical(r);
    return r->item.bad ? SEED_BAD : SEED_ITEM;
}

/* ---- What a caller sees ---------------------------------------------------------------------- */

static void show_item(struct seed_reader *r, struct seed_item *item)
{
    const struct item *it = &r->item;
    r->part = (struct part){.kind = PART_TEXT, .text = it->value};
    *item = (struct seed_item){
        .seed = {.key = it->key,
                 .value = {.parts = &r->part, .n = 1},
                 .metadata = it->metadata,
                 .expiration_ttl = it->expiration_ttl,
                 .expiration = it->expiration,
                 .no_ttl = it->no_ttl,
                 .zero_expiration = it->zero_expiration,
                 .pos = it->pos},
        .value = it->value,
        .number = it->number,
        .offset = it->offset,
    };
}

static enum seed_status file_next(struct seed_reader *r, struct seed_item *item,
                                  struct diag_list *diags, struct error *err)
{
    enum seed_status status = r->bulk->format == SOURCE_JSON    ? reader_next_element(r, diags, err)
                              : r->bulk->format == SOURCE_JSONL ? reader_next_line(r, diags, err)
                                                                : reader_next_row(r, diags, err);
    if (status == SEED_ITEM)
        show_item(r, item);
    if (status == SEED_END) {
        r->digest = hash_end(&r->in.hash);
        r->size = r->in.size;
    }
    return status;
}

enum seed_status seed_next(struct seed_reader *r, struct seed_item *item, struct diag_list *diags,
                           struct error *err)
{
    if (r->bulk->format == SOURCE_INLINE)
        return inline_next(r, item);
    if (r->bulk->format == SOURCE_DIR)
        return reader_next_file(r, item, diags, err);
    return file_next(r, item, diags, err);
}

void seed_content(const struct seed_reader *r, uint64_t *size, struct digest *digest)
{
    *size = r->size;
    *digest = r->digest;
}

struct srcpos seed_position(const struct seed_reader *r)
{
    return r->pos;
}

struct bytes seed_source_name(struct arena *arena, const struct namespace_decl *ns, size_t bulk)
{
    size_t number = 0;
    if (ns->bulks[bulk].format != SOURCE_INLINE)
        return arena_copy(arena, ns->bulks[bulk].path);
    for (size_t i = 0; i <= bulk; i++)
        number += ns->bulks[i].format == SOURCE_INLINE;
    return bytes_of(arena_printf(arena, "inline:%zu", number));
}
