-- The topics that lead from somewhere to a project: each is followed to the letter in a folder of its own.
-- Their Lua examples are kv.lua from there on, their shell examples are run in order, and a line "#> TEXT"
-- is what the command above it prints.
local emulator = require "support.emulator"
local project = require "support.project"
local tf = require "support.terraform"


local function text_of(topic)
  return dofile("lua/host/topic/" .. topic .. ".lua").text
end


-- One shell script of all that a topic shows; what has no language is for other programs, or with a token.
local function script_of(topic)
  local parts = { "set -e" }
  for language, body in text_of(topic):gmatch "\n```(%l+)\n(.-\n)```" do
    if language == "lua" then
      parts[#parts + 1] = "cat >kv.lua <<'END OF LUA'\n" .. body .. "END OF LUA"
    else
      parts[#parts + 1] = (body:gsub("([^\n]+)\n#> ([^\n]+)\n", function(command, printed)
        return ("out=$(%s)\n[ \"$out\" = %s ] || { printf '%%s printed: %%s\\n' %s \"$out\" >&2; exit 1; }\n")
          :format(command, project.quote(printed), project.quote(command))
      end))
    end
  end
  return table.concat(parts, "\n")
end


-- Follows it where `files` lie, on an account that has what `prepare` makes there.
local function follow(topic, files, prepare)
  local p = project.quick(files)
  local e = emulator.start(p, "--memory")
  if prepare then
    prepare(e, p)
  end
  local r = p:sh(script_of(topic), { env = e:env(), timeout = 60 })
  assert.equal(0, r.code, r.out .. r.err)
  return r, p, e
end


local function create(e, title)
  local status, answer = e:ask("POST", "/accounts/" .. emulator.ACCOUNT .. "/storage/kv/namespaces",
    ('{"title":"%s"}'):format(title))
  assert.equal(200, status)
  return answer.result.id
end

describe("the topic", function()
  after_each(emulator.cleanup_all)

  it("tutorial leads from an empty folder to a first deploy", function()
    local r, p, e = follow "tutorial"
    assert.matches("rename from 'hello-kv' to 'hello-kv-dev'", r.out, 1, true)
    assert.matches("Drift: 0 differences", r.out, 1, true)
    local config = p:read "hello/wrangler.toml"
    local ids = {}
    for id in config:gmatch 'id = "(%x+)"' do
      ids[#ids + 1] = id
    end
    assert.equal(2, #ids, config)
    assert.equal(e:run(p, "-C", "hello", "output", "kv_dev").out, ids[1] .. "\n")
    assert.equal("hello from production", e:run(p, "-C", "hello", "kv", "key", "get", "greeting", "--binding", "KV",
      "--env", "production").out)
  end)


  it("pull-requests makes environments of branches and takes them away again", function()
    local _, p = follow "pull-requests"
    assert.equal("shop/config/production\nshop/config/staging\n", p:sh [[
      cfkv state list --local --json | jq -r '.namespaces[].address']].out)
  end)


  it("from-wrangler takes a config over, and changes no byte of what has an id", function()
    local config = 'name = "w"\n\n# ours\n[[kv_namespaces]]\nbinding = "CACHE"\nid = "%s"\n'
    config = config:format(("0f"):rep(16))
    local _, p = follow("from-wrangler", { ["wrangler.toml"] = config })
    assert.equal(config, p:read "wrangler.toml")
    assert.matches(("0f"):rep(16), p:read "kv.lua")
  end)


  it("import declares an account, a part of it, and brings a lost state back", function()
    local _, p, e = follow("import", {}, function(e)
      for _, title in ipairs { "shop-cache-dev", "shop-cache-prod", "shop-config-dev", "shop-config-prod" } do
        local id = create(e, title)
        e:ask("PUT", ("/accounts/%s/storage/kv/namespaces/%s/values/k"):format(emulator.ACCOUNT, id), title)
      end
    end)
    assert.matches("handmade", p:read "more.lua", 1, true)
    assert.equal(5, #e:run(p, "state", "list", "--json").json().namespaces)
    assert.matches("shop-cache-dev", p:read "seed/shop-cache-dev.jsonl", 1, true)
  end)


  it("from-terraform takes a state over, and gives it back as a configuration", function()
    local r, p, e = follow("from-terraform", {}, function(e, p)
      local id = create(e, "shop-config")
      e:ask("PUT", ("/accounts/%s/storage/kv/namespaces/%s/values/flags"):format(emulator.ACCOUNT, id), "on")
      tf.ids = { ["shop-config"] = id }
      p:write("terraform.tfstate", tf.text(tf.state { tf.resource("config", tf.ns "shop-config"),
        tf.resource(tf.KEY .. ".flags", tf.key("shop-config", "flags", "on")) }))
    end)
    assert.matches("terraform state rm " .. tf.KEY .. ".flags", r.out, 1, true)
    assert.equal('config_id = "' .. tf.id "shop-config" .. '"\n', p:read "kv.auto.tfvars")
    assert.matches(emulator.ACCOUNT .. "/" .. tf.id "shop-config" .. "/flags", p:read "main.tf.json", 1, true)
    assert.equal("on", e:run(p, "kv", "key", "get", "flags", "--namespace", "shop-config").out)
  end)


  it("from-dnscontrol declares, and then has nothing left to do", function()
    local r, p, e = follow "from-dnscontrol"
    assert.matches("Plan: no changes; 4 keys are as declared.", r.out, 1, true)
    assert.equal("https://blog.example.com/", e:run(p, "kv", "key", "get", "/blog", "--namespace",
      "redirects-example.org").out)
  end)


  it("kinds moves a namespace to a jurisdiction, with every key, and gives it its title back", function()
    local r, p, e = follow "kinds"
    assert.matches("Plan: no changes", r.out, 1, true)
    local all = e:run(p, "kv", "namespace", "list", "--json").json()
    assert.same({ "sessions", "eu" }, { all[1].title, all[1].jurisdiction })
    assert.equal(1, #all)
    assert.equal("4711", e:run(p, "kv", "key", "get", "visitor", "--namespace", "sessions").out)
    assert.equal("hello", e:run(p, "kv", "key", "get", "motd", "--namespace", "sessions").out)
    assert.equal("eu", e:run(p, "state", "show", "sessions", "--json").json().jurisdiction)
  end)


  -- What one of these lists on the left is another tool's; what it lists on the right must be there.
  for _, topic in ipairs { "from-wrangler", "from-terraform", "from-dnscontrol" } do
    it(topic .. " names only commands, options and fields that there are", function()
      local p = project.new()
      local known = p:run("help", "--json").out
      local here = {}
      for line in text_of(topic):gmatch "\n  (%S[^\n]+)" do
        here[#here + 1] = line:match "^.-   +(.+)$"
      end
      assert.is_true(#here >= 8)
      for option in table.concat(here, " "):gmatch "%-%-(%l[%l%-]+)" do
        assert.matches('"name": ?"' .. option:gsub("%-", "%%-") .. '"', known)
      end
      for field in table.concat(here, " "):gmatch "([%l_]+) = " do
        assert.matches('"name": ?"' .. field .. '"', known)
      end
      for command in table.concat(here, " "):gmatch "cfkv (%l+)" do
        assert.equal(0, p:run("help", command).code, command)
      end
      for name in table.concat(here, " "):gmatch "cfkv%.(%l+)" do
        assert.equal(0, p:run("help", "lua", "cfkv." .. name).code, name)
      end
    end)
  end
end)
