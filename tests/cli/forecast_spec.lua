-- What a plan says that an apply costs is what it costs: its own looking included, and none of it
-- guessed. Each case is a row of configurations that are applied in turn; before the last one
-- somebody else may have been at the account.
local cost = require "support.cost"
local emulator = require "support.emulator"
local project = require "support.project"

local HEAD = 'local cfkv = require "cfkv"\ncfkv.project { name = "shop" }\n'
local OTHER = "cf000000000000000000000000000002"
local BYTES = "\xff\xfe\x01"
local PART = '--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n'
local NAMESPACES = "/accounts/%s/storage/kv/namespaces"

-- "n" with `count` puts, of which each `odd`-th is no text.
local function puts(count, odd, value)
  return ([[
    local ns = cfkv.namespace { title = "n" }
    local bytes = cfkv.file.bytes "bytes.bin"
    for i = 1, %d do ns:put(("k%%04d"):format(i), i %% %d == 0 and bytes or %q) end
  ]]):format(count, odd or count + 1, value or "v")
end


local function titles(list)
  return ([[
    for i, title in ipairs { %s } do
      cfkv.namespace { app = "s", purpose = "p" .. i, env = "e", title = title }
    end
  ]]):format(list)
end


local EMPTY = 'cfkv.namespace { title = "n" }'
local STAYS = 'cfkv.namespace { title = "stays" }\n'
local MARKED = 'local ns = cfkv.namespace { title = "n", fingerprint = true }\n'
local TWO = ([[
  for _, account in ipairs { "%s", "%s" } do
    local ns = cfkv.namespace { title = "n", account_id = account }
    for i = 1, %%d do ns:put("k" .. i, %%s) end
  end
]]):format(emulator.ACCOUNT, OTHER)

-- name, the configurations, and what else there is to it:
--     before   what somebody does to the account before the last one is applied
--     options  of plan and apply
--     env      variables of the environment; false takes one away
--     faults   of the emulator
--     check    looks at the last plan
local CASES = {
  { "a namespace", { EMPTY } },
  { "a put", { puts(1) } },
  { "puts of many namespaces", { 'for i = 1, 12 do cfkv.namespace { title = "n" .. i }:put("k", "v" .. i) end' } },
  { "a value that changed", { puts(5), puts(5, nil, "w") } },
  { "a rename", { EMPTY, 'cfkv.namespace { title = "m", renamed_from = "n" }' } },
  { "renames in a circle", { titles '"a", "b", "c"', titles '"b", "c", "a"' } },
  { "a renamed namespace whose keys change", { puts(3), (puts(4):gsub('title = "n"', '%0, renamed_from = "old"')) },
    before = function(account)
      account.rename("n", "old")
    end },
  { "ids in values", { [[
    local a = cfkv.namespace { title = "a" }
    cfkv.namespace { title = "b" }:put("a", a.id .. "!")
  ]] } },
  { "a put with metadata and one that expires", { [[
    local ns = cfkv.namespace { title = "n" }
    ns:put("a", "v", { metadata = { m = 1 } })
    ns:put("b", "v", { expiration_ttl = 600 })
  ]] } },
  { "a put that is made once", { puts(1), 'cfkv.namespace { title = "n" }:put("k0001", "w", { policy = "once" })' } },
  { "values of a mebibyte", { [[
    local ns = cfkv.namespace { title = "n" }
    for i = 1, 5 do ns:put("k" .. i, ("x"):rep(400000 * i)) end
  ]] } },

  { "a value that is no text", { puts(1, 1), puts(1, 1) } },
  { "ten of 100 that are no text", { puts(100, 10) }, check = function(plan)
    assert.equal(13, plan.cost.requests)
  end },
  { "fifty of 1,000 that are no text", { puts(1000, 20) }, check = function(plan)
    assert.equal(62, plan.cost.requests)
  end },
  { "values none of which is text", { puts(120, 1) } },
  { "bytes where text was", { puts(30), puts(30, 3) } },
  { "text where bytes were", { puts(30, 3), puts(30) } },

  { "a bulk", { EMPTY .. ':bulk { { key = "a", value = "v" }, { key = "b", value = "v", metadata = 1 } }' } },
  { "a bulk of more than one request", { [[
    local list = {}
    for i = 1, 10001 do list[i] = { key = "k" .. i, value = "v" } end
    cfkv.namespace { title = "n" }:bulk(list)
  ]] } },
  { "a bulk of which some is no text", { [[
    local list = {}
    for i = 1, 130 do list[i] = { key = "k" .. i, value = i % 13 == 0 and "//4AAQ==" or "dGV4dA==", base64 = true } end
    cfkv.namespace { title = "n" }:bulk(list)
  ]] }, check = function(plan)
    assert.equal(1 + 1 + 2 + 10, plan.cost.requests)
  end },
  { "a folder of files, some of them bytes", { EMPTY .. ':bulk(cfkv.source.dir "folder")' } },
  { "a bulk that changed", {
    EMPTY .. ':bulk { { key = "a", value = "v" }, { key = "b", value = "//4=", base64 = true } }',
    EMPTY .. ':bulk { { key = "a", value = "w" }, { key = "b", value = "/v8=", base64 = true } }',
  } },
  { "a bulk that is declared no more", { EMPTY .. ':bulk { { key = "a", value = "v" } }', EMPTY } },

  { "a prune", { puts(1), 'local ns = cfkv.namespace { title = "n" }\nns:put("k0001", "v")\nns:prune "old/"' },
    before = function(account)
      for i = 1, 7 do account.put("n", "old/" .. i, i % 2 == 0 and BYTES or "text") end
    end },
  { "a prune of 250 keys", { [[
    local list = {}
    for i = 1, 250 do list[i] = { key = "old/" .. i, value = "v" } end
    cfkv.namespace { title = "n" }:bulk(list)
  ]], 'local ns = cfkv.namespace { title = "n" }\nns:put("k0001", "v")\nns:prune "old/"' } },
  { "keys that are declared no more", { puts(20), puts(5) } },
  { "keys that are declared no more and no text", { puts(20, 2), puts(5) } },

  { "overwrites", { puts(9), puts(9) }, before = function(account)
    account.put("n", "k0002", "theirs")
    account.put("n", "k0003", BYTES)
  end },
  { "overwrites of what is no text", { puts(200, 10), puts(200, 10, "w") }, before = function(account)
    account.put("n", "k0010", BYTES .. "theirs")
    account.put("n", "k0020", "theirs")
    account.put("n", "k0021", BYTES)
  end },
  { "overwrites that are not saved", { puts(9), puts(9) }, options = { "--no-backup" }, before = function(account)
    account.put("n", "k0003", BYTES)
  end },
  { "overwrites by a bulk", { EMPTY, EMPTY .. ':bulk { { key = "a", value = "v" }, { key = "b", value = "v" } }' },
    before = function(account)
      account.put("n", "a", BYTES)
      account.put("n", "b", "theirs")
    end },

  { "fingerprints", { MARKED .. 'for i = 1, 150 do ns:put("k" .. i, "v") end' } },
  { "fingerprints of what is no text", { MARKED .. 'ns:put("k", cfkv.file.bytes "bytes.bin")\nns:put("l", "v")' } },
  { "fingerprints that are added", { puts(40, 4), MARKED .. [[
    for i = 1, 40 do ns:put(("k%04d"):format(i), i % 4 == 0 and cfkv.file.bytes "bytes.bin" or "v") end
  ]] } },
  { "fingerprints that somebody copied to other metadata", { MARKED .. 'ns:put("k", "v", { metadata = { m = 1 } })',
    MARKED .. 'ns:put("k", "v", { metadata = { m = 1 } })' }, before = function(account)
    account.remark("n", "k", BYTES)
  end },

  { "a namespace that goes, and is empty", { STAYS .. EMPTY, STAYS } },
  { "a namespace that goes with its keys", { STAYS .. puts(120), STAYS } },
  { "a namespace that goes with keys that are no text", { STAYS .. puts(120, 7), STAYS } },
  { "a namespace that goes with what others wrote", { STAYS .. EMPTY, STAYS }, before = function(account)
    for i = 1, 5 do account.put("n", "k" .. i, BYTES) end
  end },
  { "a namespace that goes and is not saved", { STAYS .. puts(120, 7), STAYS }, options = { "--no-backup" } },
  { "a namespace of more than a page that goes", { STAYS .. puts(1001), STAYS }, check = function(_, plan)
    assert.is_true(plan.cost.at_least)
  end },

  { "an adoption", { EMPTY .. ':put("k", "ours")' }, before = function(account)
    account.put("n", "k", "theirs")
  end },
  { "an adoption of what is as declared", { puts(3, 2) }, before = function(account)
    for i = 1, 3 do account.put("n", "k000" .. i, i == 2 and BYTES or "v") end
  end },
  { "an adoption that overwrites what is no text", { puts(100) }, before = function(account)
    for i = 3, 93, 30 do account.put("n", ("k%04d"):format(i), BYTES) end
  end },
  { "a namespace that somebody deleted", { puts(2), puts(2) }, before = function(account)
    account.delete "n"
  end },
  { "a namespace that somebody renamed", { EMPTY, EMPTY }, before = function(account)
    account.rename("n", "moved")
  end },

  { "two accounts", { TWO:format(3, '"v"') } },
  { "two accounts, one key less", { TWO:format(3, '"v"'), TWO:format(2, '"v"') } },
  { "two accounts with what is no text", { TWO:format(30, 'i % 3 == 0 and cfkv.file.bytes "bytes.bin" or "v"') } },

  { "an account that is asked for", { puts(3) }, env = { CLOUDFLARE_ACCOUNT_ID = false } },
  { "names alone", { puts(3), puts(3) }, options = { "--refresh", "names" } },
  { "keys alone", { puts(3), puts(4) }, options = { "--refresh", "keys" } },
  { "a part of it", { puts(3), puts(4) .. STAYS }, options = { "--only", "n" } },
  { "a listing that is short", { puts(3) .. 'cfkv.namespace { title = "hidden" }' },
    faults = { rules = { { match = { endpoint = "namespace_list" }, fault = "short", keys = { "hidden" } } } } },
}

describe("the forecast is exact for", function()
  local p, e

  before_each(function()
    p = project.quick()
    p:write("bytes.bin", BYTES)
    p:write("folder/a.txt", "text")
    p:write("folder/b.bin", BYTES)
    p:write("folder/c.bin", "\x80")
  end)

  after_each(emulator.cleanup_all)


  -- What somebody else does there.
  local account = {}

  local function ask(method, path, ...)
    local status, answer = e:ask(method, NAMESPACES:format(emulator.ACCOUNT) .. path, ...)
    assert.equal(200, status)
    return answer.result
  end


  local function id_of(title)
    for _, ns in ipairs(ask("GET", "?per_page=1000")) do
      if ns.title == title then
        return ns.id
      end
    end
    return ask("POST", "", ('{"title":"%s"}'):format(title)).id
  end


  function account.put(title, key, value)
    ask("PUT", ("/%s/values/%s"):format(id_of(title), (key:gsub("/", "%%2F"))), value)
  end


  -- Another value under the key's own fingerprint, and metadata of theirs beside it.
  function account.remark(title, key, value)
    local id = id_of(title)
    local mark = ask("GET", ("/%s/metadata/%s"):format(id, key)).cfkv
    ask("PUT", ("/%s/values/%s"):format(id, key),
      (PART .. "%s\r\n" .. PART .. '{"cfkv":"%s","m":2}\r\n--x--\r\n'):format("value", value, "metadata", mark),
      { ["Content-Type"] = "multipart/form-data; boundary=x" })
  end


  function account.delete(title)
    ask("DELETE", "/" .. id_of(title))
  end


  function account.rename(title, to)
    ask("PUT", "/" .. id_of(title), ('{"title":"%s"}'):format(to))
  end


  local function sent_by(case, ...)
    local words = { ... }
    table.move(case.options or {}, 1, #(case.options or {}), #words + 1, words)
    local env = { CLOUDFLARE_ACCOUNT_ID = emulator.ACCOUNT }
    for name, value in pairs(case.env or {}) do
      env[name] = value or nil
    end
    if case.env then
      env.CLOUDFLARE_ACCOUNT_ID = nil
    end
    words[#words + 1] = { env = e:env(env) }
    local before = #e:requests()
    local r = p:run(table.unpack(words))
    assert.equal(0, r.code, r.err)
    return cost.of(table.move(e:requests(), before + 1, #e:requests(), 1, {})), r
  end


  local function assert_exact(case)
    local allowed = { "--allow-data-loss=*", "--allow-mass-delete=*" }
    local planning, r = sent_by(case, "plan", "--json", table.unpack(allowed))
    local plan = r.json()
    local applying = sent_by(case, "apply", "--yes", table.unpack(allowed))
    assert.same({ planning, applying }, { plan.cost.observe, cost.total(plan.cost) })
    for name, n in pairs(plan.cost.observe) do
      assert.equal(plan.cost[name], n + plan.cost.execute[name], name)
    end
    return plan
  end


  for _, case in ipairs(CASES) do
    it(case[1], function()
      local plan, nothing
      e = emulator.start(p, "--memory", { faults = case.faults })
      for i, config in ipairs(case[2]) do
        if i == #case[2] and case.before then
          case.before(account)
        end
        p:write("kv.lua", HEAD .. config)
        plan = assert_exact(case)
        nothing = assert_exact(case)
        assert.same({}, nothing.actions)
        assert.equal(0, nothing.cost.execute.requests)
      end
      if case.check then
        case.check(nothing, plan)
      else
        assert.is_false(plan.cost.at_least)
      end
    end)
  end
end)
