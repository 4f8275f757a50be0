-- pause: no new attempt starts; agents at work stop at their next turn boundary.
-- KEYS: meta events tasks ready queued suspended agents pool
-- ARGV:
-- INCLUDE: outcomes swarm task agent
-- RETURNS: ok, status | already, status | swarm_not_found | swarm_state
-- EVENTS: swarm.paused
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status == 'paused' then return { ALREADY, swarm.status } end
if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end
-- Attempts that nobody has claimed go back to ready; their jobs will find nothing to claim.
for _, id in ipairs(redis.call('ZRANGE', K.queued, 0, -1)) do hand_back(load_task(id)) end
set_swarm_status('paused')
redis.call('HSET', K.meta, 'pausedAt', now)
append_event('swarm.paused')
return { OK, swarm.status }
