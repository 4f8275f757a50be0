-- resume: a paused swarm goes on where it stood. The time it was paused does not count against its deadline.
-- KEYS: meta events tasks ready suspended
-- ARGV:
-- INCLUDE: outcomes swarm task
-- RETURNS: ok, status | already, status | swarm_not_found | swarm_state
-- EVENTS: swarm.resumed
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status == 'executing' then return { ALREADY, swarm.status } end
if swarm.status ~= 'paused' then return { SWARM_STATE, swarm.status } end
local times = redis.call('HMGET', K.meta, 'pausedAt', 'deadlineAt')
redis.call('HSET', K.meta, 'deadlineAt', tonumber(times[2]) + now - tonumber(times[1]))
redis.call('HDEL', K.meta, 'pausedAt')
set_swarm_status('executing')
for _, id in ipairs(redis.call('SMEMBERS', K.suspended)) do
  local task = load_task(id)
  make_ready(task)
  save_task(task)
end
append_event('swarm.resumed')
return { OK, swarm.status }
