-- The example that each command's help shows: it works, in examples/quickstart once that is applied.
local project = require "support.project"
local state_server = require "support.state_server"

-- What an example finds that quickstart has not.
local BEFORE = { ["state move"] = "cfkv state pull --local >kv.state.json" }

local SHELL = "set -eo pipefail; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
local commands = project.new():run("help", "--json").json().commands


describe("the example of", function()
  local applied

  setup(function()
    applied = project.quick()
    applied:copy "examples/quickstart"
    applied:sh "rm -rf .wrangler wrangler.toml"
    project.ok(applied:run("apply", "--local", "--yes"))
  end)
  teardown(state_server.cleanup_all)

  for _, command in ipairs(commands) do
    it("cfkv " .. command.name .. " works", function()
      assert.is_string(command.example, "it has none")
      assert.matches("cfkv " .. command.name, command.example, 1, true)
      for line in command.example:gmatch "[^\n]+" do
        assert.is_true(#line <= 76, line)
      end
      local p = project.quick()
      p:sh("git init -q . && cp -a " .. project.quote(applied.dir) .. "/. .")
      local env = BEFORE[command.name] and state_server.start(p, "s3"):env()
      project.ok(p:sh(SHELL .. (BEFORE[command.name] or ":") .. "\n" .. command.example, { env = env }))
      assert.truthy(p:run("help", table.unpack({ command.name:match "^(%S+) ?(%S*) ?(%S*)$" })).out
        :find("\nexample:\n    " .. command.example:match "[^\n]+", 1, true))
    end)
  end


  it("no command that is not there is kept", function()
    local listed = {}
    for _, command in ipairs(commands) do
      listed[command.name] = true
    end
    for name in pairs(dofile "lua/host/examples.lua") do
      assert.is_true(listed[name], name)
    end
  end)
end)
