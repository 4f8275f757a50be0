-- fail-plan: nobody can make the plan, and trying again would not help: the swarm ends. What the planning calls cost is counted.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool approvals logs
-- ARGV: token reason message usage
-- INCLUDE: outcomes swarm task agent settle budget
-- RETURNS: ok, status | already | swarm_not_found | swarm_state | fenced (the plan lease is another scheduler's)
-- EVENTS: budget.warning; task.cancelled per task that was added meanwhile, agent.terminated, swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local held = redis.call('HMGET', K.meta, 'planToken', 'reason')
if swarm.status == 'failed' and not swarm.planned and held[1] == A.token and held[2] == A.reason then
  return { ALREADY, swarm.status }
end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
if held[1] and held[1] ~= A.token then return { FENCED } end
set_meta('planToken', A.token)
local used_up = spend(cjson.decode(A.usage), 0)
if used_up then
  end_by_budget(used_up)
else
  cancel_open_tasks(A.reason)
  end_swarm('failed', 'swarm.failed', A.reason, A.message)
end
return { OK, swarm.status }
