-- append-log: one line of the swarm's own log, as long as the swarm exists.
-- KEYS: meta events logs
-- ARGV: line maxLength
-- INCLUDE: outcomes swarm
-- RETURNS: ok | swarm_not_found
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
redis.call('XADD', K.logs, 'MAXLEN', '~', A.maxLength, '*', 'at', now, 'line', A.line)
return { OK }
