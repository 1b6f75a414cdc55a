-- What titles are made of: an app, a purpose and an environment, in any order, joined by any of - _ . : /,
-- where titles of one account have these in common.
--
-- An environment is told by its word, and by what titles are alike but for it. What is left of a title is
-- divided where both halves occur most often in others: "user-session" is one purpose where there are
-- shop-user-session and blog-user-session. All of it is counting, in time with the length of the titles.

local titles = {}

local TOKENS_MAX = 24 -- of a title; one with more follows no template
local MANY = 3        -- apps, or purposes, of which common words are taken into the template
local PLACES_MAX = 4  -- of words for environments that are considered in one title

-- In the order in which environments follow each other.
local ENVS = [[local dev develop development test testing tst ci qa sandbox preview pr uat acc acceptance canary
  stage staging stg preprod pre-prod demo live prd prod production]]

local PRODUCTION = { "prod", "production", "prd", "live" }

-- Words for what a namespace is for, rather than for whom.
local PURPOSES = [[cache caches config configs configuration session sessions settings flags features feature-flags
  tokens token auth users user assets content static data store storage state kv queue jobs rate-limit rate-limits
  ratelimit limits metrics counters locks secrets keys redirects i18n translations images pages meta metadata]]


local function ranks(words)
  local by_word, n = {}, 0
  for word in words:gmatch "%g+" do
    n = n + 1
    by_word[word] = n
  end
  return by_word
end

local ENV_RANK, IS_PURPOSE = ranks(ENVS), ranks(PURPOSES)


-- ---- Environments --------------------------------------------------------------------------------

-- A word that people call environments by: "dev", "Prod", "pr-12".
function titles.is_env(word)
  local low = word:lower()
  return ENV_RANK[low] ~= nil or low:find "^pr[-_]?%d+$" ~= nil or low:find "^preview[-_]%d+$" ~= nil
end


local function rank_of(env)
  local low = env:lower()
  return ENV_RANK[low] or (low:find "^pr" and ENV_RANK.pr) or 0
end


-- Development before production; others before them, by name.
function titles.env_before(a, b)
  local ra, rb = rank_of(a), rank_of(b)
  if ra ~= rb then
    return ra < rb
  end
  return a < b
end


-- ---- Words of a title ----------------------------------------------------------------------------

-- Where its words begin and end: { first…, last… }; nil when it follows no template.
local function words_of(title)
  local words, at = {}, 1
  if #title == 0 or title:find("[{}%c]") then
    return nil
  end
  while at <= #title + 1 do
    local stop = title:find("[-_.:/]", at) or #title + 1
    if stop == at or #words == TOKENS_MAX then
      return nil
    end
    words[#words + 1] = { at, stop - 1 }
    at = stop + 1
  end
  return words
end


-- The environments that a title may name: { first word, last word }. `own`: the one that is known.
local function places_of(title, words, own)
  local places = {}
  for i = 1, #words do
    for last = i, own and #words or math.min(i + 1, #words) do
      local word = title:sub(words[i][1], words[last][2])
      if last == #words and not own and title:find("_preview$") then
        return {} -- of `wrangler dev --remote`, beside the namespace of that title
      end
      if own and word == own or not own and titles.is_env(word) then
        places[#places + 1] = { i, last }
      end
    end
  end
  if #places > PLACES_MAX then
    return {}
  end
  return places
end


-- What is before and behind the environment at a place: "shop-cache-" and "".
local function around(t, place)
  local first, last = t.words[place[1]][1], t.words[place[2]][2]
  return t.title:sub(1, first - 1), t.title:sub(last + 1), t.title:sub(first, last)
end


-- "tail-", "head.", "-middle_": where it stands, and behind what.
local function kind_of(before, behind)
  if behind == "" then
    return "tail" .. before:sub(-1)
  end
  return before == "" and "head" .. behind:sub(1, 1) or before:sub(-1) .. "middle" .. behind:sub(1, 1)
end


local function add(counts, key)
  counts[key] = (counts[key] or 0) + 1
end


-- Counts, over all titles and places: those that are alike but for the environment there, and those that have
-- the same one at such a place.
local function count_places(list)
  local families, alike = {}, {}
  for _, t in ipairs(list) do
    for _, place in ipairs(t.places) do
      local before, behind, env = around(t, place)
      place.before, place.behind, place.env = before, behind, env
      place.kind = kind_of(before, behind)
      place.family = before .. "\0" .. behind
      if before ~= "" or behind ~= "" then
        add(families, place.family)
        add(alike, place.kind .. env)
      end
    end
  end
  return families, alike
end


-- The place whose family is the largest, the last of those.
local function best_place(t, families, alike)
  local best
  for _, place in ipairs(t.places) do
    local n = families[place.family] or 0
    if n > 0 and (not best or n > best.n or n == best.n and alike[place.kind .. place.env]
        >= alike[best.kind .. best.env]) then
      best = place
      best.n = n
    end
  end
  return best
end


-- Finds the environment of each title that has one. A word alone tells none: "test-results".
local function find_environments(list)
  local families, alike = count_places(list)
  local kinds = {}
  for _, t in ipairs(list) do
    t.place = best_place(t, families, alike)
    if t.place and t.place.n > 1 then
      add(kinds, t.place.kind)
    end
  end
  for _, t in ipairs(list) do
    local place = t.place
    local tail = place and place.behind == ""
    if place and place.n == 1 and not t.own and not kinds[place.kind]
      and not (tail and alike[place.kind .. place.env] > 1) then
      t.place = nil
    end
  end
end


-- ---- Titles without the environment that others have ---------------------------------------------

local SEPARATORS = { "-", "_", ".", ":", "/" }


local function families_of(list)
  local families, envs = {}, {}
  for _, t in ipairs(list) do
    if t.place then
      families[t.place.family] = families[t.place.family] or {}
      families[t.place.family][t.place.env] = true
      envs[t.place.env] = true
    end
  end
  return families, envs
end


-- The family in which a title is the one without an environment, and the kind of its others.
local function family_without(t, families)
  for _, s in ipairs(SEPARATORS) do
    if families[t.title .. s .. "\0"] then
      return families[t.title .. s .. "\0"], "tail" .. s, t.title .. s, ""
    elseif families["\0" .. s .. t.title] then
      return families["\0" .. s .. t.title], "head" .. s, "", s .. t.title
    end
  end
end


-- shop-cache beside shop-cache-dev is that of production. Returns the families of which one is without.
local function find_bare(list)
  local families, envs = families_of(list)
  local bare = {}
  local word = "production"
  for i = #PRODUCTION, 1, -1 do
    word = envs[PRODUCTION[i]] and PRODUCTION[i] or word
  end
  for _, t in ipairs(list) do
    local family, kind, before, behind
    if not t.place then
      family, kind, before, behind = family_without(t, families)
    end
    local env = t.own or word
    local named = false
    for _, production in ipairs(PRODUCTION) do
      named = named or family and family[production]
    end
    if family and not named and not family[env] then
      t.place = { bare = true, kind = kind, before = before, behind = behind, env = env,
        family = before .. "\0" .. behind }
      bare[t.place.family] = true
    end
  end
  return bare
end


-- ---- App and purpose -----------------------------------------------------------------------------

-- What is left of a title, as { text, fixed = where it is divided anyway }.
local function stem_of(t)
  local place = t.place
  if not place then
    return { text = t.title }
  elseif place.behind == "" then
    return { text = place.before:sub(1, -2) }
  elseif place.before == "" then
    return { text = place.behind:sub(2) }
  end
  return { left = place.before:sub(1, -2), right = place.behind:sub(2) }
end


-- Calls visit(left, joint, right) for each way to divide a text at a separator.
local function divisions(text, visit)
  local at = 1
  while true do
    local stop = text:find("[-_.:/]", at)
    if not stop then
      return
    end
    visit(text:sub(1, stop - 1), text:sub(stop, stop), text:sub(stop + 1))
    at = stop + 1
  end
end


local function count_halves(list)
  local lefts, rights, seen = {}, {}, {}
  for _, t in ipairs(list) do
    t.stem = stem_of(t)
    if t.stem.text and not seen[t.stem.text] then
      seen[t.stem.text] = true
      divisions(t.stem.text, function(left, joint, right)
        add(lefts, left .. joint)
        add(rights, joint .. right)
      end)
    end
  end
  return lefts, rights
end


-- Whether (min, product) of one division is better than that of another.
local function is_better(a, b, best)
  if not best then
    return true
  end
  local low, best_low = math.min(a, b), math.min(best.a, best.b)
  if low ~= best_low then
    return low > best_low
  elseif a * b ~= best.a * best.b then
    return a * b > best.a * best.b
  end
  return a > 1 -- a longer app that as many have
end


-- Divides a stem; what is known of it goes first. `strong`: halves that others are divided by, each several
-- times; nil: those are still looked for.
local function divide(t, lefts, rights, strong)
  local known_app, known_purpose = t.known.app, t.known.purpose
  local best
  divisions(t.stem.text, function(left, joint, right)
    local a, b = lefts[left .. joint], rights[joint .. right]
    local is_strong = strong and (strong[left .. joint] or strong[joint .. right]) or false
    if (not known_app or known_app == left) and (not known_purpose or known_purpose == right)
      and (best and is_strong ~= best.strong and is_strong or (not best or is_strong == best.strong)
      and is_better(a, b, best)) then
      best = { left = left, joint = joint, right = right, a = a, b = b, strong = is_strong }
    end
  end)
  return best
end


-- Divides all of them: those of which both halves are found elsewhere, too, then the others by these halves.
local function divide_all(list, lefts, rights)
  local strong, weak = {}, {}
  for _, t in ipairs(list) do
    local best = t.stem.text and divide(t, lefts, rights)
    if best then
      t.stem.left, t.stem.joint, t.stem.right = best.left, best.joint, best.right
      if best.a > 1 and best.b > 1 then
        strong[best.left .. best.joint], strong[best.joint .. best.right] = true, true
      else
        weak[#weak + 1] = t
      end
    end
  end
  for _, t in ipairs(weak) do
    local best = divide(t, lefts, rights, strong)
    t.stem.left, t.stem.joint, t.stem.right = best.left, best.joint, best.right
  end
end


-- ---- Templates -----------------------------------------------------------------------------------

local function template_of(t, left, right)
  local stem, place = t.stem, t.place
  local both = stem.joint and left .. stem.joint .. right or left
  if not place then
    return both
  elseif not stem.text then
    return left .. place.kind:sub(1, 1) .. "{env}" .. place.kind:sub(-1) .. right
  elseif place.kind:find "^tail" then
    return both .. place.kind:sub(-1) .. "{env}"
  end
  return "{env}" .. place.kind:sub(-1) .. both
end


local function group_by_shape(list)
  local groups, order = {}, {}
  for _, t in ipairs(list) do
    local key = template_of(t, "<", ">")
    if not groups[key] then
      groups[key] = {}
      order[#order + 1] = groups[key]
    end
    table.insert(groups[key], t)
  end
  return order
end


-- Whether values of a half are so many that what they have in common is no part of each.
local function are_many(group, name)
  local seen, n = {}, 0
  for _, t in ipairs(group) do
    n = n + (seen[t.stem[name]] and 0 or 1)
    seen[t.stem[name]] = true
  end
  return n >= MANY
end


-- How a value is cut at one of its ends: to whole words with the separator at the cut, to fewer of them; and
-- whether one has what another ends in, there.
local HEAD = {
  cut = function(value) return value:match "^.*[-_.:/]" end,
  shorten = function(head) return head:sub(1, -2) end,
  has = function(value, head) return value:sub(1, #head) == head end,
}
local TAIL = {
  cut = function(value) return value:match "[-_.:/].*$" end,
  shorten = function(tail) return tail:sub(2) end,
  has = function(value, tail) return #value > #tail and value:sub(-#tail) == tail end,
}


-- What all values have in common at an end, whole words of it; "" when that is nothing, or one of them.
local function common(group, name, at)
  local shared = at.cut(group[1].stem[name]) or ""
  local distinct = false
  for _, t in ipairs(group) do
    local value = t.stem[name]
    while shared ~= "" and not at.has(value, shared) do
      shared = at.cut(at.shorten(shared)) or ""
    end
    distinct = distinct or value ~= group[1].stem[name]
  end
  return distinct and shared or ""
end


-- How many of the different values of a half are words for purposes, less those that are not.
local function purposes_among(group, name, from)
  local n, seen = 0, {}
  for _, t in ipairs(group) do
    local value = t.stem[name]
    if value and not seen[value] then
      seen[value] = true
      n = n + (IS_PURPOSE[value:sub(from):lower()] and 1 or -1)
    end
  end
  return n
end


local function knows_halves(group)
  for _, t in ipairs(group) do
    if t.known.app or t.known.purpose then
      return true
    end
  end
  return false
end


-- "shop-cache" and "shop-config" before "eu" and "us" are one app, whose purposes go on behind.
local function divide_earlier(group, head)
  for _, t in ipairs(group) do
    local stem = t.stem
    stem.right = stem.left:sub(#head + 1) .. (stem.right and stem.joint .. stem.right or "")
    stem.left, stem.joint = head:sub(1, -2), head:sub(-1)
  end
end


-- What each half is; words that all have in one of them belong to the template.
local function name_halves(group)
  local known = knows_halves(group)
  local head = not known and common(group, "left", HEAD) or ""
  local leads = not known and purposes_among(group, "left", #head + 1) > 0
  if leads and head ~= "" and group[1].stem.right and group[1].stem.text then
    divide_earlier(group, head)
    leads, head = false, ""
  end
  head = are_many(group, "left") and head or ""
  local first, second = "app", "purpose"
  if leads and not (group[1].stem.right and purposes_among(group, "right", 1) > 0) then
    first, second = second, first
  end
  local names = { { half = "left", part = first, head = head, tail = "" } }
  if group[1].stem.right then
    names[2] = { half = "right", part = second, tail = "",
      head = not known and are_many(group, "right") and common(group, "right", HEAD) or "" }
  end
  for _, name in ipairs(names) do
    for _, t in ipairs(group) do
      t.stem[name.half] = t.stem[name.half]:sub(#name.head + 1)
    end
    name.tail = not known and are_many(group, name.half) and common(group, name.half, TAIL) or ""
    for _, t in ipairs(group) do
      t.stem[name.half] = t.stem[name.half]:sub(1, #t.stem[name.half] - #name.tail)
    end
  end
  return names
end


local function name_parts(group, bare)
  for _, t in ipairs(group) do
    t.stem.left = t.stem.left or t.stem.text
  end
  local names = name_halves(group)
  local first, second = names[1], names[2]
  for _, t in ipairs(group) do
    local cell = {}
    cell.template = template_of(t, first.head .. "{" .. first.part .. "}" .. first.tail,
      second and second.head .. "{" .. second.part .. "}" .. second.tail)
    cell[first.part] = t.stem.left
    if second then
      cell[second.part] = t.stem.right
    end
    if t.place then
      cell.env, cell.bare, cell.bare_family = t.place.env, t.place.bare, bare[t.place.family]
    end
    t.cell = cell
  end
end


-- ---- All -----------------------------------------------------------------------------------------

-- The title that a template makes of parts.
function titles.expand(template, parts)
  return (template:gsub("{(%a+)}", parts))
end


-- What is known of a part is what was found, and a part is not all of a title.
local function agrees(t)
  if t.cell.template:find "^{%a+}$" then
    return false
  end
  for _, name in ipairs { "app", "purpose", "env" } do
    if t.known[name] and t.known[name] ~= t.cell[name] then
      return false
    end
  end
  return titles.expand(t.cell.template, t.cell) == t.title or t.cell.bare
end


-- Finds the parts of namespaces of one account, each { title, known = { app?, purpose?, env? } }: they get
-- a `cell`: { template, app?, purpose?, env?, bare?, bare_family? }, where there is one. `bare`: the title
-- lacks its env; `bare_family`: of titles that are alike but for it, one does.
function titles.read(namespaces)
  local list = {}
  for _, ns in ipairs(namespaces) do
    local words = ns.title and words_of(ns.title)
    if words then
      local own = ns.known.env
      list[#list + 1] = { title = ns.title, words = words, known = ns.known, own = own, ns = ns,
        places = places_of(ns.title, words, own) }
    end
  end
  find_environments(list)
  local bare = find_bare(list)
  local lefts, rights = count_halves(list)
  divide_all(list, lefts, rights)
  for _, group in ipairs(group_by_shape(list)) do
    name_parts(group, bare)
    for _, t in ipairs(group) do
      t.ns.cell = agrees(t) and t.cell or nil
    end
  end
end


return titles
