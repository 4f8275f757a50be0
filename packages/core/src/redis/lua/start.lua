-- start: the swarm's tasks may run. While it is being planned the wish is remembered. One start wins.
-- KEYS: meta events
-- ARGV:
-- INCLUDE: outcomes swarm
-- RETURNS: ok, 'executing' or 'planning' | swarm_not_found | swarm_state
-- EVENTS: swarm.started (not yet while planning)
if not swarm then return { SWARM_NOT_FOUND } end
local deadline = now + tonumber(redis.call('HGET', K.meta, 'timeoutMs'))
if swarm.status == 'planning' then
  if redis.call('HGET', K.meta, 'startRequested') == '1' then return { SWARM_STATE, 'executing' } end
  redis.call('HSET', K.meta, 'startRequested', '1', 'deadlineAt', deadline)
  return { OK, 'planning' }
end
if swarm.status ~= 'ready' then return { SWARM_STATE, swarm.status } end
set_swarm_status('executing')
redis.call('HSET', K.meta, 'startedAt', now, 'deadlineAt', deadline)
append_event('swarm.started')
return { OK, 'executing' }
