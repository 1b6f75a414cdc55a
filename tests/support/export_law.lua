--- The law of exports: what was exported to a tool, and imported from its files in an empty folder, declares the
--- same namespaces with the same keys. What a format cannot say is in the topic `export`, and left out of both
--- sides here: values of secrets and of what is not applied yet, sources of ns:bulk, ns:prune, names of accounts,
--- where something was renamed from, and places.
---
---     local law = require "support.export_law"
---
---     for _, case in ipairs(law.cases({ "examples/matrix" }, 2)) do
---       law.check(case, "pulumi")        raises with what got lost or came anew
---
--- law.formats()             those that there are
--- law.cases(folders, seeds) folders of the repository, and configurations made by chance: { name, files }
--- law.generated(seed)       one of these, in account law.ACCOUNT and another one (law.OTHER)
--- law.moved(p, format)      a project with nothing but the export of `p`, and the words that name its files
local cjson = require "cjson"
local project = require "support.project"

local law = { ACCOUNT = ("a1"):rep(16), OTHER = ("b2"):rep(16) }

local HEAD = 'local cfkv = require "cfkv"\n'


function law.formats()
  local list = {}
  for path in io.popen "ls lua/host/export":lines() do
    list[#list + 1] = path:match "^(%w+)%.lua$"
  end
  return list
end


-- ---- Configurations ------------------------------------------------------------------------------

-- What quoting, templates and parsers can get wrong.
local AWKWARD = {
  "plain", "it's", 'a "b" `c` \\ \\n', "$HOME ${x} $${y} $$ $", "%{if x} %%{y} %", "a\nb\n", "\n", "a\r\nb\r", "\ttab ",
  " - item", "# note", "key: value", "@at", "*ref", "&anchor", "!tag", "null", "~", "true", "no", "0x1F", "1e3", "-1",
  "[1]", "{a: 1}", "<<", "é – 日本 😀", "\u{2028}\u{85}\u{feff}", "\0nul\1\27[31m\127", "{{ .Values.x }}",
  "%s %d", "]]", "--", "2026-11-30", "=", "|", ">", "?", "'", '"', "$(cat /etc/passwd)", "</script>",
}

local KEYS = { "flags", "a/b/c", "a b", "100%", "%2F", "é/😀", "${x}", "- x", "#", "null", "true", "a:b", "it's", '"',
  "~", "..x", "=", "a\\b", "{k}", "$$", "key.with.dots", "UPPER" }


local function quoted(s)
  return (("%q"):format(s):gsub("\\\n", "\\n"):gsub("\r", "\\r"):gsub("\0", "\\0"))
end


-- A configuration made by chance, the same for the same seed.
function law.generated(seed)
  math.randomseed(seed)
  local random = math.random
  local function one_in(n)
    return random(n) == 1
  end
  local lines = { HEAD, ('cfkv.project { name = "generated", account_id = "%s", title_max = 512 }\n')
    :format(law.ACCOUNT) }
  local function add(...)
    lines[#lines + 1] = (...):format(select(2, ...))
  end
  for i = 1, 5 do
    local fields, protected = {}, one_in(3)
    local function field(name, value)
      fields[#fields + 1] = name .. " = " .. value
    end
    if one_in(2) then
      field("app", '"shop"')
      field("purpose", quoted("p" .. i))
      field("env", one_in(2) and '"prod"' or '"dev"')
    else
      field("title", quoted(("%s %d"):format(AWKWARD[random(6)]:gsub("%c", ""), i)
        .. (one_in(3) and (" 😀 long"):rep(12) or "")))
      if one_in(2) then
        field("env", '"prod"')
      end
    end
    if one_in(2) then
      field("ttl_seconds", random(60, 100000))
    end
    if one_in(2) then
      field("description", quoted(AWKWARD[random(#AWKWARD)]))
    end
    if one_in(3) then
      field("owner", quoted(AWKWARD[random(4)]))
    end
    if one_in(3) then
      field("binding", quoted("KV_" .. i))
    end
    if protected then
      field("protect", "true")
    end
    if one_in(3) then
      field("on_remove", one_in(2) and '"keep"' or '"delete"')
    end
    if one_in(5) then
      field("preview", "true")
    end
    local instant = one_in(5)
    if instant then
      field("mode", '"instant"')
    elseif one_in(5) then
      field("fingerprint", "true")
    end
    if one_in(6) then
      field("create_options", ("{ hint = %s, n = 1.5, list = cfkv.array { true } }"):format(
        quoted(AWKWARD[random(#AWKWARD)])))
    end
    if one_in(4) then
      field("account_id", quoted(law.OTHER))
    end
    if one_in(5) and not instant then
      field("jurisdiction", '"eu"')
    end
    add("do\n  local ns = cfkv.namespace { %s }\n", table.concat(fields, ", "))
    for k = 1, random(0, 5) do
      local options = {}
      local function option(name, value)
        options[#options + 1] = name .. " = " .. value
      end
      if one_in(4) then
        option("expiration_ttl", one_in(4) and 0 or random(60, 90000))
      elseif one_in(6) then
        option("expiration", random(1900000000, 2000000000))
      end
      if one_in(3) and not instant then
        option("metadata", ("{ by = %s, n = %d, list = cfkv.array { 1, true } }"):format(
          quoted(AWKWARD[random(#AWKWARD)]), random(9)))
      end
      if one_in(5) then
        option("policy", '"once"')
      end
      local value = one_in(8) and '""' or one_in(8) and '"\\xFF\\x00\\xFEbytes"' or quoted(AWKWARD[random(#AWKWARD)])
      add("  ns:put(%s, %s, { %s })\n", quoted(KEYS[random(#KEYS)] .. k), value, table.concat(options, ", "))
    end
    lines[#lines + 1] = "end\n"
  end
  return table.concat(lines)
end


-- Text files of a folder, by their names.
local function files_of(folder)
  local files = {}
  for path in io.popen(("cd %s && find . -type f | sed 's,^./,,'"):format(folder)):lines() do
    files[path] = assert(io.open(folder .. "/" .. path, "rb")):read "a"
  end
  return files
end


function law.cases(folders, seeds)
  local list = {}
  for i, folder in ipairs(folders) do
    list[i] = { name = folder, files = files_of(folder) }
  end
  for seed = 1, seeds do
    list[#list + 1] = { name = "made by chance " .. seed, files = { ["kv.lua"] = law.generated(seed) } }
  end
  return list
end


-- ---- What is compared ----------------------------------------------------------------------------

local NAMESPACE_LOST = { "account", "bulk", "chain", "file", "line", "prune", "renamed_from", "id" }


-- "ADDRESS.MEMBER = JSON" of all members, and of all puts; sorted.
local function lines_of(model)
  local lines = {}
  local function add(path, record)
    for name, value in pairs(record) do
      if name ~= "puts" then
        lines[#lines + 1] = ("%s.%s = %s"):format(path, name, cjson.encode(value))
      end
    end
  end
  for _, ns in ipairs(model.namespaces) do
    for _, name in ipairs(NAMESPACE_LOST) do
      ns[name] = nil
    end
    local path = (type(ns.account_id) == "string" and ns.account_id .. ":" or "") .. ns.address
    add(path, ns)
    for _, put in ipairs(ns.puts) do
      if not put.secret and not tostring(put.value):find "%${.*%.id}" then
        put.file, put.line, put.secret = nil, nil, nil
        add(path .. "[" .. put.key .. "]", put)
      end
    end
  end
  table.sort(lines)
  return lines
end


local function model_of(p)
  return lines_of(project.ok(p:run "eval").json())
end


-- Raises with what only one of them has.
local function check_same(before, after)
  local seen, told = {}, {}
  for _, line in ipairs(before) do
    seen[line] = true
  end
  for _, line in ipairs(after) do
    told[#told + 1] = not seen[line] and "new:  " .. line or nil
    seen[line] = nil
  end
  for line in pairs(seen) do
    told[#told + 1] = "lost: " .. line
  end
  table.sort(told)
  assert(#told == 0, table.concat(told, "\n"))
end


function law.moved(p, format)
  project.ok(p:run("export", "--to", format, "-o", "out-" .. format .. "/"))
  local files, words = {}, {}
  for i, name in ipairs(p:files("out-" .. format)) do
    files["in/" .. name], words[i] = p:read("out-" .. format .. "/" .. name), "in/" .. name
  end
  return project.quick(files), words
end


function law.check(case, format)
  local p = project.quick(case.files)
  case.model = case.model or model_of(p)
  local q, words = law.moved(p, format)
  project.ok(q:run("import", table.unpack(words)))
  check_same(case.model, model_of(q))
end


return law
