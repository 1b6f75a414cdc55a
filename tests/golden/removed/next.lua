local cfkv = require "cfkv"

cfkv.removed { title = "said", allow_data_loss = true }
