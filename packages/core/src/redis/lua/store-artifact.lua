-- store-artifact: keeps one file's content under its digest, for a task that is still its writer's: until the task has
-- ended and its result does not name it, or, with `keep`, for as long as the swarm.
-- KEYS: meta events tasks blobs holds
-- ARGV: taskId token digest content limitBytes announce keep
-- INCLUDE: outcomes swarm task holds
-- RETURNS: ok | already (the content is known) | swarm_not_found | fenced | too_large, sentence
-- EVENTS: artifact.stored when `announce` (JSON: path, size, digest) is given, and not what the task told last
if not swarm then return { SWARM_NOT_FOUND } end
local task = load_task(A.taskId)
if not task or task.status ~= 'running' or task.token ~= A.token then return { FENCED } end
local known = redis.call('HEXISTS', K.blobs, A.digest) == 1
if not known then
  local used = tonumber(redis.call('HGET', K.meta, 'blobBytes') or '0')
  if used + #A.content > tonumber(A.limitBytes) then
    return { TOO_LARGE, 'The artifacts of this swarm would exceed ' .. A.limitBytes .. ' bytes.' }
  end
  local full = no_room_for(#A.content)
  if full then return { TOO_LARGE, full } end
  redis.call('HSET', K.blobs, A.digest, A.content)
  redis.call('HINCRBY', K.meta, 'blobBytes', #A.content)
end
if A.keep == '1' then hold(A.digest) else hold_for_task(task.id, A.digest) end
if A.announce ~= '' then
  -- A store sent again after a lost reply is not told again.
  local told = redis.sha1hex(task.attempt .. ' ' .. A.announce)
  if task.told ~= told then
    task.told = told
    save_task(task)
    append_task_event('artifact.stored', task, A.announce)
  end
end
return { known and ALREADY or OK }
