#!/usr/bin/env cfkv
local x = = 1
