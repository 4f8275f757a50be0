-- fail-task: an attempt ended in an error: tried again after a while when that may help and retries are left, else failed.
-- KEYS: meta events specs tasks dependents indegree ready queued running retrying suspended open agents pool blobs holds approvals
-- ARGV: taskId token code message retryable delayMs
-- INCLUDE: outcomes swarm task agent settle retry holds
-- RETURNS: ok, 'retrying' or 'failed', swarm status | already | swarm_not_found | fenced
-- EVENTS: task.retrying; or task.failed, task.skipped, task.cancelled, swarm.progress, swarm.failed
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.token ~= A.token then return { FENCED } end
if task.status == 'retrying' or task.status == 'failed' then return { ALREADY, task.status, swarm.status } end
if task.status ~= 'running' then return { FENCED } end
task.failures = task.failures + 1
local max_retries = cjson.decode(redis.call('HGET', K.specs, task.id)).maxRetries
if A.retryable == '1' and task.failures <= max_retries then
  retry_later(task, tonumber(A.delayMs), A.code, A.message)
else
  fail_for_good(task, A.code, A.message)
  let_go_of_checkpoints({ task.id })
end
return { OK, task.status, swarm.status }
