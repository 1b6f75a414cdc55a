-- The writer of Lua source: what it writes reads back as what it was given.

local MODULES = "lua/host/?.lua"

-- The module, with what the host state has of C stood in for. `plain`: whether a text is shown as it is.
local function writer(plain)
  local path = package.path
  package.path = MODULES .. ";" .. path
  package.loaded.lua_source, package.loaded.layout = nil, nil
  package.loaded.text = {
    is_plain = plain,
    columns = function(s)
      return utf8.len(s) or #s
    end,
    quote = function(s)
      return "'" .. s:gsub("[^ -~]", function(c)
        return ("\\x%02X"):format(c:byte())
      end) .. "'"
    end,
  }
  local source = require "lua_source"
  package.path = path
  return source
end

local function is_ascii(s)
  return not s:find "[^ -~]"
end

local function is_text(s)
  return utf8.len(s) ~= nil and not s:find "%c"
end

local function eval(lua, env)
  return assert(load(lua, "=written", "t", env or {}))
end

local HOSTILE = {
  "", " ", '"', "\\", "\n", "\r\n", "\0", "\0001", "\127", "a\tb", "]]", "--", "--[[", "${x}", "%d",
  "é", "☕", "\u{202E}x", "\u{FEFF}", "\xff\xfe", "é\xff", "\xe2\x98", "'", "end", "nil", "1a", "a-b", "a.b", "ünder",
  "a b", "_G", ("x"):rep(300), ("long "):rep(60),
}

describe("Lua source", function()
  after_each(function()
    package.loaded.text, package.loaded.lua_source, package.loaded.layout = nil, nil, nil
  end)

  for name, plain in pairs { ["in ASCII"] = is_ascii, ["in UTF-8"] = is_text } do
    it("has strings that read back as they were, on one line, " .. name, function()
      local source = writer(plain)
      for _, s in ipairs(HOSTILE) do
        local lua = source.string(s)
        assert.equal(s, eval("return " .. lua)())
        assert.is_nil(lua:find "%c")
        assert.is_true(plain(lua))
      end
      for byte = 0, 255 do
        for _, s in ipairs { string.char(byte), string.char(byte) .. "0", "é" .. string.char(byte) } do
          assert.equal(s, eval("return " .. source.string(s))())
        end
      end
    end)

    it("has tables that read back as they were, whatever their names and widths, " .. name, function()
      local source = writer(plain)
      local fields, expected = {}, {}
      for i, s in ipairs(HOSTILE) do
        if s ~= "" then
          fields[#fields + 1] = { s, source.list { s, i, true } }
          expected[s] = { s, i, true }
        end
      end
      fields[#fields + 1] = { "nested", { { "deeper", fields[1][2] }, { "end", false } } }
      expected.nested = { deeper = expected[HOSTILE[2]], ["end"] = false }
      local seen
      eval(source.call("f", fields), { f = function(t)
        seen = t
      end })()
      assert.same(expected, seen)
    end)

    it("has calls below each other that read back as they were, " .. name, function()
      local source = writer(plain)
      local rows, expected = {}, {}
      for i, s in ipairs(HOSTILE) do
        rows[i] = { { "title", s }, i % 2 == 0 and { "env", s } or { "preview", true } }
        expected[i] = { title = s, env = i % 2 == 0 and s or nil, preview = i % 2 == 1 or nil }
      end
      for n = 1, #rows do
        local seen = {}
        local some = table.move(rows, math.max(1, n - 2), n, 1, {})
        eval(source.calls("f", some, { "title", "env", "preview" }), { f = function(t)
          seen[#seen + 1] = t
        end })()
        assert.same(table.move(expected, math.max(1, n - 2), n, 1, {}), seen)
      end
    end)
  end

  it("has comments that end where they end", function()
    local source = writer(is_text)
    for _, s in ipairs(HOSTILE) do
      eval(source.comment("Left as it is: " .. s .. ": because.") .. "seen = true")()
    end
  end)

  it("keeps what fits on a line there, and puts the rest below each other", function()
    local source = writer(is_text)
    assert.equal('f { a = 1, b = "x" }\n', source.call("f", { { "a", 1 }, { "b", "x" } }))
    assert.equal("f {}\n", source.call("f", {}))
    assert.equal('f {\n  a = "' .. ("x"):rep(100) .. '",\n  b = { 1, 2 },\n}\n',
      source.call("f", { { "a", ("x"):rep(100) }, { "b", source.list { 1, 2 } } }))
    assert.equal([[
f { a = "x",             c = "z" }
f { a = "longer", b = 1 }
f {                      c = "z" }
]], source.calls("f", { { { "a", "x" }, { "c", "z" } }, { { "a", "longer" }, { "b", 1 } }, { { "c", "z" } } },
      { "a", "b", "c" }))
  end)
end)
