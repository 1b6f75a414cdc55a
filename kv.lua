local cfkv = require 'cfkv'; cfkv.output('a-b', print)
cfkv.output(5, print)
cfkv.removed { title = 'a', address = 'b', allow_data_loss = 'yes' }