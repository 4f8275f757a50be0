-- expire-unstarted: ends a swarm that nobody started and in which nothing has happened for long. A start that came first wins.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool
-- ARGV: idleMs message
-- INCLUDE: outcomes swarm task agent settle
-- RETURNS: ok, status | swarm_not_found | swarm_state (it was started, has ended, or something happened lately)
-- EVENTS: task.cancelled per open task, agent.terminated, swarm.stopped
if not swarm then return { SWARM_NOT_FOUND } end
local unstarted = swarm.status == 'ready' or (swarm.status == 'planning' and redis.call('HGET', K.meta, 'startRequested') ~= '1')
if not unstarted then return { SWARM_STATE, swarm.status } end
local last = redis.call('XREVRANGE', K.events, '+', '-', 'COUNT', 1)[1]
-- All events of one entry are of one moment.
local since = last and tonumber(string.match(last[2][2], '"at":(%d+)')) or tonumber(redis.call('HGET', K.meta, 'createdAt'))
if since + A.idleMs > now then return { SWARM_STATE, swarm.status } end
cancel_open_tasks('never-started')
end_swarm('stopped', 'swarm.stopped', 'stopped', A.message)
return { OK, swarm.status }
