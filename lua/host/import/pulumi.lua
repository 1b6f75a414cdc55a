-- What Pulumi and SST write: stacks (`pulumi stack export`), checkpoints (files of a backend of one's own,
-- `sst state export`), programs in YAML, and files of `pulumi import`.

local member = require "import.pulumi.member"

local pulumi = { tool = "pulumi" }

-- In this order they are asked.
local SHAPES = { require "import.pulumi.stack", require "import.pulumi.imports", (require "import.pulumi.program") }


local function shape_of(value)
  for _, shape in ipairs(SHAPES) do
    if shape.recognises(value) then
      return shape
    end
  end
end


function pulumi.recognises(document)
  return document ~= nil and member.is_object(document.value) and shape_of(document.value) ~= nil
end


function pulumi.read(document, view, into)
  shape_of(document.value).read(document, view, into)
end


return pulumi
