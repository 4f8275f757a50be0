-- spawn-agent: one more agent, idle, as long as fewer than maxAgents live.
-- KEYS: meta events agents pool capabilities
-- ARGV: type name capabilities requestKey
-- INCLUDE: outcomes swarm agent
-- RETURNS: ok, id, text, capabilities | already, id, text, capabilities (this request key was used) | swarm_not_found | swarm_state | limit, sentence
-- EVENTS: agent.spawned
-- Those that have been terminated are kept to be shown, and so is the request key of each.
local AGENT_BYTES, MOST_AGENTS = 200, 10000
if not swarm then return { SWARM_NOT_FOUND } end
if A.requestKey ~= '' then
  local earlier = redis.call('HGET', K.meta, 'spawned:' .. A.requestKey)
  if earlier then
    return { ALREADY, earlier, agent_text(load_agent(earlier)), redis.call('HGET', K.capabilities, earlier) or '' }
  end
end
if is_terminal(swarm.status) then return { SWARM_STATE, swarm.status } end
if redis.call('HLEN', K.pool) >= swarm.maxAgents then
  return { LIMIT, string.format('The swarm has its %d agents (maxAgents). Terminate one first.', swarm.maxAgents) }
end
local bytes = AGENT_BYTES + #A.name + #A.capabilities
local full = no_room_for(bytes)
if full then return { LIMIT, full } end
local ever = tonumber(redis.call('HGET', K.meta, 'agentSeq') or '0')
if ever >= MOST_AGENTS then
  return { LIMIT, string.format('The swarm has had %d agents; no more can be spawned.', MOST_AGENTS) }
end
count_bytes(bytes)
local agent = spawn_agent(A.type, A.name ~= '' and A.name or nil)
if A.capabilities ~= '' then redis.call('HSET', K.capabilities, agent.id, A.capabilities) end
if A.requestKey ~= '' then set_meta('spawned:' .. A.requestKey, agent.id) end
return { OK, agent.id, agent_text(agent), A.capabilities }
