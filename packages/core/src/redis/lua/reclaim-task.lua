-- reclaim-task: takes a running task away from a worker whose lease ended, or that is gone and has not renewed since it
-- was first missed (goneLease: the latest lease it could hold then; '' when only the lease decides). A lease that ended while Redis
-- was away counts for graceMs more: nobody could renew it. A task that keeps
-- killing workers is given up, when it did so apart from other suspects.
-- KEYS: meta events tasks dependents indegree ready queued running retrying suspended open agents pool blobs holds approvals
-- ARGV: taskId token maxCrashes goneLease graceMs
-- INCLUDE: outcomes swarm task agent settle retry holds
-- RETURNS: ok, 'retrying' or 'failed' | swarm_not_found | task_state (not running, or its lease was renewed) | fenced
-- EVENTS: task.retrying; or task.failed, task.skipped, task.cancelled, swarm.progress, swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' then return { TASK_STATE, task and task.status or 'gone' } end
if task.token ~= A.token then return { FENCED } end
local lease = tonumber(redis.call('ZSCORE', K.running, task.id) or '0')
local gone = A.goneLease ~= '' and lease <= tonumber(A.goneLease)
if not gone and not lease_is_over(lease, tonumber(A.graceMs)) then return { TASK_STATE, 'running' } end
task.token = nil
-- Not begun: it cannot be what took its worker down.
local begun, apart = task.trial ~= 'waiting', task.trial == 'apart'
if begun then task.crashes = task.crashes + 1 end
local most = tonumber(A.maxCrashes)
-- In company (of a worker that knows of no trials) it may be innocent; but nothing goes on for ever.
if begun and (task.crashes >= most and apart or task.crashes >= 2 * most) then
  local message = 'The worker was lost ' .. whole(task.crashes) .. ' times while it ran this task'
    .. (apart and ', the last time with no other suspected task at work beside it.' or '.')
  fail_for_good(task, 'poison', message)
  let_go_of_checkpoints({ task.id })
else
  retry_later(task, 0, 'worker_lost', 'The worker was lost; another one goes on.')
end
return { OK, task.status }
