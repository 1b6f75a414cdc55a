-- `cfkv export`: the files that another tool declares the same with. A view in (src/model/export_json.h
-- as `model`, and `to`), a list of files out; nothing is read or written here.
--
-- A module of lua/host/export is a tool: `about` (a few words for help) and `files(view)`, a list of
-- { path =, text = } (paths are relative and plain), and among them of what its format cannot say:
-- { warning =, hint =, line =, file = } (the place may be missing).

local text = require "text"

local export = {}


local function item_json(item)
  if item.warning then
    return ('{"file":%s,"hint":%s,"line":%d,"warning":%s}'):format(item.file and text.string(item.file) or "null",
      item.hint and text.string(item.hint) or "null", item.line or 0, text.string(item.warning))
  end
  return ('{"path":%s,"text":%s}'):format(text.string(item.path), text.string(item.text))
end


function export.files(view)
  local parts = {}
  for i, item in ipairs(require("export." .. view.to).files(view.model)) do
    parts[i] = item_json(item)
  end
  return "[" .. table.concat(parts, ",") .. "]"
end


return export
