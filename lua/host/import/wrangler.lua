-- Wrangler configs as something to import: the namespaces that they bind, and where.
--
-- An id is all that a config knows of a namespace; what stands for an id and is none is to be filled: it
-- becomes a namespace with the title that wrangler's own provisioning gives it, to be adopted if it is
-- there, else made. What cfkv.wrangler would have to change, or cannot say, is told and left to its owner.

local bindings = require "init.bindings"
local layout = require "layout"
local text = require "text"

local wrangler = { tool = "wrangler" }


function wrangler.recognises(_, view)
  return view.syntax == "wrangler"
end


local function place_of(entry)
  local section = entry.env
  return ("binding %s of %s"):format(text.quoted(entry.binding),
    section == text.null and "the top level" or section == bindings.PREVIEWS and section
      or "environment " .. text.quoted(section))
end


-- Why cfkv leaves a binding as it is; nil: it does not.
local function fault_of(reader, entry)
  if entry.env ~= text.null and not text.is_plain(entry.env) then
    return "its environment has a name that cfkv does not take"
  elseif not bindings.is_binding(entry.binding) then
    return "its name has other characters than ASCII letters, digits, $ and _"
  elseif bindings.is_id(entry.id) and entry.id ~= entry.id:lower() then
    return "its id is written in capitals"
  end
  local same = bindings.is_id(entry.id) and reader.bound[tostring(entry.env) .. "\0" .. entry.id:lower()]
  return same and ("binding %s has the same id"):format(text.quoted(same)) or nil
end


local function read_id(reader, entry, ref)
  reader.into.namespace { ref = ref, id = entry.id:lower(), line = entry.line,
    account = bindings.account_in(reader.config, entry.env) }
end


-- What stands where an id is to be: "<YOUR_ID>", nothing at all.
local function placeholder_of(entry)
  return entry.id == text.null and "no id" or entry.id == "" and "an empty id"
    or ("%s, which is no id"):format(text.quoted(entry.id))
end


-- false when no namespace can stand for it.
local function read_placeholder(reader, entry, ref)
  local worker = bindings.worker_of(reader.config, entry.env, reader.folder)
  local title = bindings.title_of(worker, entry.binding, reader.titles)
  if not title then
    reader.into.warn(entry.line, "import.placeholder", ("%s has %s, and the title that is made of its name would be "
      .. "too long"):format(place_of(entry), placeholder_of(entry)), "declare a namespace for it in kv.lua yourself")
    return false
  end
  reader.into.warn(entry.line, "import.placeholder", ("%s has %s: it is to be filled with the one of %s"):format(
    place_of(entry), placeholder_of(entry), text.quoted(title)),
    "that is the title that wrangler would give it; if its namespace has another one, write that into kv.lua")
  reader.into.namespace { ref = ref, title = title, unsure = true, line = entry.line,
    account = bindings.account_in(reader.config, entry.env) }
  return true
end


local function read_entry(reader, entry)
  local ref = (entry.env == text.null and "" or entry.env .. "/") .. entry.binding
  local fault = fault_of(reader, entry)
  if bindings.is_id(entry.id) then
    read_id(reader, entry, ref)
  elseif not fault and not read_placeholder(reader, entry, ref) then
    return
  end
  if fault then
    reader.into.warn(entry.line, "import.binding", ("%s stays as it is: %s"):format(place_of(entry), fault),
      "cfkv neither fills nor takes out what it does not declare")
    return
  end
  if bindings.is_id(entry.id) then
    reader.bound[tostring(entry.env) .. "\0" .. entry.id:lower()] = entry.binding
  end
  reader.into.binding { ref = ref, name = entry.binding, env = entry.env, line = entry.line,
    config = reader.config.path, worker = bindings.worker_of(reader.config, entry.env, reader.folder) }
end


-- A preview_id that is another namespace than the id: it stays as it is, since nothing says what it is for.
local function tell_previews(reader)
  local names, line = {}, nil
  for _, entry in ipairs(reader.config.bindings) do
    local id = bindings.is_id(entry.id) and entry.id:lower()
    if bindings.is_id(entry.preview_id) and entry.preview_id:lower() ~= id then
      names[#names + 1] = text.name(entry.binding)
      line = line or entry.line
    end
  end
  if #names > 0 then
    reader.into.warn(line, "import.preview", ("the preview_id of %s stays as it is"):format(table.concat(names, ", ")),
      "`preview = true` makes a namespace TITLE_preview, whose id goes there")
  end
end


local function tell_unread(reader)
  for _, list in ipairs(reader.config.unread) do
    reader.into.warn(list.line, "import.unread", ("wrangler does not read %s, and its bindings are not imported")
      :format(layout.shown(list.path)), list.legacy and "wrangler 1 did: write kv_namespaces, with an underscore"
        or "it fell into another table: put it before the first [table]")
  end
end


function wrangler.read(_, view, into)
  local config = view.config
  local reader = { into = into, config = config, bound = {}, titles = {},
    folder = config.path:match "([^/]+)/[^/]+$" or "worker" }
  for _, entry in ipairs(config.bindings) do
    read_entry(reader, entry)
  end
  tell_previews(reader)
  tell_unread(reader)
end


return wrangler
