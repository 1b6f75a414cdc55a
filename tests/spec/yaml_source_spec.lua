-- The writer of YAML: what it writes reads back as what it was given, by a parser that is not ours (of YAML 1.1;
-- tests/peers has one of 1.2).
local cjson = require "cjson"
local lyaml = require "lyaml"

local function writer()
  local path = package.path
  package.path = "lua/host/?.lua;" .. path
  package.loaded.yaml_source, package.loaded.layout = nil, nil
  package.loaded.text = {
    string = cjson.encode, number = tostring,
    is_plain = function() return true end,
    columns = function(s) return utf8.len(s) or #s end,
  }
  local source = require "yaml_source"
  package.path = path
  return source
end

local yaml = writer()

local HOSTILE = { "", " ", "a", "a b", " a", "a ", "true", "No", "y", "null", "~", "12", "1e3",
    "0x1F", "1_000", "12:30",
  "2026-11-30", ".5", ".inf", "-", "- a", "? a", "a: b", "a:", "a #b", "#a", "a#b", "&a", "*a", "!a", "|", ">", "%a",
  "@a", "`a", "'", '"', "\\", "\\n", "'a\"b\\", "{a: b}", "[a]", "a, b", "a\nb", "a\r\nb", "\n",
    "\ta", "a\tb", "<<", "=",
  "---", "...", "--- a", "\1", "\27[31m", "\127", "\u{85}", "\u{9F}", "\u{A0}", "\u{2028}", "\u{2029}",
  "\u{FEFF}a", "\u{FFFE}", "\u{FFFF}", "é", "😀", "\u{202E}x", "/a/b", "a/b.c-d_e", "$ {x}", "=a",
    ("long "):rep(50) .. "x",
  "cfkv/ttl-seconds", "023e105f4ecef8ad9ca31a8372d0c353", "00000000000000000000000000000e12" }


describe("yaml_source", function()
  it("writes strings that read back as they are, as values, items and keys", function()
    for _, s in ipairs(HOSTILE) do
      local text = yaml.document { { "v", s }, { "list", yaml.list { s, yaml.list { s }, { { "m",
    s } } } }, { "k" .. s, 1 } }
      local ok, read = pcall(lyaml.load, text)
      assert.is_true(ok, text .. tostring(read))
      assert.equal(s, read.v, text)
      assert.same({ s, { s }, { m = s } }, read.list, text)
      assert.equal(1, read["k" .. s], text)
    end
  end)

  it("reads back whatever is put together", function()
    math.randomseed(7)
    local parts = { "a", " ", ":", "#", "-", "'", '"', "\\", "\n", "\r", "\t", "1", "e", ".", "{",
    "]", ",", "é", "\u{2028}",
      "\u{7F}", "&", "*", "!", "%", "@", "~", "<", ">", "|" }
    for _ = 1, 3000 do
      local words = {}
      for i = 1, math.random(6) do
        words[i] = parts[math.random(#parts)]
      end
      local s = table.concat(words)
      assert.equal(s, lyaml.load(yaml.document { { "v", s } }).v)
    end
  end)

  it("writes what a person would have written", function()
    assert.equal([[
kind: Kv
metadata:
  name: shop
  annotations: {}
spec:
  policies:
  - Observe
  items:
  - key: a
    value: "yes"
  - []
  value: '{"a":1}'
  number: 12
  flag: true
]], yaml.document { { "kind", "Kv" }, { "metadata", { { "name", "shop" }, { "annotations", {} } } },
      { "spec", { { "policies", yaml.list { "Observe" } },
        { "items", yaml.list { { { "key", "a" }, { "value", "yes" } }, yaml.list {} } }, { "value", '{"a":1}' },
        { "number", 12 }, { "flag", true } } } })
    assert.equal("a: 1\n---\n# two words\nb: 2\n", yaml.documents {
      { fields = { { "a", 1 } } }, { head = yaml.comment "two words", fields = { { "b", 2 } } } })
    assert.equal("{}\n", yaml.document {})
  end)
end)
