-- stop: ends an unfinished swarm: 'stopped' by a caller, 'timeout' by its deadline. Nothing completes afterwards.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool approvals
-- ARGV: reason message
-- INCLUDE: outcomes swarm task agent settle
-- RETURNS: ok, status | already, status | swarm_not_found | swarm_state (it completed or failed before)
-- EVENTS: task.cancelled per open task, agent.terminated, swarm.stopped or swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status == 'stopped' then return { ALREADY, swarm.status } end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
if A.reason == 'timeout' then
  local deadline = tonumber(redis.call('HGET', K.meta, 'deadlineAt'))
  if swarm.status == 'paused' or not deadline or deadline > now then return { SWARM_STATE, swarm.status } end
end
cancel_open_tasks(A.reason)
if A.reason == 'timeout' then
  end_swarm('failed', 'swarm.failed', 'timeout', A.message)
else
  end_swarm('stopped', 'swarm.stopped', A.reason, A.message)
end
return { OK, swarm.status }
