-- claim-plan: a scheduler takes, renews, or gives back (leaseMs 0) the making of the plan, so that it is paid once. A lease that ended
-- while Redis was away counts for graceMs more: who holds it could not renew. `trouble`: what keeps the plan from being made at
-- present, in a sentence, or nothing.
-- KEYS: meta events
-- ARGV: token leaseMs graceMs trouble
-- INCLUDE: outcomes swarm
-- RETURNS: ok | swarm_not_found | swarm_state | fenced (another scheduler is at it)
-- EVENTS: none
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
local held = redis.call('HMGET', K.meta, 'planToken', 'planLeaseUntil')
if held[1] and held[1] ~= A.token and not lease_is_over(tonumber(held[2]), tonumber(A.graceMs)) then return { FENCED } end
-- For no time at all: it is given back.
redis.call('HSET', K.meta, 'planToken', A.token, 'planLeaseUntil', A.leaseMs == '0' and '0' or whole(now + A.leaseMs),
  'planTrouble', A.trouble)
return { OK }
