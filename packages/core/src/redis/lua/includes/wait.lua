-- A running task steps aside until something else has happened: its agent is free and its lease gone, its journal stays, and
-- no retry is spent. The token stays too, so that a repeated send is known; it opens nothing any more.
-- what: 'approval' or 'children'; ids: of the approvals or tasks it waits for. Needs K.running.
local function start_waiting(task, what, ids, message)
  local ref = { id = task.id, agentId = task.agentId, attempt = task.attempt }
  release_agent(task)
  set_task_status(task, 'waiting')
  task.waitingFor = what
  task.waitsOn = ids
  save_task(task)
  append_task_event('task.suspended', ref, { waitingFor = what, message = message })
end
