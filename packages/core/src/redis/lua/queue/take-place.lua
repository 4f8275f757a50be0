-- take-place: a place among the started swarms, when one is free. A swarm has one at most.
-- KEYS: started
-- ARGV: swarmId limit
-- RETURNS: 1 taken, 0 it had one, -1 none is free; limit 0 is no limit
if redis.call('ZSCORE', K.started, A.swarmId) then return { 0 } end
local limit = tonumber(A.limit)
if limit > 0 and redis.call('ZCARD', K.started) >= limit then return { -1 } end
local time = redis.call('TIME')
redis.call('ZADD', K.started, time[1] * 1000 + math.floor(time[2] / 1000), A.swarmId)
return { 1 }
