-- Whoever sent a command gives up some time; afterwards it must not take effect any more, for other commands may have been given
-- meanwhile. Every script, and every write by itself, is asked this first. until: milliseconds by this Redis's clock, or '' for
-- none.
local function too_late(until_ms)
  if until_ms == '' then return false end
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000) > tonumber(until_ms)
end
