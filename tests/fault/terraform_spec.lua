-- What Terraform itself says of what cfkv writes for it: the commands that let go, run on the states they were
-- made from, and the texts of an exported configuration. Without providers and network; skipped where there is no
-- terraform.
local cjson = require "cjson"
local project = require "support.project"
local tf = require "support.terraform"

local HERE = "export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null TF_IN_AUTOMATION=1; "
local there = os.execute "command -v terraform >/dev/null"

local HEAD = 'local cfkv = require "cfkv"\n'

-- Texts that mean something in a template, or nearly.
local TEXTS = { "${x}", "$${x}", "$$${x}", "%{y}", "%%{y}", "%%%{y}", "$", "$$", "%", "$ {", "a$", "{", "}", "\\${x}",
  "\"${x}\"", "${", "%{", "$%{x}", "%${x}", "\r\n", "", "😀 ключ", "\u{2028}", "\\u0024{x}", "<&>" }


-- The output of a shell line in a folder, and whether it went well.
local function run(folder, line)
  local pipe = assert(io.popen(("cd %s && { %s%s; } 2>&1"):format(project.quote(folder), HERE, line)))
  local out = pipe:read "a"
  return out, pipe:close() == true
end


local function write(path, text)
  local f = assert(io.open(path, "wb"))
  assert(f:write(text))
  f:close()
end


local function temporary()
  local folder = os.tmpname()
  os.remove(folder)
  assert(os.execute("mkdir " .. folder))
  return folder
end


-- What import prints for a shell, of a file.
local function lines_of(value)
  local p = project.quick { ["terraform.tfstate"] = tf.text(value) }
  local r = p:run("import", "terraform.tfstate")
  local lines, begun = {}, false
  for line in r.out:gmatch "([^\n]*)\n" do
    if begun and line:sub(1, 2) == "  " then
      lines[#lines + 1] = line:sub(3)
    end
    begun = line:find("^so that terraform lets go") ~= nil or begun and line ~= ""
  end
  return lines
end


describe("terraform", function()
  local folder

  before_each(function()
    if not there then
      pending "there is no terraform on the PATH"
    end
    folder = temporary()
  end)

  after_each(function()
    project.cleanup()
    if folder then
      os.execute("rm -r " .. folder)
    end
  end)

  it("lets go by the lines that import prints, pasted into a shell, of all and of nothing else", function()
    local n = 0
    for _, fixture in ipairs(dofile "tests/import/terraform/state.lua") do
      local lines = lines_of(fixture.value)
      if #lines > 0 and not fixture.broken then
        n = n + 1
        write(folder .. "/terraform.tfstate", tf.text(fixture.value))
        write(folder .. "/lines.sh", "set -e\n" .. table.concat(lines, "\n"):gsub("%f[%w]tofu state", "terraform state")
          .. "\n")
        local out, ok = run(folder, "sh ./lines.sh")
        assert.is_true(ok, fixture.name .. ": " .. out)
        local left = {}
        for _, resource in ipairs(cjson.decode(assert(io.open(folder .. "/terraform.tfstate")):read "a").resources) do
          if resource.mode == "managed" and resource.type:find "^cloudflare_workers_kv" then
            left[#left + 1] = resource.name
          end
        end
        assert.same({}, left, fixture.name)
      end
    end
    assert.is_true(n >= 12)
  end)

  -- Terraform evaluates outputs without any provider: what stood in members of resources must come out as it was.
  it("reads texts of an exported configuration as they were, and takes its blocks", function()
    local lua = { HEAD .. 'cfkv.project { name = "judged", account_id = "' .. tf.ACCOUNT .. '" }\n' }
    for i, text in ipairs(TEXTS) do
      lua[#lua + 1] = ('local ns = cfkv.namespace { title = %q, protect = true }\nns:put(%q, %q)\n'):format(
        "t" .. i .. text:gsub("%c", ""), "k" .. text, text):gsub("\\\n", "\\n"):gsub("\r", "\\r")
    end
    lua[#lua + 1] = 'ns:put("token", cfkv.secret "x", { policy = "once" })\n'
    local p = project.quick { ["kv.lua"] = table.concat(lua) }
    local r = project.ok(p:run("export", "--to", "terraform"))
    local configuration, outputs, expected = cjson.decode(r.out), {}, {}
    write(folder .. "/main.tf.json", r.out)
    local out, ok = run(folder, "terraform providers")
    assert.is_true(ok, out)
    for name, resource in pairs(configuration.resource.cloudflare_workers_kv) do
      if not resource.value:find("${var.", 1, true) then
        outputs[name] = { value = { resource.key_name, resource.value } }
      end
    end
    for i, text in ipairs(TEXTS) do
      expected[i] = "k" .. text .. "\0" .. text
    end
    write(folder .. "/main.tf.json", cjson.encode { output = outputs })
    out, ok = run(folder, "terraform apply -auto-approve -no-color >log && terraform output -json")
    assert.is_true(ok, out)
    local seen = {}
    for _, output in pairs(cjson.decode(out)) do
      seen[#seen + 1] = output.value[1] .. "\0" .. output.value[2]
    end
    table.sort(seen)
    table.sort(expected)
    assert.same(expected, seen)
  end)
end)
