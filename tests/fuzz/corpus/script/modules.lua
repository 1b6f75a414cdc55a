require "cfkv.x"
require "a.b" require "../x"
