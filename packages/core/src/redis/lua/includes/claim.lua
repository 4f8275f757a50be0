-- A queued task begins: its worker holds it by the token until the lease ends. Needs K.running and K.specs.
local function begin_task(task, token, worker_id, lease_ms)
  set_task_status(task, 'running')
  -- A worker was lost while it had this task: the next one begins it beside no other such task (`try-apart`), and waits until it may.
  task.trial = task.crashes > 0 and 'waiting' or nil
  task.token = token
  task.workerId = worker_id
  task.startedAt = now
  task.queuedAt = nil
  task.errorCode = nil
  task.errorMessage = nil
  lease_until[task.id] = now + lease_ms
  save_task(task)
  append_task_event('task.started', task,
    '{"agentType":"' .. task.agentType .. '","workerId":' .. cjson.encode(worker_id) .. '}')
end
