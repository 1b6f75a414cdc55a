-- cfkv.rows.*: what scripts read of CSV, JSON Lines and folders.
local project = require "support.project"

-- Prints the rows of `call`, as canonical JSON with the line in front.
local SHOW = [[
  local cfkv = require "cfkv"
  local function show(rows, ...)
    for row, line in rows(...) do print((line or "") .. " " .. cfkv.json.encode(row)) end
  end
]]

local p

local function run(code, ...)
  p:write("seed.lua", SHOW .. code)
  return p:run("run", "--local", "seed.lua", ...)
end

-- What `content` gives as CSV.
local function csv(content, options)
  p:write("a.csv", content)
  return run(("show(cfkv.rows.csv, 'a.csv', %s)"):format(options or "nil"))
end

local function assert_rows(expected, r)
  assert.equal("", r.err)
  assert.equal(expected, r.out)
  assert.equal(0, r.code)
end

-- The script fails with this message about `file`, and gave no row.
local function assert_refused(message, r)
  local place = "cfkv: seed.lua:3: "
  assert.equal(place .. message, r.told():sub(1, #place + #message))
  assert.equal("", r.out)
  assert.equal(1, r.code)
end


describe("rows of CSV", function()
  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  it("are tables by column, with the line where each begins", function()
    assert_rows('2 {"name":"Anvil","sku":"a"}\n' ..
      '3 {"name":"Rope, \\"long\\"\\nor short","sku":"b"}\n5 {"name":"","sku":"c"}\n',
      csv('sku,name\na,Anvil\nb,"Rope, ""long""\nor short"\nc,\n'))
  end)

  it("come with a byte order mark, CRLF, blank lines and no newline at the end", function()
    assert_rows('3 {"a":"1","b":" 2 "}\n5 {"a":"3","b":"4"}\n', csv("\239\187\191a,b\r\n\r\n1, 2 \r\n\n3,4"))
    assert_rows('2 {"a":"1"}\n', csv("a\r\n1\r\n\r\n"))
    assert_rows("", csv "a,b\n")
  end)

  it("have the delimiter, names and types that the script says", function()
    assert_rows('2 {"count":7,"name":"Seil","ok":true,"price":12.5,"tags":[1,{}]}\n' ..
      '3 {"name":" x; ","ok":false,"price":-3}\n',
      csv('Artikel;price;count;ok;tags\nSeil;12,50; 7 ;YES;"[1,{}]"\n" x; ";-3;;0; \n', [[{
        delimiter = ";", decimal = ",", columns = { Artikel = "name" },
        types = { price = "number", count = "integer", ok = "boolean", tags = "json" } }]]))
    assert_rows('1 {"x":"1","y":"a,b"}\n2 {"x":"2","y":"c"}\n',
      csv("1\ta,b\n2\tc\n", [[{ delimiter = "\t", header = { "x", "y" } }]]))
  end)

  it("hold seconds where a duration or a time is", function()
    assert_rows('2 {"at":1801396800,"lives":5400}\n3 {"at":5,"lives":90}\n4 {}\n',
      csv("lives,at\n1h30m,2027-01-31T13:00:00+01:00\n 90 ,5\n,\n", "{ types = { lives = 'duration', at = 'time' } }"))
  end)

  it("come behind a line that tells Excel the delimiter, which is told where it is another one", function()
    assert_rows('3 {"a":"1","b":"2"}\n', csv("\239\187\191sep=;\r\na;b\r\n1;2\r\n", "{ delimiter = ';' }"))
    assert_refused("a.csv:1: there is only one column, 'sep=;'\n  hint: delimiter = \";\" reads it",
      csv("sep=;\r\na;b\r\n1;2\r\n"))
  end)

  it("hold numbers as they are written: integers of 64 bits, decimals, exponents", function()
    p:write("n.csv", "n\n9223372036854775807\n-007\n+5\n0.1\n.5\n5.\n1e3\n-2.5E-2\n")
    local r = run [[
      for row in cfkv.rows.csv("n.csv", { types = { n = "number" } }) do
        io.write(math.type(row.n), " ", tostring(row.n), "\n")
      end
    ]]
    assert_rows("integer 9223372036854775807\ninteger -7\ninteger 5\nfloat 0.1\nfloat 0.5\nfloat 5.0\n" ..
      "float 1000.0\nfloat -0.025\n", r)
  end)

  it("are refused as a whole before the first is given, with every place", function()
    assert_refused("a.csv:3: it has 1 cell, but there are 2 columns\n" ..
      "  hint: put a cell that holds a comma into quotes; 3 more problems, in lines 4, 5, 6\n",
      csv('a,b\n1,2\n1\n2,3,4\n\255,2\n"x'))
    assert_refused("a.csv:2: it has 3 cells, but there are 2 columns\n" ..
      "  hint: put a cell that holds a semicolon into quotes\n", csv("a;b\n1;2;3\n", '{ delimiter = ";" }'))
  end)

  it("are refused where a cell is not what was said, with its column and value", function()
    local cases = {
      { "integer", "2.5", "an integer, got '2.5'\n  hint: type \"number\" reads fractions" },
      { "integer", "99999999999999999999", "an integer of 64 bits, got '99999999999999999999'" },
      { "integer", "0x10", "an integer, got '0x10'" },
      { "number", "\"1,5\"", "a number, got '1,5'\n  hint: decimal = \",\" reads numbers such as 12,50" },
      { "number", "1e400", "a number that can be kept, got '1e400'" },
      { "number", "nan", "a number, got 'nan'" },
      { "number", "1.2.3", "a number, got '1.2.3'" },
      { "number", "99999999999999999999", "a number that can be kept, got '99999999999999999999'" },
      { "number", "9007199254740993.5", "a number that can be kept, got '9007199254740993.5'" },
      { "duration", "1 hour", "whole seconds, or a duration such as '15m' or '7d', got '1 hour'" },
      { "duration", "90.5", "whole seconds, or a duration such as '15m' or '7d', got '90.5'" },
      { "time", "2027-01-31", "seconds since 1970, or a time such as '2027-01-31T12:00:00Z', got '2027-01-31'" },
      { "number", "-", "a number, got '-'" },
      { "number", "1e", "a number, got '1e'" },
      { "boolean", "maybe", "true or false, got 'maybe'" },
    }
    for _, case in ipairs(cases) do
      assert_refused("a.csv:2: column 'b' must be " .. case[3] .. "\n",
        csv("a,b\n1," .. case[2] .. "\n", ("{ types = { b = '%s' } }"):format(case[1])))
    end
    assert_refused("a.csv:2: column 'b': at byte 2", csv("a,b\n1,[1\n", "{ types = { b = 'json' } }"))
    assert_refused("a.csv:2: column 'b': the integer '123456789012345678901' does not fit 64 bits",
      csv("a,b\n1,123456789012345678901\n", "{ types = { b = 'json' } }"))
    assert_refused("a.csv:3: column 'b' must be a number, got '1.234,5'",
      csv('a;b\n1;1\n2;1.234,5\n', "{ delimiter = ';', decimal = ',', types = { b = 'number' } }"))
    assert_refused("a.csv:2: column 'a' is not valid UTF-8: byte 2", csv("a\nM\195\n"))
  end)

  it("are refused where the header is not what was said", function()
    local cases = {
      { "", "nil", "a.csv:1: there is no header" },
      { "\n\n", "nil", "a.csv:1: there is no header" },
      { "a,b,a\n", "nil", "a.csv:1: column 'a' is there twice" },
      { "a,,c\n", "nil", "a.csv:1: column 2 has no name" },
      { "a;b\n1;2\n", "nil", "a.csv:1: there is only one column, 'a;b'\n  hint: delimiter = \";\" reads it" },
      { "name,price\n", "{ types = { prize = 'number' } }",
        "a.csv:1: there is no column 'prize', which 'types' names\n  hint: did you mean 'price'?" },
      { "name,price\n", "{ columns = { Artikel = 'sku' } }",
        "a.csv:1: there is no column 'Artikel', which 'columns' names\n  hint: there are: name, price" },
      { "name,price\n", "{ columns = { name = 'price' } }", "a.csv:1: column 'price' is there twice" },
      { "x\n", "{ header = { 'a', 'a' } }", "a.csv: column 'a' is there twice" },
      { "a\n", "{ delimiter = ';;' }", "delimiter must be one character that is no quote, got ';;'" },
      { "a\n", "{ delimiter = '' }", "delimiter must be one character that is no quote, got ''" },
      { "a\n", "{ delimiter = '\"' }", "delimiter must be one character that is no quote" },
      { "a\n", "{ decimal = ';' }", "decimal must be '.' or ',', got ';'" },
      { "a\n", "{ types = { a = 'int' } }",
        "column 'a' has the unknown type 'int'\n  hint: did you mean 'integer'?" },
      { "a\n", "{ delimeter = ';' }", "unknown field 'delimeter' in cfkv.rows.csv" },
    }
    for _, case in ipairs(cases) do
      assert_refused(case[3], csv(case[1], case[2]))
    end
    assert_rows('2 {"a;b":"1"}\n', csv('"a;b"\n1\n'))
    assert.is_nil(csv("name;price\n1;2\n", "{ types = { price = 'number' } }").err:find("more problem", 1, true))
  end)

  it("say so when a script asks for a column that is not there, but not for an empty cell", function()
    p:write("a.csv", "sku,price\na,\n")
    local r = run [[
      for row in cfkv.rows.csv("a.csv", { types = { price = "number" } }) do
        row.extra = 1
        print(row.sku, row.price, row.extra, rawget(row, "prise"))
        print(select(2, pcall(function() return row.prise end)))
      end
    ]]
    assert_rows("a\tnil\t1\tnil\nseed.lua:8: the rows have no column 'prise'\nhint: did you mean 'price'?\n", r)
  end)

  it("are found from the script's folder, by an absolute path, and on standard input", function()
    p:write("a.csv", "a\n1\n")
    p:write("there/b.csv", "a\n2\n")
    p:write("seed.lua", SHOW .. "show(cfkv.rows.csv, arg[1])")
    assert_rows('2 {"a":"1"}\n', p:run("run", "--local", "../seed.lua", "a.csv", { cwd = "there" }))
    assert_rows('2 {"a":"2"}\n', p:run("run", "--local", "seed.lua", p:path "there/b.csv"))
    assert_rows('2 {"a":"3"}\n', p:run("run", "--local", "seed.lua", "-", { stdin = "a\n3\n" }))
    local r = p:run("run", "--local", "../seed.lua", "b.csv", { cwd = "there" })
    assert.equal(1, r.code)
    assert.matches("cannot open '[^\n]*b.csv'", r.err)
    assert.matches("the file in the current folder is meant by its absolute path", r.err, 1, true)
    for path, message in pairs {
      [""] = "the path is empty", none = "cannot open 'none'", there = "'there' is a folder",
    } do
      assert_refused(message, run(("show(cfkv.rows.csv, %q)"):format(path)))
    end
    assert_refused("the path has a NUL byte in it", run [[show(cfkv.rows.csv, "a\0b")]])
    assert_refused("cfkv.rows.csv takes a path, got nothing", run "show(cfkv.rows.csv)")
  end)

  it("may be compressed, and are told when they are UTF-16 or were cut", function()
    p:write("a.csv", "a\n" .. ("1\n"):rep(50000))
    assert(os.execute("gzip -9n " .. p:path "a.csv"))
    local count = [[local n = 0 for _ in cfkv.rows.csv "a.csv.gz" do n = n + 1 end print(n)]]
    assert_rows("50000\n", run(count))
    p:write("a.csv.gz", p:read("a.csv.gz"):sub(1, -20))
    assert.matches("cannot inflate 'a.csv.gz'", run(count).err, 1, true)
    assert_refused("a.csv:1: this is UTF-16\n  hint: save it as UTF-8", csv "\255\254a\0,\0b\0\n\0")
  end)

  it("are told to have changed when the file is another one meanwhile", function()
    p:write("a.csv", "a\n" .. ("1\n"):rep(100000))
    local r = run [[
      local n = 0
      for _ in cfkv.rows.csv "a.csv" do
        n = n + 1
        if n == 1 then local f <close> = io.open("a.csv", "r+") f:seek("set", 190000) f:write("2") end
      end
      print(n)
    ]]
    assert.equal("", r.out)
    assert.matches("'a.csv' changed while it was read", r.err, 1, true)
  end)

  it("go into a bulk put as they come, and leave nothing open when a loop is left", function()
    p:write("b.csv", "key,value\na,1\nb,2\n")
    local r = run [[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.bulk.put(ns, cfkv.rows.csv "b.csv").written, cfkv.key.get(ns, "b"))
      for _ = 1, 5000 do for _ in cfkv.rows.csv "b.csv" do break end end
      local rows = cfkv.rows.csv "b.csv"
      while rows() do end
      print(rows(), rows())
    ]]
    assert_rows("2\t2\nnil\tnil\n", r)
  end)

  it("keep memory small however many there are", function()
    p:write("seed.lua", SHOW .. [[
      local n, most = 0, 0
      for row in cfkv.rows.csv("-", { types = { n = "integer" } }) do
        n = n + row.n
        most = math.max(most, collectgarbage "count")
      end
      print(n, most < 2000)
    ]])
    local r = p:sh("(echo n,text; yes 1," .. ("0123456789"):rep(4) ..
      " | head -n 200000) | cfkv run --local seed.lua")
    assert_rows("200000\ttrue\n", r)
  end)
end)


describe("rows of JSON Lines", function()
  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  local function jsonl(content)
    p:write("a.jsonl", content)
    return run "show(cfkv.rows.jsonl, 'a.jsonl')"
  end

  it("are objects and arrays, one a line", function()
    assert_rows('1 {"a":[1,null,"x"]}\n3 []\n4 {"n":9007199254740993}\n',
      jsonl('{"a":[1, null ,"x"]}\r\n \t\n  []\n{"n":9007199254740993}'))
    assert_rows("", jsonl "")
  end)

  it("are refused as a whole, with every line", function()
    assert_refused("a.jsonl:2: at byte 1", jsonl '{}\n{\n')
    local r = jsonl '{}\n{\n7\n"x"\n[1]\n{"n":123456789012345678901}\n'
    assert_refused("a.jsonl:2: at byte ", r)
    assert.matches("3 more problems, in lines 3, 4, 6", r.err, 1, true)
    assert_refused("a.jsonl:1: a row must be an object or an array", jsonl "null\n")
    assert_refused("a.jsonl:1: ", jsonl "{}{}\n")
    assert_refused("a.jsonl:1: ", jsonl "{}\0\n")
  end)
end)


describe("rows of a folder", function()
  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  it("are its files with their bytes, in byte order", function()
    p:write("site/index.html", "<p>")
    p:write("site/a/b.bin", "\0\255")
    p:write("site/.hidden", "")
    p:write("site/empty", "")
    local r = run [[for file in cfkv.rows.dir "site" do print(("%s %q"):format(file.key, file.value)) end]]
    assert_rows('a/b.bin "\\0\255"\nempty ""\nindex.html "<p>"\n', r)
  end)

  it("are refused where there is a link, and go into a bulk put as they are", function()
    p:write("site/a", "1")
    assert_rows("1\t1\n", run [[
      local ns = assert(cfkv.namespace.create "n")
      print(cfkv.bulk.put(ns, (cfkv.rows.dir "site")).written, cfkv.key.get(ns, "a"))
    ]])
    assert(os.execute(("ln -s /etc/passwd %s"):format(p:path "site/b")))
    assert_refused("site/b: 'site/b' is a symbolic link", run "show(cfkv.rows.dir, 'site')")
    assert_refused("'seed.lua' is no folder", run "show(cfkv.rows.dir, 'seed.lua')")
  end)
end)


describe("rows in a configuration", function()
  before_each(function() p = project.quick() end)
  after_each(project.cleanup)

  it("are refused, and the way to stream a file is named", function()
    p:write("kv.lua", "require('cfkv').rows.csv 'a.csv'")
    local r = p:run "validate"
    assert.equal(3, r.code)
    assert.matches("cfkv.rows.csv is a live call", r.err, 1, true)
    assert.matches("cfkv.source.csv", r.err, 1, true)
  end)
end)
