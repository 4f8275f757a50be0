-- forget-ended: takes some entries, by chance, out of what is kept beside the started swarms, when their swarm has left those.
-- KEYS: started startedBy
-- ARGV: count
-- RETURNS: how many there were
local gone = 0
for _, entry in ipairs(redis.call('ZRANDMEMBER', K.startedBy, A.count)) do
  if not redis.call('ZSCORE', K.started, string.match(entry, '[^:]*$')) then
    redis.call('ZREM', K.startedBy, entry)
    gone = gone + 1
  end
end
return { gone }
