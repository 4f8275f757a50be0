-- dispatch: gives ready tasks an agent each and marks them queued, highest priority first, while agents are free.
-- KEYS: meta events tasks ready queued running retrying agents pool capabilities
-- ARGV: limit
-- INCLUDE: outcomes swarm task agent dispatch
-- RETURNS: ok, nextRetryAt or 0, then taskId, attempt, priority of each queued task | swarm_not_found | swarm_state
-- EVENTS: agent.spawned, agent.terminated (an idle one made room), task.assigned
if not swarm then return { SWARM_NOT_FOUND } end
if swarm.status ~= 'executing' then return { SWARM_STATE, swarm.status } end

local retrying = redis.call('ZRANGE', K.retrying, 0, 1000, 'WITHSCORES')
local next_retry = 0
for i = 1, #retrying, 2 do
  if tonumber(retrying[i + 1]) > now then
    next_retry = retrying[i + 1]
    break
  end
  local task = load_task(retrying[i])
  task.retryAt = nil
  make_ready(task)
  save_task(task)
end

local reply = { OK, next_retry }
for _, task in ipairs((dispatch_ready(tonumber(A.limit)))) do add_queued(reply, task) end
-- Every dispatch reads the texts of all that live.
for _, id in ipairs(long_agents) do
  local agent = load_agent(id)
  local rest, capabilities = string.match(agent.rest, '^(%d+|%d+|%d*|)({.*)$')
  if capabilities then
    redis.call('HSET', K.capabilities, id, capabilities)
    agent.rest = rest
    save_agent(agent)
  end
end
return reply
