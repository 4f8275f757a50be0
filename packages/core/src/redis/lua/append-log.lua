-- append-log: one line of the swarm's own log, as long as the swarm exists.
-- KEYS: meta events logs
-- ARGV: line maxLength
-- INCLUDE: outcomes swarm
-- RETURNS: ok | swarm_not_found
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
redis.call('XADD', K.logs, 'MAXLEN', '~', A.maxLength, '*', 'at', now, 'line', A.line)
-- A line that comes after the swarm was retired must not outlive it.
local left = redis.call('PTTL', K.meta)
if left > 0 then redis.call('PEXPIRE', K.logs, left) end
return { OK }
