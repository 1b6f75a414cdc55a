-- What the Makefile shows of its work, in a tree whose compiler and package manager are scripts.
local project = require "support.project"

local TOOLS = {
  ["tools/cc"] = [[#!/bin/sh
echo "compiler speaks" >&2
[ ! -e broken ] || { echo "main.c:1: error: broken" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
: >"$2"
]],
  ["tools/pkg-config"] = "#!/bin/sh\n[ -e installed ]\n",
  ["tools/apt-get"] = [[#!/bin/sh
echo "Reading package lists..."
[ ! -e offline ] || { echo "E: Unable to fetch some archives" >&2; exit 100; }
[ "$1" = update ] || : >installed
]],
  ["tools/sudo"] = "#!/bin/sh\n[ \"$1\" != -n ] || shift\nexec \"$@\"\n",
}


-- The Makefile beside a program of one file.
local function tree()
  local p = project.quick {
    ["src/main.c"] = "", ["lua/cfkv/a.lua"] = "", ["lua/host/a.lua"] = "", ["stdlib/a.lua"] = "",
    ["examples/quickstart/run"] = "#!/bin/sh\necho \"quickstart runs $1\"\n",
  }
  for name, text in pairs(TOOLS) do
    p:write(name, text)
  end
  p:sh("mkdir -p tests/spec tests/cli tests/sandbox; chmod +x tools/* examples/quickstart/run; cp "
    .. project.quote(os.getenv "PWD" .. "/Makefile") .. " .")
  return p
end


local function make(p, target)
  return p:sh("make CC=cc " .. target, { env = { PATH = p:path "tools" .. ":" .. os.getenv "PATH" } })
end

describe("make quickstart", function()
  after_each(project.cleanup)

  it("shows cfkv and the next step; packages and compiler lines are in a log", function()
    local p = tree()
    local r = make(p, "quickstart")
    assert.equal(0, r.code, r.err)
    assert.equal("", r.err)
    assert.matches("^[^\n]+build/quickstart%.log%.\nquickstart runs build/release/cfkv\n.*sudo make install", r.out)
    assert.is_nil((r.out .. r.err):find "compiler" or r.out:find "package lists")
    local log = p:read "build/quickstart.log"
    assert.matches("Reading package lists.*compiler speaks", log)
  end)


  it("shows what failed", function()
    for file, error in pairs { offline = "E: Unable to fetch", broken = "main.c:1: error: broken" } do
      local p = tree()
      p:write(file, "")
      local r = make(p, "quickstart")
      assert.equal(2, r.code)
      assert.matches(error, r.err, 1, true)
      assert.is_nil(r.out:find "quickstart runs")
    end
  end)
end)
