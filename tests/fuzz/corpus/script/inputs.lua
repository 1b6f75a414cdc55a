local cfkv = require "cfkv"
cfkv.var("v", { default = 1, oneof = { 1, 2.0, "3" }, type = "number", doc = "d" }) cfkv.var "x" cfkv.getenv("HOME", { default = "", secret = true }) cfkv.getenv "CF_X"
