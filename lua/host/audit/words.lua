-- The words of an audit, which all of its formats share.

local layout = require "layout"
local plan_words = require "plan.words"
local text = require "text"
local view = require "view"

local words = { known = plan_words.known }

local known = words.known

words.LIVE = { "managed", "declared", "adoptable", "foreign", "orphan" }
words.NOT_LIVE = { "gone", "missing", "stale" }
words.MARKS = { "misnamed", "no-expiry" }

-- What each of them means, for people who read the table only.
words.MEANINGS = {
  managed = "the state records it",
  declared = "the next apply takes it under management",
  adoptable = "a wrangler config below the folder binds it, and nothing declares it",
  foreign = "another project's state records it",
  orphan = "nothing declares, records or binds it",
  gone = "recorded, and no longer there",
  missing = "declared, and not created yet",
  stale = "a wrangler config holds an id that nothing has",
  misnamed = "its title does not follow the naming",
  ["no-expiry"] = "it has a default ttl, and keys without an expiration",
}

-- Members that have their own place; the others are facts that are told where there are any.
local PLACED = {
  account = true, account_id = true, address = true, bindings = true, description = true, id = true, keys = true,
  marks = true, projects = true, status = true, title = true, ttl_seconds = true,
}


-- "2026-11-30 15:50:00 UTC"
function words.date(at)
  return plan_words.date(at, {}, true)
end


-- "30 min" of a default ttl.
words.duration = plan_words.duration


-- What another project calls it: "shop/cache/dev of project 'shop' (apps/shop/kv.state.json)". Raw text.
function words.project(p)
  local name = known(p.name)
  return ("%s of %s (%s)"):format(p.address, name and "project " .. text.quote(name) or "another project", p.state)
end


-- "wrangler.toml prod CACHE", raw; and the line and the member behind it: " preview_id (line 3)".
function words.binding(b)
  local env = known(b.env)
  return b.file .. " " .. (env and env .. " " or "") .. b.binding,
    (b.member == "preview_id" and " preview_id" or "") .. (" (line %d)"):format(b.line)
end


-- What is told of keys without an expiration: "3 keys without an expiration: 'a', 'b' and 1 more". Plain.
function words.lasting(keys)
  local names = {}
  for i, name in ipairs(keys.without_expiration_first) do
    names[i] = text.quote(name, 60)
  end
  local more = keys.without_expiration - #names
  return ("%s without an expiration: %s%s"):format(layout.count(keys.without_expiration, "key"),
    table.concat(names, ", "), more > 0 and (" and %d more"):format(more) or "")
end


-- The further facts of a namespace, as pairs of name and text.
function words.facts(ns)
  local facts = {}
  for name, value in view.sorted(ns) do
    if not PLACED[name] and known(value) and value ~= "" then
      facts[#facts + 1] = { name, value }
    end
  end
  return facts
end


function words.has_mark(ns, mark)
  for _, there in ipairs(ns.marks) do
    if there == mark then
      return true
    end
  end
  return false
end


-- The name of its account, else its id; nil where there is none.
function words.account(ns)
  return known(ns.account) or known(ns.account_id)
end


function words.span_accounts(namespaces)
  for _, ns in ipairs(namespaces) do
    if ns.account_id ~= namespaces[1].account_id then
      return true
    end
  end
  return false
end


-- ", 9 managed, 2 orphans": `gap` and a count for each word that there is.
local function counts(summary, list, gap)
  local parts = {}
  for _, word in ipairs(list) do
    local n = summary[word]
    if n > 0 then
      parts[#parts + 1] = word == "orphan" and layout.count(n, word) or n .. " " .. word
    end
  end
  return #parts > 0 and gap .. table.concat(parts, ", ") or ""
end


-- "12 namespaces: 9 managed, 1 declared, 2 orphans; 1 gone; 3 misnamed"
function words.summary(summary)
  local live = 0
  for _, status in ipairs(words.LIVE) do
    live = live + summary[status]
  end
  return layout.count(live, "namespace") .. counts(summary, words.LIVE, ": ") .. counts(summary, words.NOT_LIVE, "; ")
    .. counts(summary, words.MARKS, "; ")
end


-- "Naming {app}-{purpose}-{env}: followed by 13 of 14 titles"; nil where that is no news. Raw.
function words.naming(naming)
  if naming == text.null or (naming.declared and naming.followed == naming.of) then
    return nil
  end
  return ("%s %s: followed by %d of %s"):format(naming.declared and "Naming" or "Titles look like", naming.template,
    naming.followed, layout.count(naming.of, "title"))
end


return words
