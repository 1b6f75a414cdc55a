-- What the Makefile shows of its work, in a tree whose compiler and package manager are scripts; and what
-- it installs of the real one.
local project = require "support.project"

local TOOLS = {
  ["tools/cc"] = [[#!/bin/sh
echo "compiler speaks" >&2
[ ! -e broken ] || { echo "main.c:1: error: broken" >&2; exit 1; }
while [ "$1" != -o ]; do shift; done
echo 'echo "it says $*"' >"$2"
chmod +x "$2"
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
    assert.matches("^[^\n]+build/quickstart%.log%.\nquickstart runs build/release/cfkv\n"
      .. ".*sudo make install.*cfkv init", r.out)
    assert.is_nil((r.out .. r.err):find "compiler" or r.out:find "package lists")
    local log = p:read "build/quickstart.log"
    assert.matches("Reading package lists.*compiler speaks", log)
  end)


  it("leaves all that install needs", function()
    local p = tree()
    project.ok(make(p, "quickstart"))
    p:write("broken", "")
    local r = project.ok(make(p, "install DESTDIR=root PREFIX=/usr"))
    assert.is_nil((r.out .. r.err):find "compiler")
    assert.matches("echo", p:read "root/usr/bin/cfkv")
    assert.equal("it says completions fish\n", p:read "root/usr/share/fish/vendor_completions.d/cfkv.fish")
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


describe("make install", function()
  local p, installing

  -- Of the program under test, which is there: what `install` does when all is made.
  before_each(function()
    p = project.new()
    local top = os.getenv "PWD"
    installing = ("make -C %s BUILD=%s DESTDIR=%s "):format(project.quote(top),
      project.quote(project.program:match "^(.*)/"), project.quote(p.dir .. "/the root"))
  end)

  after_each(project.cleanup)


  local function installed()
    return p:exists "the root" and p:files "the root" or {}
  end

  it("puts program, completions and Lua files below DESTDIR and PREFIX, and uninstall removes them", function()
    local r = p:sh(installing .. "PREFIX=/usr/local install-files")
    assert.equal(0, r.code, r.err)
    local lua, files = "usr/local/share/cfkv/stdlib/", installed()
    assert.same({
      "usr/local/bin/cfkv", "usr/local/share/bash-completion/completions/cfkv", lua .. "cfkv/matrix.lua",
      lua .. "cfkv/naming.lua", lua .. "cfkv/versioned.lua", lua .. "cfkv/wrangler.lua", lua .. "meta/cfkv.lua",
      "usr/local/share/fish/vendor_completions.d/cfkv.fish", "usr/local/share/man/man1/cfkv.1",
      "usr/local/share/zsh/site-functions/_cfkv",
    }, files)
    for _, file in ipairs(files) do
      assert.truthy(r.out:find(file, 1, true), "it does not say " .. file)
    end
    assert.matches("^cfkv ", p:run("version").out, p:sh("'the root/usr/local/bin/cfkv' version").out)
    assert.equal(p:run("completions", "zsh").out, p:read("the root/usr/local/share/zsh/site-functions/_cfkv"))
    assert.equal("", p:sh("find 'the root' -type f ! -perm 644 ! -name cfkv; "
      .. "find 'the root/usr/local/bin' -type f ! -perm 755").out)
    p:write("the root/usr/local/share/zsh/site-functions/_other", "stays")
    assert.equal(0, p:sh(installing .. "PREFIX=/usr/local uninstall").code)
    assert.same({ "usr/local/share/zsh/site-functions/_other" }, installed())
    assert.is_false(p:exists "the root/usr/local/share/cfkv")
  end)


  it("puts zsh's where Debian has it below /usr, and what is not ours stays", function()
    project.ok(p:sh(installing .. "PREFIX=/usr install-files"))
    assert.is_true(p:exists "the root/usr/share/zsh/vendor-completions/_cfkv")
    p:write("the root/usr/share/cfkv/stdlib/mine.lua", "")
    project.ok(p:sh(installing .. "PREFIX=/usr uninstall"))
    assert.same({ "usr/share/cfkv/stdlib/mine.lua" }, installed())
    project.ok(p:sh(installing .. "PREFIX=/usr uninstall"))
  end)


  it("ends with an error where it cannot write", function()
    p:write("the root", "a file")
    local r = p:sh(installing .. "PREFIX=/usr install-files")
    assert.equal(2, r.code)
  end)
end)
