-- add-task: one more task for a swarm that has not ended. Its dependencies may be done already. While the plan is being made, the
-- task is kept, and the plan's tasks come after it.
-- KEYS: meta events specs tasks dependents indegree ready open
-- ARGV: state spec dependencies requestKey name taskType
-- INCLUDE: outcomes swarm task plan
-- RETURNS: ok, taskId | already, taskId (this request key was used) | swarm_not_found | swarm_state | task_not_found, id, 'planning' while
--          the plan is being made | task_state, sentence (a dependency has failed) | limit, sentence
-- EVENTS: task.created
if not swarm then return { SWARM_NOT_FOUND } end
if A.requestKey ~= '' then
  local earlier = redis.call('HGET', K.meta, 'added:' .. A.requestKey)
  if earlier then return { ALREADY, earlier } end
end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
local total = redis.call('HLEN', K.tasks)
-- Room is kept for the plan.
local most = swarm.planned and 10000 or 9900
if total >= most then
  return { LIMIT, 'The swarm has ' .. most .. ' tasks; no more can be added' .. (swarm.planned and '.' or ' while its plan is being made.') }
end

local full = no_room_for(#A.spec + #A.state)
if full then return { LIMIT, full } end

local wanted, waits_for, known_to = cjson.decode(A.dependencies), {}, {}
for _, id in ipairs(wanted) do
  local dependency = load_task(id)
  if not dependency then return { TASK_NOT_FOUND, id, not swarm.planned and 'planning' or nil } end
  local status = dependency.status
  local ended_alone = status == 'failed' or status == 'cancelled'
  local met = status == 'completed' or (ended_alone and dependency.onFailure == 'continue')
  if not met then
    if status == 'failed' or status == 'skipped' or status == 'cancelled' then
      return { TASK_STATE, id .. ' is ' .. status .. ', so that a task depending on it could never run' }
    end
    waits_for[#waits_for + 1] = id
  end
  -- Also one that failed and is no obstacle: whoever would try it again has to know who went on without it.
  if status ~= 'completed' then known_to[#known_to + 1] = id end
end

local task = decode_task(A.state)
task.id = string.format('task_%03d', total + 1)
task.status = 'blocked'
redis.call('HSET', K.specs, task.id, string.format('{"id":"%s","sequence":%d,"createdAt":%s,', task.id, total + 1, now_text) .. string.sub(A.spec, 2))
count_bytes(#A.spec + #A.state)
redis.call('HSET', K.indegree, task.id, #waits_for)
add_dependent(known_to, task.id)
redis.call('SADD', K.open, task.id)
set_meta('totalTasks', whole(total + 1))
if #waits_for == 0 then make_ready(task) end
save_task(task)
if A.requestKey ~= '' then redis.call('HSET', K.meta, 'added:' .. A.requestKey, task.id) end
append_task_event('task.created', { id = task.id }, {
  name = A.name, taskType = A.taskType, agentType = task.agentType, priority = task.priority,
  dependencies = table.concat(wanted, ','),
})
return { OK, task.id }
