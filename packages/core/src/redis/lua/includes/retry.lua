-- An attempt is over without a result: back to retrying, with what is known of why.
local function retry_later(task, delay_ms, code, message)
  release_agent(task)
  set_task_status(task, 'retrying')
  task.retryAt = now + delay_ms
  task.errorCode = code
  task.errorMessage = message
  save_task(task)
  append_task_event('task.retrying', task, {
    code = code, message = message, failures = task.failures, crashes = task.crashes, delayMs = delay_ms,
  })
end
