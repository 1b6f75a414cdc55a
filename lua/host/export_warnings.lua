-- What exporters tell people, in a list of what lua/host/export.lua hands on.

local text = require "text"

local warnings = {}


-- `at` is a namespace or a key, where it was declared.
function warnings.add(list, at, words, hint)
  list[#list + 1] = { warning = words, hint = hint, file = at.file, line = at.line }
end


-- Whether a namespace has a title; without, it is left out, and that is told.
function warnings.has_title(list, ns)
  if ns.title ~= text.null then
    return true
  end
  warnings.add(list, ns, ("namespace %s is left out: its title is not known"):format(ns.id),
    "cfkv apply records its title; export again behind it")
  return false
end


-- Tells of a namespace without an account, where the tool needs one.
function warnings.tell_account(list, ns, tool)
  if ns.account_id == text.null then
    warnings.add(list, ns, ("namespace %s names no account, which %s needs"):format(text.quoted(ns.title), tool),
      "cfkv.project { account_id = \"…\" } names it")
  end
end


-- Tells that a key is where only cfkv reads it.
function warnings.tell_noted(list, key, where, why)
  warnings.add(list, key, ("key %s %s: %s"):format(text.quoted(key.key), where, why),
    "write it with 'cfkv kv key put --path FILE'")
end


return warnings
