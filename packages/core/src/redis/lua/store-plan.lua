-- store-plan: the graph of tasks, made once. Roots become ready; a remembered start takes effect. A plan whose making used
-- up the swarm's budget is not stored: the swarm ends. Tasks that were added meanwhile come before it: whoever sends the plan gives
-- its tasks the ids behind theirs, says by `seq` up to which event that took them into account, and by `awaited` (JSON) for which of
-- them the plan's last task waits.
-- KEYS: meta events specs tasks dependents indegree ready queued running retrying suspended open agents pool logs
-- ARGV: token plan seq awaited
-- EACH: id priority waitsFor state spec dependents created
-- INCLUDE: outcomes swarm task agent settle budget plan
-- RETURNS: ok, status | already | swarm_not_found | swarm_state | fenced (the plan lease is another scheduler's) |
--          tasks_added (since `seq`: look again)
-- EVENTS: budget.warning; agent.terminated, swarm.failed when the budget is used up; else swarm.planned, task.created per task, swarm.started when a start was remembered
if not swarm then return { SWARM_NOT_FOUND } end
local held = redis.call('HMGET', K.meta, 'planToken', 'startRequested')
if swarm.planned and held[1] == A.token then return { ALREADY, swarm.status } end
if swarm.status ~= 'planning' or swarm.planned then return { SWARM_STATE, swarm.status } end
if held[1] and held[1] ~= A.token then return { FENCED } end
if swarm.totalTasks > 0 and tonumber(A.seq) ~= swarm.seq then return { TASKS_ADDED } end

local plan = cjson.decode(A.plan)
local used_up = plan.usage and spend(plan.usage, 0)
if used_up then
  end_by_budget(used_up)
  return { OK, swarm.status }
end
lay_out(plan, EACH, A.token, held[2] == '1')
local last = EACH[#EACH]
if last then add_dependent(cjson.decode(A.awaited), last.id) end
return { OK, swarm.status }
