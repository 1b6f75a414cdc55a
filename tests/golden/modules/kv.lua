-- Declarations in a module, whose call chain is told, and a file that is read.
local cfkv = require "cfkv"
local shop = require "lib.shop"

for _, env in ipairs { "dev", "prod" } do
  shop.declare(env)
end
cfkv.namespace { title = "texts" }:put("robots", cfkv.file.text "robots.txt")
