#include "tables.h"

const struct typed_fields script_tables[] = {
    {"cfkv.put_options", &seed_put_fields},         {"cfkv.bulk_item", &seed_item_fields},
    {"cfkv.bulk_options", &seed_bulk_fields},       {"cfkv.var_options", &input_var_fields},
    {"cfkv.getenv_options", &input_env_fields},     {"cfkv.key_put_options", &live_put_fields},
    {"cfkv.live_item", &live_item_fields},          {"cfkv.bulk_put_options", &live_bulk_fields},
    {"cfkv.key_list_options", &live_list_fields},   {"cfkv.delete_options", &live_loss_fields},
    {"cfkv.csv_options", &live_csv_fields},         {"cfkv.migration_step", &live_step_fields},
    {"cfkv.migrate_options", &live_migrate_fields}, {NULL, NULL},
};
