--- One printer for people: nothing that came from outside steers a terminal, whatever prints it.
local project = require "support.project"

describe("text for people", function()
  local p

  -- ESC, C1 as bytes and as a character, bidi, invalid UTF-8.
  local hostile = {
    esc = "a\27[31mb", csi = "a\u{9b}31mb", turned = "a\u{202e}b", isolated = "a\u{2066}b",
  }

  before_each(function() p = project.new() end)
  after_each(project.cleanup)

  local function check_plain(text, label)
    for c in text:gmatch "[\0-\8\11-\31\127]" do
      error(("%s: control character %q in %q"):format(label, c, text))
    end
    assert.truthy(utf8.len(text), label .. ": " .. text)
    for _, c in utf8.codes(text) do
      assert.is_false((c >= 0x80 and c < 0xa0) or (c >= 0x202a and c <= 0x202e) or (c >= 0x2066 and c <= 0x2069),
        label .. ": " .. text)
    end
  end

  local function check(r, label)
    check_plain(r.out, label)
    check_plain(r.err, label)
    return r
  end

  for kind, text in pairs(hostile) do
    it("shows no raw " .. kind .. " of titles, keys, values, outputs and files", function()
      p:write("kv.lua", ([[
        local cfkv = require "cfkv"
        cfkv.project { name = "p" }
        local ns = cfkv.namespace { title = %q, description = %q }
        ns:put(%q, %q)
        cfkv.output("o", %q)
        ns:bulk(cfkv.source.json "seed.json")
      ]]):format(text, text, text, text, text))
      p:write("seed.json", "[]")
      check(p:run("plan", "--local"), "plan")
      check(p:run("apply", "--local", "--yes", "--verbose"), "apply")
      check(p:run("state", "list", "--local"), "state list")
      check(p:run("state", "show", text, "--local"), "state show")
      check(p:run("state", "show", text .. "x", "--local"), "state show of none")
      check(p:run("output", "--local"), "output")
      check(p:run("audit", "--local"), "audit")
      check(p:run("drift", "--local"), "drift")
      check(p:run("kv", "namespace", "list", "--local"), "kv namespace list")
      check(p:run("kv", "namespace", "get", text, "--local"), "kv namespace get")
      check(p:run("kv", "key", "list", "--namespace", text, "--local"), "kv key list")
      check(p:run("kv", "key", "get", text .. "x", "--namespace", text, "--local"), "kv key get of none")
      check(p:run("validate", text .. ".lua"), "validate")
      p:write(text .. ".lua", "x = = 1")
      check(p:run("validate", text .. ".lua"), "validate of a broken file")
      check(p:run("eval", text .. ".lua"), "eval of a broken file")
    end)
  end

  it("gives back a name that is not plain as the JSON of it", function()
    p:run("kv", "namespace", "create", "n", "--local")
    for _, text in pairs(hostile) do
      p:run("kv", "key", "put", text, "v", "--namespace", "n", "--local")
    end
    local cjson = require "cjson"
    local seen = {}
    for line in p:run("kv", "key", "list", "--namespace", "n", "--local").out:gmatch "[^\n]+" do
      seen[cjson.decode(line)] = true
    end
    for _, text in pairs(hostile) do
      assert.is_true(seen[text])
    end
  end)

  it("leaves values on a pipe as they are", function()
    p:run("kv", "namespace", "create", "n", "--local")
    p:run("kv", "key", "put", "k", hostile.esc .. "\xff", "--namespace", "n", "--local")
    assert.equal(hostile.esc .. "\xff", p:run("kv", "key", "get", "k", "--namespace", "n", "--local").out)
  end)

  it("shows a value on a terminal as text, and refuses bytes there unless told", function()
    local function on_terminal(command)
      return p:sh("script -qec '" .. command .. "' /dev/null").out:gsub("\r\n", "\n")
    end
    p:run("kv", "namespace", "create", "n", "--local")
    p:run("kv", "key", "put", "k", hostile.esc, "--namespace", "n", "--local")
    p:run("kv", "key", "put", "b", "a\xff", "--namespace", "n", "--local")
    assert.equal("a\\x1B[31mb", (on_terminal "cfkv kv key get k --namespace n --local"))
    assert.truthy(on_terminal "cfkv kv key get b --namespace n --local":find("-o FILE", 1, true))
    assert.equal("a\xff", (on_terminal "cfkv kv key get b --namespace n --local -o -"))
  end)

  it("lines up a table by what a terminal shows", function()
    p:write("kv.lua", [[
      local cfkv = require "cfkv"
      cfkv.project { name = "p" }
      cfkv.namespace { title = "abcd" }
      cfkv.namespace { title = "ééé" }
    ]])
    p:run("apply", "--local", "--yes")
    local first, second = p:run("state", "list", "--local").out:match "^(%S+ +)%x+ [^\n]*\n(%S+ +)%x+"
    assert.equal(utf8.len(first), utf8.len(second))
  end)
end)
