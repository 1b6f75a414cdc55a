-- What `cfkv import` says of files of Terraform: tests/cli/messages_spec.lua.
local tf = require "support.terraform"


-- `file` holds a value of Terraform's, or text.
local function case(code, file, content, fields)
  fields = fields or {}
  fields[1], fields.run = code, { "import", file }
  fields.files = { [file] = type(content) == "table" and tf.text(content) or content }
  return fields
end


local function namespaces(...)
  return tf.state { tf.resource("shop", { ... }) }
end


local function cdk(block, more)
  return tf.with({ resource = { [tf.NAMESPACE] = { shop = tf.with({ account_id = tf.ACCOUNT }, block) } } }, more)
end


return {
  case("import.version", "old.tfstate", { version = 3, serial = 1, lineage = "x", modules = tf.list {} }, { name =
    "a state of Terraform before 0.12" }),
  case("import.version", "new.tfstate", tf.state({}, { version = 5 }), { name = "a state of a newer format" }),
  case("import.version", "show.json", tf.show(tf.module {}, { format_version = "2.0" }), { name =
    "output of a newer format" }),
  case("import.encrypted", "tofu.tfstate", { serial = 1, lineage = "x", encrypted_data = "aGk=" }),
  case("import.format", "main.tf", 'resource "cloudflare_workers_kv_namespace" "x" {\n}\n', { name =
    "a configuration in HCL" }),
  case("import.format", "tfplan", "PK\3\4\20", { name = "a saved plan" }),
  case("import.account", "v2.tfstate", namespaces(tf.instance(tf.old_ns("shop", { account_id = tf.none })))),
  case("import.tainted", "a.tfstate", namespaces(tf.instance(tf.ns "shop", { status = "tainted" }))),
  case("import.deposed", "a.tfstate", namespaces(tf.instance(tf.ns "shop"), tf.instance(tf.ns "was",
    { deposed = "5f2a1c3e" }))),
  case("import.planned", "plan.json", tf.plan(tf.module { tf.value(tf.NAMESPACE .. ".shop", tf.ns "shop") }, {
    tf.change(tf.NAMESPACE .. ".shop", { actions = tf.list { "delete" }, before = tf.ns "shop" }) })),
  case("import.type", "cdk.tf.json", cdk({ title = "shop" }, { resource = { cloudflare_kv_namespace = { x = {
    title = "x" } }, [tf.NAMESPACE] = { shop = { account_id = tf.ACCOUNT, title = "shop" } } } })),
  case("import.expression", "cdk.tf.json", cdk { title = "${lower(var.name)}" }, { name = "a title by a function" }),
  case("import.expression", "loop.tf.json", cdk { title = "x", for_each = "${var.names}" }, { name =
    "a loop over a variable" }),
  case("import.bulk", "main.tf.json", cdk { title = "shop", ["//"] = { cfkv = { bulks = 2 } } }),
  case("import.field", "a.tfstate", namespaces(tf.instance(tf.ns("shop", { title = 5 })))),
}
