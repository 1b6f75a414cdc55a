-- What `cfkv import` says: tests/cli/messages_spec.lua.
local GONE = ("a"):rep(32)
local CREATE = { { "kv", "namespace", "create", "shop" } }
local NS = 'cfkv.namespace { title = "shop" }\n'


local function config(id)
  return ('printf \'name = "w"\\n\\n[[kv_namespaces]]\\nbinding = "KV"\\nid = "%s"\\n\' >wrangler.toml'):format(id)
end


-- A manifest of Crossplane.
local function crossplane(rest)
  return "apiVersion: workers.upjet-cloudflare.upbound.io/v1alpha1\nkind: KvNamespace\nmetadata: { name: shop }\n"
    .. rest
end


local function case(code, fields)
  fields[1], fields.run = code, fields.run or { "import", "--all" }
  return fields
end


-- A manifest of Planton's: what is to stand in its metadata and in its spec, and more lines.
local function manifest(metadata, spec, more)
  return { ["kv.yaml"] = ("apiVersion: cloudflare.planton.dev/v1\nkind: CloudflareKvNamespace\n"
    .. "metadata: { name: shop%s }\n"
    .. "spec: { namespaceName: shop, accountId: %s%s }\n%s"):format(metadata, ("c"):rep(32), spec, more or "") }
end


local function manifests(code, name, metadata, spec, more)
  return case(code, { name = name, files = manifest(metadata, spec, more), run = { "import", "kv.yaml" } })
end


local function toml(text)
  return { ["wrangler.toml"] = 'name = "shop"\n' .. text }
end


return {
  case("failure.usage", { name = "an import of nothing", run = { "import" } }),
  case("failure.usage", { name = "an import of an account without credentials" }),
  case("failure.usage", { name = "keys without credentials", sh = config(GONE),
    run = { "import", "wrangler.toml", "--keys" } }),
  case("failure.usage", { name = "an import to standard output", run = { "import", "--all", "-o", "-" } }),
  case("failure.refused", { name = "an import over a configuration that lacks something", account = true,
    before = CREATE, sh = "echo >kv.lua" }),
  case("import.nothing", { account = true }),
  case("import.match", { account = true, before = CREATE, run = { "import", "--match", "shp*" } }),
  case("import.match", { name = "one of several globs", account = true, before = CREATE,
    run = { "import", "--match", "shop", "--match", "cache-*" } }),
  case("import.format", { name = "a file of no tool", files = { ["x.json"] = '{ "hello": "world" }' },
    run = { "import", "x.json" } }),
  case("import.format", { name = "a file that is broken", files = { ["x.json"] = '{ "hello": }' },
    run = { "import", "x.json" } }),
  case("import.format", { name = "a file that goes too deep",
    files = { ["x.json"] = ("["):rep(100) .. ("]"):rep(100) }, run = { "import", "x.json" } }),
  case("import.limit", { run = { "import", "x.json" },
    sh = [[(printf '{"resources":[{"type":"cloudflare","x":"'; head -c 34000000 /dev/zero | tr '\0' a
      printf '"}]}') >x.json]] }),
  case("failure.not_found", { name = "a file to import", run = { "import", "kv.yaml" } }),
  case("import.format", { name = "YAML that is none", files = { ["x.yaml"] = "kind: Kv\nspec: a: b\n" },
    run = { "import", "x.yaml" } }),
  case("import.format", { name = "YAML with a key twice", files = { ["x.yaml"] = "kind: Kv\nspec: {}\nkind: Kv\n" },
    run = { "import", "x.yaml" } }),
  case("import.format", { name = "YAML with a tag", files = { ["x.yaml"] = "kind: !Ref Kv\n" },
    run = { "import", "x.yaml" } }),
  case("import.format", { name = "nothing", files = { ["x.json"] = "" }, run = { "import", "x.json" } }),
  case("import.field", { files = { ["kv.yaml"] = crossplane("spec: { forProvider: { title: 12 } }") },
    run = { "import", "kv.yaml" } }),
  case("import.group", { run = { "import", "kv.yaml" }, json = false,
    files = { ["kv.yaml"] = crossplane("spec: { forProvider: { title: shop, accountId: " .. GONE .. " } }")
      :gsub("upjet%-cloudflare", "cloudflare.acme") } }),
  case("import.id", { run = { "import", "kv.yaml" }, json = false,
    files = { ["kv.yaml"] = crossplane("status: { atProvider: { id: x } }\nspec: { forProvider: { title: shop, "
      .. "accountId: " .. GONE .. " } }") } }),
  case("import.account", { run = { "import", "kv.yaml" }, json = false,
    files = { ["kv.yaml"] = crossplane("spec: { forProvider: { title: shop } }") } }),
  case("import.reference", { run = { "import", "kv.yaml" }, json = false,
    files = { ["kv.yaml"] = crossplane("spec: { forProvider: { title: shop, accountId: " .. GONE .. " } }\n---\n")
      .. crossplane("spec: { forProvider: { keyName: k, value: v } }"):gsub("KvNamespace", "Kv") } }),
  case("import.foreign", { files = { ["x.yaml"] = "kind: Deployment\n---\nkind: Service\n" },
    run = { "import", "x.yaml" } }),
  case("import.gone", { account = true, before = CREATE, sh_later = config(GONE), later = NS,
    run = { "import", "wrangler.toml", "--all" } }),
  manifests("import.field", "a field of the wrong type", "", ", ttlSeconds: [1]"),
  manifests("import.field", "a field in both spellings", "", ", namespace_name: shop"),
  manifests("import.field", "a number that is none", "", ", ttlSeconds: 1h"),
  manifests("import.unknown", nil, "", ", class: fast"),
  manifests("import.metadata", nil, ", org: acme, tags: [a]", ""),
  manifests("import.ttl", "a ttl that is too short", "", ", ttl_seconds: 5"),
  manifests("import.ttl", "a ttl that does something now", "", ", ttl_seconds: 300"),
  manifests("import.id", nil, "", "", "status: { outputs: { namespaceId: none } }\n"),
  manifests("import.documents", nil, "", "", "---\nkind: CloudflareKvNamespace\napiVersion: cloudflare.planton.dev/v1\n"
    .. "metadata: { name: b }\nspec: { namespaceName: b, accountId: " .. ("c"):rep(32) .. " }\n"),
  case("import.account", { files = { ["kv.yaml"] = "apiVersion: cloudflare.project-planton.org/v1\n"
    .. "kind: CloudflareKvNamespace\nmetadata: { name: a }\nspec: { namespace_name: shop }\n" },
    run = { "import", "kv.yaml" } }),
  case("import.version", { files = { ["kv.yaml"] = "apiVersion: cloudflare.planton.dev/v7\n"
    .. "kind: CloudflareKvNamespace\nmetadata: { name: a }\nspec: { namespaceName: a, accountId: "
    .. ("c"):rep(32) .. " }\n" }, run = { "import", "kv.yaml" } }),
  case("import.reference", { files = { ["kv.yaml"] = "apiVersion: cloudflare.planton.dev/v1\n"
    .. "kind: CloudflareWorkersKvPair\nmetadata: { name: a }\n"
    .. "spec: { keyName: k, value: v, namespaceId: 5f, accountId: " .. ("c"):rep(32) .. " }\n" },
    run = { "import", "kv.yaml" } }),
  manifests("import.refused", nil, "", "", "---\napiVersion: cloudflare.planton.dev/v1\n"
    .. "kind: CloudflareWorkersKvPair\nmetadata: { name: a }\nspec: { keyName: .., value: v, accountId: "
    .. ("c"):rep(32) .. ", namespaceId: { valueFrom: { kind: CloudflareKvNamespace, name: shop } } }\n"),
  case("import.placeholder", { files = toml '[[kv_namespaces]]\nbinding = "KV"\nid = "<YOUR_ID>"\n',
    run = { "import", "wrangler.toml" } }),
  case("import.preview", { files = toml('[[kv_namespaces]]\nbinding = "KV"\nid = "' .. ("1"):rep(32)
    .. '"\npreview_id = "' .. ("2"):rep(32) .. '"\n'), run = { "import", "wrangler.toml" } }),
  case("import.binding", { files = toml('[[kv_namespaces]]\nbinding = "a b"\nid = "' .. ("1"):rep(32) .. '"\n'),
    run = { "import", "wrangler.toml" } }),
  case("import.unread", { files = toml 'kv-namespaces = [ { binding = "KV", id = "" } ]\n',
    run = { "import", "wrangler.toml" } }),
}
