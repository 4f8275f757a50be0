-- ask-approval: a running task asks people to decide on something, and waits until all of it is decided.
-- KEYS: meta events tasks running agents pool approvals
-- ARGV: taskId token wishes maxApprovals
-- INCLUDE: outcomes swarm task agent wait
-- RETURNS: ok, 'waiting' | already, 'waiting' (a repeated send) or 'running' (all is decided: go on) | swarm_not_found |
--          fenced | limit, sentence
-- EVENTS: approval.requested per new approval, task.suspended
-- `wishes`: JSON list of approvals without their state. What was asked before under the same id is not asked again, unless
-- nobody can answer it any more.
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if task and task.status == 'waiting' and task.waitingFor == 'approval' and task.token == A.token then
  return { ALREADY, task.status }
end
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end

local wishes, pending, added = cjson.decode(A.wishes), {}, 0
for _, approval in ipairs(wishes) do
  local json = redis.call('HGET', K.approvals, approval.id)
  local status = json and cjson.decode(json).status
  if not json then added = added + 1 end
  if status ~= 'approved' and status ~= 'denied' then pending[#pending + 1] = approval end
end
if #pending == 0 then return { ALREADY, task.status } end
if redis.call('HLEN', K.approvals) + added > tonumber(A.maxApprovals) then
  return { LIMIT, 'The swarm has asked for ' .. A.maxApprovals .. ' approvals; no more can be asked for.' }
end

count_bytes(#A.wishes)
local ids = {}
for _, approval in ipairs(pending) do
  ids[#ids + 1] = approval.id
  approval.status = 'pending'
  approval.taskId = task.id
  approval.agentId = task.agentId
  approval.attempt = task.attempt
  approval.requestedAt = now
  redis.call('HSET', K.approvals, approval.id, cjson.encode(approval))
  append_task_event('approval.requested', task, {
    approvalId = approval.id, kind = approval.kind, tool = approval.tool,
  })
end
start_waiting(task, 'approval', ids, 'It waits for an approval.')
return { OK, task.status }
