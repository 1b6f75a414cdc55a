-- What namespaces of one template have alike: of each field, whether it is the same for all, for all of a
-- purpose, an environment or an app, or made of these. Those few that differ are exceptions.

local fields = require "import.fields"

local regular = {}

local EXCEPTIONS_MAX = 3
local DIMENSIONS = { "purpose", "env", "app" } -- the first that says it, does

regular.PARTS = { "app", "purpose", "env" }
regular.FIELDS = table.move(fields.ATTRIBUTES, 1, #fields.ATTRIBUTES, 3, { "account", "account_id" })


-- ---- Majorities ----------------------------------------------------------------------------------

-- The token that most have, by the value of a part ("" stands for all): { value = token }.
local function majorities(list, tokens, part)
  local counts, best = {}, {}
  for i, ns in ipairs(list) do
    local value = part and ns.cell[part] or ""
    local of = counts[value] or {}
    counts[value] = of
    of[tokens[i]] = (of[tokens[i]] or 0) + 1
    local now = best[value]
    if not now or of[tokens[i]] > of[now] or of[tokens[i]] == of[now] and tokens[i] < now then
      best[value] = tokens[i]
    end
  end
  return best
end


local function deviants(list, tokens, part)
  local best, others = majorities(list, tokens, part), {}
  for i, ns in ipairs(list) do
    if tokens[i] ~= best[part and ns.cell[part] or ""] then
      others[#others + 1] = ns
    end
  end
  return others
end


-- ---- Values that are made of parts ---------------------------------------------------------------

-- Of which parts bindings are called.
local UPPER = { { "purpose" }, { "app", "purpose" } }


local function has_parts(cell, parts)
  for _, part in ipairs(parts) do
    if not cell[part] then
      return false
    end
  end
  return true
end


-- The way in which the bindings of all follow from their parts; `others`: those few that do not.
local function upper_of(list)
  for _, parts in ipairs(UPPER) do
    local others, odd = {}, false
    for _, ns in ipairs(list) do
      local name = not has_parts(ns.cell, parts) and "" or #parts == 1 and ns.cell.purpose
        or ns.cell.app .. "_" .. ns.cell.purpose
      odd = odd or name:find "%W" ~= nil
      if name:upper():gsub("%W", "_") ~= ns.fields.binding then
        others[#others + 1] = ns
      end
    end
    if #others <= EXCEPTIONS_MAX and #others * 4 <= #list then
      return { kind = "upper", parts = parts, odd = odd }, others
    end
  end
end


local function is_word_char(s, at)
  return s:find("^[%w_]", at) ~= nil
end


-- Where a value stands in a text as a word of its own.
local function find_word(s, value, from)
  local at = s:find(value, from, true)
  while at do
    local stop = at + #value
    if not (at > 1 and is_word_char(s, at - 1)) and not is_word_char(s, stop) then
      return at, stop
    end
    at = s:find(value, stop, true)
  end
end


-- A text as pieces, { "text" } or { part = "env" }, where the parts of its namespace stand in it.
local function pieces_of(s, cell)
  local pieces = { { s } }
  for _, part in ipairs(regular.PARTS) do
    local value, next_pieces = cell[part], {}
    for _, piece in ipairs(pieces) do
      local at, stop
      if value and piece[1] then
        at, stop = find_word(piece[1], value, 1)
      end
      if at then
        next_pieces[#next_pieces + 1] = { piece[1]:sub(1, at - 1) }
        next_pieces[#next_pieces + 1] = { part = part }
        next_pieces[#next_pieces + 1] = { piece[1]:sub(stop) }
      else
        next_pieces[#next_pieces + 1] = piece
      end
    end
    pieces = next_pieces
  end
  return pieces
end


local function token_of(pieces)
  local parts = {}
  for i, piece in ipairs(pieces) do
    parts[i] = piece.part and "\1" .. piece.part or "\0" .. piece[1]
  end
  return table.concat(parts, "\2")
end


-- The pieces of which the texts of all are made.
local function pattern_of(list, name)
  local token, pieces
  for _, ns in ipairs(list) do
    local s = ns.fields[name]
    if type(s) ~= "string" then
      return nil
    end
    local of = pieces_of(s, ns.cell)
    local its = token_of(of)
    if token and its ~= token then
      return nil
    end
    token, pieces = its, of
  end
  return { kind = "pieces", pieces = pieces }
end


-- ---- One field -----------------------------------------------------------------------------------

local function tokens_of(list, name)
  local tokens, all = {}, true
  for i, ns in ipairs(list) do
    tokens[i] = fields.token(ns.fields[name])
    all = all and tokens[i] == tokens[1]
  end
  return tokens, all
end


local function values_by(list, name, part, others)
  local skip, by = {}, {}
  for _, ns in ipairs(others) do
    skip[ns] = true
  end
  for _, ns in ipairs(list) do
    if not skip[ns] then
      by[ns.cell[part]] = ns.fields[name]
    end
  end
  return by
end


-- The part by which the fewest differ.
local function closest(list, tokens)
  local best, others
  for _, part in ipairs(DIMENSIONS) do
    local differ = list[1].cell[part] and deviants(list, tokens, part)
    if differ and (not others or #differ < #others) then
      best, others = part, differ
    end
  end
  return best, others
end


-- How a field follows from the parts, and which namespaces are exceptions; nil: it does not.
local function rule_of(list, name)
  local tokens, all = tokens_of(list, name)
  if all then
    return { kind = "same", value = list[1].fields[name] }, {}
  elseif name == "binding" then
    local way, odd = upper_of(list)
    if way then
      return way, odd
    end
  elseif name == "description" or name == "owner" then
    local pattern = pattern_of(list, name)
    if pattern then
      return pattern, {}
    end
  end
  local part, others = closest(list, tokens)
  local few = deviants(list, tokens, nil)
  if #few <= EXCEPTIONS_MAX and #few * 8 <= #list and (not part or #few <= #others) then
    local odd = few[1]
    for _, ns in ipairs(list) do
      if ns ~= odd and not (few[2] == ns or few[3] == ns) then
        return { kind = "same", value = ns.fields[name] }, few
      end
    end
  elseif part and #others <= EXCEPTIONS_MAX and #others * 8 <= #list then
    return { kind = "by", part = part, values = values_by(list, name, part, others) }, others
  end
end


-- ---- All fields ----------------------------------------------------------------------------------

-- Whether a part is declared as the title has it ("="), in another way ("x") or not at all ("-").
function regular.flag(ns, part)
  local value = ns.fields[part]
  return value == nil and "-" or value == ns.cell[part] and "=" or "x"
end


local function names_of(ns)
  local list = table.move(regular.FIELDS, 1, #regular.FIELDS, 1, {})
  for _, part in ipairs(regular.PARTS) do
    if regular.flag(ns, part) == "x" then
      table.insert(list, 1, part)
    end
  end
  return list
end


-- { rules by field } and a set of exceptions; nil where a field follows no rule. The flags of all are alike.
function regular.rules(list)
  local rules, exceptions, n = {}, {}, 0
  for _, name in ipairs(names_of(list[1])) do
    local rule, others = rule_of(list, name)
    if not rule then
      return nil
    end
    rules[name] = rule
    for _, ns in ipairs(others) do
      n = n + (exceptions[ns] and 0 or 1)
      exceptions[ns] = true
    end
  end
  if n > 2 * EXCEPTIONS_MAX then
    return nil
  end
  return rules, exceptions, n
end


return regular
