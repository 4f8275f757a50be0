-- take-place: a place among the started swarms, when one is free. A swarm has one at most.
-- KEYS: started
-- ARGV: swarmId limit
-- RETURNS: 1 taken, 0 it had one, -1 none is free; limit 0 is no limit
-- One that it had counts as taken now: a paused swarm that is about to go on must not lose it in between.
local had = redis.call('ZSCORE', K.started, A.swarmId)
local limit = tonumber(A.limit)
if not had and limit > 0 and redis.call('ZCARD', K.started) >= limit then return { -1 } end
local time = redis.call('TIME')
redis.call('ZADD', K.started, time[1] * 1000 + math.floor(time[2] / 1000), A.swarmId)
return { had and 0 or 1 }
