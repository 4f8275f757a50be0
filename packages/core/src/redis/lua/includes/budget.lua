-- What a swarm has used, and what it may use. K.meta: budgetTokens, budgetMicros (a limit that is not set is not there) and
-- budgetWarned. The sums are read in one call and written with the rest of the record. `estimatedTokens` of a usage: how many of
-- its tokens nobody reported.
local WARN_AT = 0.8

local function add_to_task(task, usage)
  for _, field in ipairs({ 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costMicros', 'estimatedTokens' }) do
    local amount = tonumber(usage[field]) or 0
    if amount ~= 0 then task[field] = (task[field] or 0) + amount end
  end
end

-- 1234567 as 1,234,567.
local function grouped(number)
  local text, count = whole(number), 0
  repeat
    text, count = string.gsub(text, '^(%d+)(%d%d%d)', '%1,%2')
  until count == 0
  return text
end

local function dollars(micros)
  return string.format('$%.4f', micros / 1000000)
end

-- The limit that is nearest: how much of it is used (1 is all of it), its name, what was used of it, and the limit.
local function judge_budget(tokens, micros, max_tokens, max_micros)
  local share, name, used, max = 0, nil, nil, nil
  if max_tokens then share, name, used, max = tokens / max_tokens, 'maxTokens', tokens, max_tokens end
  if max_micros and (not name or micros / max_micros > share) then
    share, name, used, max = micros / max_micros, 'maxCostUsd', micros, max_micros
  end
  return share, name, used, max
end

local ESTIMATED = 'The model server reports no token usage for some or all calls. Tokens and cost of this swarm, and what counts '
  .. 'towards its budget, are partly estimates from the length of what was sent and answered.'

-- Once per swarm, in its log: in the very step that counts the first estimate.
local function tell_of_estimates()
  redis.call('XADD', K.logs, '*', 'at', now, 'line', cjson.encode({ level = 'warn', source = 'budget', message = ESTIMATED }))
end

-- Adds to the swarm's sums. Returns a sentence when that uses up its budget; the caller ends the swarm. Warns once before.
local function spend(usage, turns)
  local f = redis.call('HMGET', K.meta, 'inputTokens', 'outputTokens', 'cacheReadTokens', 'cacheWriteTokens', 'costMicros',
    'turns', 'budgetTokens', 'budgetMicros', 'budgetWarned', 'estimatedTokens')
  local function add(at, field, amount)
    local before = tonumber(f[at]) or 0
    if amount ~= 0 then set_meta(field, whole(before + amount)) end
    return before + amount
  end
  local input = add(1, 'inputTokens', tonumber(usage.inputTokens) or 0)
  local output = add(2, 'outputTokens', tonumber(usage.outputTokens) or 0)
  add(3, 'cacheReadTokens', tonumber(usage.cacheReadTokens) or 0)
  local written = add(4, 'cacheWriteTokens', tonumber(usage.cacheWriteTokens) or 0)
  local micros = add(5, 'costMicros', tonumber(usage.costMicros) or 0)
  add(6, 'turns', turns)
  local estimated = tonumber(usage.estimatedTokens) or 0
  if estimated > 0 then
    if not f[10] then tell_of_estimates() end
    add(10, 'estimatedTokens', estimated)
  end
  if not f[7] and not f[8] then return nil end

  -- Text that is read from the provider's cache does not count: it did when it was written there, and was sent before.
  local share, name, used, max = judge_budget(input + output + written, micros, tonumber(f[7]), tonumber(f[8]))
  if share >= 1 then
    local what = name == 'maxTokens' and grouped(used) .. ' of at most ' .. grouped(max) .. ' tokens'
      or dollars(used) .. ' of at most ' .. dollars(max)
    return 'The swarm used ' .. what .. ' (budget.' .. name .. ') and was ended. What was completed is kept. '
      .. 'Create it again with a larger budget, or with a smaller objective.'
  end
  if share >= WARN_AT and f[9] ~= '1' then
    set_meta('budgetWarned', '1')
    local money = name == 'maxCostUsd'
    append_event('budget.warning', {
      limit = name, used = money and used / 1000000 or used, max = money and max / 1000000 or max,
      percentUsed = math.floor(100 * share),
    })
  end
  return nil
end

-- Terminal is final: a larger budget is a new swarm.
local function end_by_budget(sentence)
  cancel_open_tasks('budget')
  end_swarm('failed', 'swarm.failed', 'budget', sentence)
end

-- Whatever this worker sends now comes too late: its swarm has used up its budget.
local function ended_by_budget()
  return swarm.status == 'failed' and redis.call('HGET', K.meta, 'reason') == 'budget'
end
