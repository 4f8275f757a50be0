-- decide-approval: somebody approves or denies what a task asked for. The first decision counts. When it was the last that the
-- task waited for, the task may go on.
-- KEYS: meta events tasks ready suspended open approvals
-- ARGV: approvalId decision note decidedBy
-- INCLUDE: outcomes swarm task settle
-- RETURNS: ok, approval | already, approval (decided the same way before) | swarm_not_found | approval_not_found |
--          approval_state, its status (decided otherwise, or nobody waits for it any more)
-- EVENTS: approval.decided
if not swarm then return { SWARM_NOT_FOUND } end
local json = redis.call('HGET', K.approvals, A.approvalId)
if not json then return { APPROVAL_NOT_FOUND } end
local approval = cjson.decode(json)
if approval.status == A.decision then return { ALREADY, json } end
if approval.status ~= 'pending' then return { APPROVAL_STATE, approval.status } end
local task = load_task(approval.taskId)
if not task or task.status ~= 'waiting' then return { APPROVAL_STATE, 'cancelled' } end

approval.status = A.decision
approval.decidedAt = now
approval.decidedBy = A.decidedBy
if A.note ~= '' then approval.note = A.note end
json = cjson.encode(approval)
redis.call('HSET', K.approvals, approval.id, json)
append_task_event('approval.decided', { id = task.id, attempt = task.attempt }, {
  approvalId = approval.id, decision = approval.status, tool = approval.tool,
})
no_longer_waits(task, approval.id)
return { OK, json }
