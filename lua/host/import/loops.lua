-- A block of namespaces (import.blocks) as the loop that declares them, and just them.

local fields = require "import.fields"
local keys = require "import.keys"
local locals = require "import.locals"
local proof = require "import.proof"
local regular = require "import.regular"
local source = require "lua_source"
local titles = require "import.titles"

local loops = {}

local WIDTH = 100
local PLURAL = { app = "apps", purpose = "purposes", env = "envs" }
local LETTER = { app = "a", purpose = "p", env = "e" }
local ORDER = { "app", "env", "purpose" } -- of loops, outermost first
local TESTED_MAX = 4                      -- values of a part with keys of their own
local NAMED_MAX = 2                       -- namespaces that have, beside these


-- ---- What varies ---------------------------------------------------------------------------------

local function sort_dims(dims)
  table.sort(dims.app)
  table.sort(dims.purpose)
  table.sort(dims.env, titles.env_before)
end


-- A part as Lua: the variable of its loop, or the one value that it has.
local function part_piece(block, part)
  local values = block.dims[part]
  return #values > 1 and { lua = part } or { values[1] }
end


-- The pieces of the title; `affix`: what stands for the environment and its separator.
local function title_pieces(block)
  local pieces, at = {}, 1
  local template = block.template
  if block.affix then
    template = block.affix == "suffix" and template:gsub(".{env}$", "") or template:gsub("^{env}.", "")
  end
  while at <= #template do
    local open = template:find("{", at, true) or #template + 1
    local close = template:find("}", open, true) or #template
    if open > at then
      pieces[#pieces + 1] = { template:sub(at, open - 1) }
    end
    if open <= #template then
      pieces[#pieces + 1] = part_piece(block, template:sub(open + 1, close - 1))
    end
    at = close + 1
  end
  if block.affix then
    local one = #block.dims.env == 1 and { block.affixes[block.dims.env[1]] } or { lua = block.affix_lua }
    table.insert(pieces, block.affix == "suffix" and #pieces + 1 or 1, one)
  end
  return pieces
end


-- What stands before or behind a title for each environment, where one title has nothing; false: this
-- depends on more than the environment.
local function find_affixes(block)
  if not block.list[1].cell.bare_family then
    return true
  end
  local sep = block.template:match "(.){env}$"
  block.affix, block.affixes = sep and "suffix" or "prefix", {}
  sep = sep or block.template:match "^{env}(.)"
  for _, ns in ipairs(block.list) do
    local env = ns.cell.env
    local affix = ns.cell.bare and "" or (block.affix == "suffix" and sep .. env or env .. sep)
    if block.affixes[env] and block.affixes[env] ~= affix then
      return false
    end
    block.affixes[env] = affix
  end
  return true
end


-- ---- Tables of a part ----------------------------------------------------------------------------

-- The fields that follow from a part.
local function fields_by(block, part)
  local list = {}
  for _, name in ipairs(fields.COLUMNS) do
    local rule = block.rules[name]
    if rule and rule.kind == "by" and rule.part == part then
      list[#list + 1] = name
    end
  end
  return list
end


-- The one value of a part that has the field, where the others have none.
local function only_value(rule, values)
  local only
  for _, value in ipairs(values) do
    if rule.values[value] ~= nil then
      if only or rule.values[value] == false then
        return nil
      end
      only = value
    end
  end
  return only
end


-- `env == "prod" and "keep" or nil`
local function test(part, value, what)
  local lua = part .. " == " .. source.string(value)
  if what ~= true then
    lua = lua .. " and " .. source.inline(what)
  end
  return source.raw(lua .. " or nil")
end


-- Which fields of a part stand in a table; the others are tests. A table of an app has its list, too.
local function plan_part(block, part)
  local names = fields_by(block, part)
  local plan = { columns = {}, tests = {} }
  for _, name in ipairs(names) do
    local rule = block.rules[name]
    local only = #names == 1 and only_value(rule, block.dims[part])
    if only then
      plan.tests[name] = test(part, only, rule.values[only])
    else
      table.insert(plan.columns, name)
    end
  end
  if part == "env" and block.affix and #block.dims.env > 1 and #plan.columns > 0 then
    table.insert(plan.columns, 1, block.affix)
  end
  if part == "app" and block.lists and #plan.columns > 0 then
    table.insert(plan.columns, 1, "purposes")
  end
  return plan
end


local function row_value(block, part, name, value)
  if name == block.affix and part == "env" then
    return block.affixes[value]
  elseif name == "purposes" and part == "app" then
    return source.list(block.lists[value])
  end
  return block.rules[name].values[value]
end


local function part_rows(block, part, columns)
  local rows = {}
  for i, value in ipairs(block.dims[part]) do
    local row = {}
    for _, name in ipairs(columns) do
      local of = row_value(block, part, name, value)
      of = of == nil and name == "ttl_seconds" and 0 or of
      if of ~= nil then
        row[#row + 1] = { name, of }
      end
    end
    rows[i] = { value, row }
  end
  return rows
end


-- ---- The loops -----------------------------------------------------------------------------------

local function pairs_loop(part, letter, lua)
  return ("for %s, %s in pairs(%s) do"):format(part, letter, lua)
end


local function ipairs_loop(part, lua)
  return ("for _, %s in ipairs%s do"):format(part, lua:find "^{" and " " .. lua or "(" .. lua .. ")")
end


local function map_of(block, values)
  local list = {}
  for i, value in ipairs(values) do
    list[i] = { value, block.affixes and block.affixes[value] or source.list(block.lists[value]) }
  end
  return list
end


-- The head of the loop over a part, and what stands first in it; nil: it has one value.
local function loop_over(block, part, registry)
  local values, plan = block.dims[part], block.plans[part]
  local list = part == "purpose" and block.lists
  if #plan.columns > 0 and #values > 1 then
    local rows = locals.rows(registry, PLURAL[part], part_rows(block, part, plan.columns), plan.columns)
    if list then
      return ipairs_loop(part, block.list_lua), ("local p = %s[purpose]"):format(rows)
    end
    return pairs_loop(part, LETTER[part], rows)
  elseif list then
    return ipairs_loop(part, block.list_lua)
  elseif #values == 1 then
    return nil
  elseif part == "app" and block.lists then
    return pairs_loop("app", "names", locals.fields(registry, "apps", map_of({ lists = block.lists }, values)))
  elseif part == "env" and block.affix then
    local map = source.inline(map_of(block, values))
    return ("for env, %s in pairs %s do"):format(block.affix, map)
  end
  return ipairs_loop(part, locals.list(registry, PLURAL[part], values))
end


-- ---- What is left out ----------------------------------------------------------------------------

local function condition(block, skipped)
  local tests = {}
  for _, part in ipairs(regular.PARTS) do
    if skipped[part] and #block.dims[part] > 1 then
      tests[#tests + 1] = ("%s == %s"):format(part, source.string(skipped[part]))
    end
  end
  return table.concat(tests, " and ")
end


-- The line behind which just those stand that are there, and what it needs before it; nil: all are.
local function guard_of(block, indent)
  local parts = {}
  for i, skipped in ipairs(block.skipped) do
    local lua = condition(block, skipped)
    parts[i] = #block.skipped > 1 and lua:find " and " and "(" .. lua .. ")" or lua
  end
  if #parts == 0 then
    return nil
  elseif #parts == 1 and not parts[1]:find " and " then
    return "if " .. parts[1]:gsub(" == ", " ~= ", 1) .. " then"
  end
  local line = "if not (" .. table.concat(parts, " or ") .. ") then"
  if #indent + #line <= WIDTH then
    return line
  end
  return "if not skipped then", "local skipped = " .. table.concat(parts, "\n" .. indent .. "  or ")
end


-- ---- The declaration -----------------------------------------------------------------------------

-- purpose:upper(), (app .. "_" .. purpose):upper()
local function upper(block, rule)
  local pieces = {}
  for i, part in ipairs(rule.parts) do
    pieces[2 * i - 1] = part_piece(block, part)
    pieces[2 * i] = i < #rule.parts and { "_" } or nil
  end
  local name = source.joined(pieces).lua
  return source.raw((source.is_name(name) and name or "(" .. name .. ")") .. ":upper()"
    .. (rule.odd and ':gsub("%W", "_")' or ""))
end


local function field_value(block, name)
  local rule = block.rules[name]
  if rule.kind == "same" then
    return rule.value
  elseif rule.kind == "upper" then
    return upper(block, rule)
  elseif rule.kind == "by" then
    return block.plans[rule.part].tests[name] or source.raw(LETTER[rule.part] .. "." .. name)
  end
  local pieces = {}
  for i, piece in ipairs(rule.pieces) do
    pieces[i] = piece.part and part_piece(block, piece.part) or piece
  end
  return source.joined(pieces)
end


local function row_of(block)
  local row, first = {}, block.list[1]
  for _, name in ipairs(fields.COLUMNS) do
    local value
    if block.rules[name] then
      value = field_value(block, name)
    elseif name == "title" and not first.by_naming then
      value = source.joined(title_pieces(block))
    elseif PLURAL[name] and first.cell[name] and regular.flag(first, name) == "=" then
      value = source.joined { part_piece(block, name) }
    end
    if value ~= nil then
      row[#row + 1] = { name, value }
    end
  end
  return row
end


-- ---- Keys ----------------------------------------------------------------------------------------

-- What is put into a namespace, in words that are the same for namespaces that get the same.
local function keys_text(ns, indent)
  return ns.plan and keys.lines(ns.plan, ns, "ns", "[ns.title]", indent) or ""
end


-- For the values of a part whose namespaces all get the same: one of these; and how many get theirs so.
local function keys_by(block, part)
  local tokens, first, n = {}, {}, {}
  for _, ns in ipairs(block.list) do
    local value, token = ns.cell[part] or "", keys_text(ns, "")
    tokens[value] = tokens[value] or token
    if first[value] == nil then -- false: they differ
      first[value] = ns
    end
    n[value] = (n[value] or 0) + 1
    if tokens[value] ~= token then
      first[value] = false
    end
  end
  local by, values, covered = {}, 0, 0
  for _, value in ipairs(block.dims[part]) do
    if first[value] and first[value].plan then
      by[value] = first[value]
      values, covered = values + 1, covered + n[value]
    end
  end
  return by, values, covered
end


local function is_covered(plan, ns)
  return plan.part and plan.by[ns.cell[plan.part] or ""]
end


-- Where the keys are put: for `all` in the loop, for each value of a `part` in it, and for those few that are
-- `named` there; where these are more, `apart` behind it.
local function plan_keys(block)
  local first, any, same = keys_text(block.list[1], ""), false, true
  for _, ns in ipairs(block.list) do
    same = same and keys_text(ns, "") == first
    any = any or ns.plan ~= nil
  end
  if not any then
    return {}
  elseif same then
    return { all = block.list[1] }
  end
  local plan, most = {}, 0
  for _, part in ipairs { "purpose", "env", "app" } do
    local by, values, covered = keys_by(block, part)
    if #block.dims[part] > 1 and values <= TESTED_MAX and covered > most and covered > values then
      plan, most = { part = part, by = by }, covered
    end
  end
  local odd = {}
  for _, ns in ipairs(block.list) do
    odd[#odd + 1] = ns.plan ~= nil and not is_covered(plan, ns) and ns or nil
  end
  if #odd <= NAMED_MAX then
    plan.named = odd
  else
    plan.apart = true
  end
  return plan
end


local function keys_lines(block, plan, indent)
  if plan.all then
    return keys_text(plan.all, indent)
  end
  local lines, remarks, word = {}, {}, "if"
  local function remark(of, ns)
    remarks[#remarks + 1] = source.comment(("Where %s:"):format(of), indent) .. keys_text(ns, indent)
  end
  for _, value in ipairs(plan.part and block.dims[plan.part] or {}) do
    local ns = plan.by[value]
    if ns and keys.is_comment(ns.plan) then
      remark(("%s == %s"):format(plan.part, source.string(value)), ns)
    elseif ns then
      lines[#lines + 1] = ("%s%s %s == %s then\n"):format(indent, word, plan.part, source.string(value))
        .. keys_text(ns, indent .. "  ")
      word = "elseif"
    end
  end
  if #lines > 0 then
    lines[#lines + 1] = indent .. "end\n"
  end
  for _, ns in ipairs(plan.named or {}) do
    if keys.is_comment(ns.plan) then
      remark(condition(block, ns.cell), ns)
    else
      lines[#lines + 1] = ("%sif %s then\n%s%send\n"):format(indent, condition(block, ns.cell),
        keys_text(ns, indent .. "  "), indent)
    end
  end
  if plan.apart then
    lines[#lines + 1] = indent .. "by_title[ns.title] = ns\n"
  end
  return table.concat(lines) .. table.concat(remarks)
end


-- Whether the loop does more with a namespace than to declare it.
local function uses_handle(plan)
  local lists = { { plan.all }, plan.by or {}, plan.named or {} }
  for _, list in ipairs(lists) do
    for _, ns in pairs(list) do
      if not keys.is_comment(ns.plan) then
        return true
      end
    end
  end
  return plan.apart
end


-- Behind the loop: the keys of each namespace that has its own.
local function keys_apart(block)
  local lines = {}
  for _, ns in ipairs(block.list) do
    if block.keys.apart and ns.plan and not is_covered(block.keys, ns) then
      lines[#lines + 1] = keys.lines(ns.plan, ns, "by_title[" .. source.string(ns.title) .. "]", nil, "")
    end
  end
  return table.concat(lines)
end


-- ---- A block -------------------------------------------------------------------------------------

-- Whether the loop puts into a namespace what belongs there: in the turn of these parts.
local function puts_all(block, ns, parts)
  local plan, given = block.keys, {}
  local function add(from, cell)
    for _, part in ipairs(regular.PARTS) do
      if cell and (cell[part] or "") ~= parts[part] then
        return
      end
    end
    given[#given + 1] = from and keys_text(from, "") or nil
  end
  add(plan.all)
  add(plan.part and plan.by[parts[plan.part]])
  for _, named in ipairs(plan.named or {}) do
    add(named, named.cell)
  end
  if plan.apart and not is_covered(plan, ns) then
    add(ns)
  end
  return table.concat(given) == keys_text(ns, "")
end


-- The loop gone through once more: it declares what it stands for, or it is none.
local function is_proven(block)
  local row, tables = row_of(block), {}
  for _, part in ipairs(regular.PARTS) do
    local columns = block.plans[part].columns
    tables[part] = #columns > 0 and part_rows(block, part, columns) or nil
  end
  return proof.holds(block, {
    row = row, tables = tables, letters = LETTER, title = source.joined(title_pieces(block)).lua,
    keys = function(ns, parts)
      return puts_all(block, ns, parts)
    end,
  })
end


-- Finds out how a block is written; false: it cannot be.
function loops.prepare(block, unique)
  sort_dims(block.dims)
  block.template = block.list[1].cell.template
  block.keys = plan_keys(block)
  if not find_affixes(block) or block.keys.apart and not unique then
    return false
  end
  local rules, _, n = regular.rules(block.list)
  if not rules or n > 0 then
    return false
  end
  block.rules, block.plans = rules, {}
  for _, part in ipairs(regular.PARTS) do
    block.plans[part] = plan_part(block, part)
  end
  local of_env, of_app = block.plans.env.columns, block.plans.app.columns
  block.affix_lua = #of_env > 0 and "e." .. (block.affix or "") or block.affix
  block.list_lua = #of_app > 0 and "a.purposes" or "names"
  return is_proven(block)
end


-- The loop as Lua; its tables go into `registry`.
function loops.text(block, registry)
  local lines, closing, indent = {}, {}, ""
  local function open(line)
    lines[#lines + 1] = indent .. line .. "\n"
    table.insert(closing, 1, indent .. "end\n")
    indent = indent .. "  "
  end
  for _, part in ipairs(ORDER) do
    local head, first = loop_over(block, part, registry)
    if head then
      open(head)
    end
    if first then
      lines[#lines + 1] = indent .. first .. "\n"
    end
  end
  local guard, before = guard_of(block, indent)
  if before then
    lines[#lines + 1] = indent .. before .. "\n"
  end
  if guard then
    open(guard)
  end
  local head = uses_handle(block.keys) and "local ns = cfkv.namespace" or "cfkv.namespace"
  lines[#lines + 1] = source.call(head, row_of(block), indent, true)
  lines[#lines + 1] = keys_lines(block, block.keys, indent)
  local text = table.concat(lines) .. table.concat(closing)
  return block.keys.apart and text .. "\n" .. keys_apart(block) or text
end


return loops
