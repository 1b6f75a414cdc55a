-- An example of each command, as its help shows it: shell lines that work in examples/quickstart once it is
-- applied. tests/cli/command_examples_spec.lua runs them.

return {
  init = "cfkv init my-worker  # a folder with a kv.lua that works locally at once",
  validate = "cfkv validate",
  eval = "cfkv eval | jq '.namespaces[].title'",
  inputs = "cfkv inputs",
  plan = "cfkv plan --local\ncfkv plan --local --env dev --out dev.plan  # kept, for apply --plan",
  apply = "cfkv apply --local --yes",
  destroy = "cfkv destroy --local --env dev --allow-data-loss='*/config/*' --yes",
  sweep = "cfkv sweep --local --yes\n"
    .. "cfkv sweep --keep-env pr-12 --allow-data-loss='*/pr-*' --local --yes",
  drift = "cfkv drift --local  # exit 2: something was changed",
  audit = "cfkv audit --local",
  import = "cfkv import wrangler.toml -f imported.lua  # or a terraform.tfstate",
  backup = "cfkv backup shop-config-dev -o dev.jsonl.gz --local",
  ["backup list"] = "cfkv backup list --local",
  ["backup purge"] = "cfkv backup purge --days 30 --local --yes",
  restore = "cfkv backup shop-config-dev -o dev.jsonl --local\n"
    .. "cfkv restore dev.jsonl --namespace shop-config-staging --local --yes",
  copy = "cfkv copy local:shop-config-dev local:shop-config-staging --local --yes",
  output = "cfkv output --local\ncfkv output config_dev --local  # its value alone",
  export = "cfkv export --to pulumi -o infra  # Pulumi.yaml, import.json",
  wrangler = "cfkv wrangler --local --check  # exit 2: the config is stale\n"
    .. "cfkv wrangler --local --types kv.d.ts",
  ["state list"] = "cfkv state list --local",
  ["state show"] = "cfkv state show shop/config/dev --local",
  ["state mv"] = "cfkv state mv shop/cache/dev shop/pages/dev --local",
  ["state rm"] = "cfkv state rm shop/cache/dev --local --yes",
  ["state unprotect"] = "cfkv state unprotect shop/config/prod --local",
  ["state pull"] = "cfkv state pull --local >state.json",
  ["state push"] = "cfkv state push  # what the last run could not write",
  ["state move"] = "cfkv state move s3://bucket/shop/kv.state.json --yes",
  ["state unlock"] = "cfkv state unlock",
  ["state merge"] = "echo '*.state.json merge=cfkv' >>.gitattributes\n"
    .. "git config merge.cfkv.driver 'cfkv state merge %O %A %B'",
  ["kv namespace list"] = "cfkv kv namespace list --local",
  ["kv namespace create"] = "cfkv kv namespace create shop-archive --local",
  ["kv namespace get"] = "cfkv kv namespace get shop-config-dev --local",
  ["kv namespace rename"] = "cfkv kv namespace rename shop-cache-dev shop-pages-dev --local",
  ["kv namespace clear"] = "cfkv kv namespace clear shop-config-dev --local --yes",
  ["kv namespace delete"] = "cfkv kv namespace delete shop-cache-dev --local --yes",
  ["kv key list"] = "cfkv kv key list --namespace shop-config-dev --prefix feature --local",
  ["kv key get"] = "cfkv kv key get feature_flags --namespace shop-config-dev --local\n"
    .. "cfkv kv key get feature_flags --binding CONFIG --local  # as wrangler.toml",
  ["kv key put"] = "cfkv kv key put greeting hello --ttl 1h --namespace shop-cache-dev --local",
  ["kv key delete"] = "cfkv kv key delete feature_flags --namespace shop-config-dev --local",
  ["kv key rename"] = "cfkv kv key rename feature_flags flags --namespace shop-config-dev --local",
  ["kv bulk put"] = "cfkv kv bulk put seed/dev.json --namespace shop-config-dev --local",
  ["kv bulk get"] = "cfkv kv key list --namespace shop-config-dev --json --local >keys.json\n"
    .. "cfkv kv bulk get keys.json --namespace shop-config-dev --local",
  ["kv bulk delete"] = "echo '[\"feature_flags\"]' >keys.json\n"
    .. "cfkv kv bulk delete keys.json --namespace shop-config-dev --local --yes",
  run = "echo 'print(require \"cfkv\".namespace.get(\"shop-config-dev\").id)' >id.lua\n"
    .. "cfkv run id.lua --local",
  serve = "cfkv serve --port 0 >url &  # the URL is printed once it listens",
  schema = "cfkv schema plan >plan.schema.json",
  completions = "cfkv completions bash >cfkv.bash",
  doctor = "cfkv doctor --local",
  version = "cfkv version",
  help = "cfkv help plan\ncfkv help guards  # a topic\ncfkv help lua cfkv.bulk.put",
}
