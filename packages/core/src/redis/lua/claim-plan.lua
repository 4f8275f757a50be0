-- claim-plan: a scheduler takes, or renews, the making of the plan, so that it is paid once.
-- KEYS: meta events
-- ARGV: token leaseMs
-- INCLUDE: outcomes swarm
-- RETURNS: ok | swarm_not_found | swarm_state | fenced (another scheduler is at it)
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
local held = redis.call('HMGET', K.meta, 'planToken', 'planLeaseUntil')
if held[1] and held[1] ~= A.token and tonumber(held[2]) > now then return { FENCED } end
redis.call('HSET', K.meta, 'planToken', A.token, 'planLeaseUntil', now + A.leaseMs)
return { OK }
