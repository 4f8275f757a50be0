-- Which file contents are needed, and by whom; one that nobody needs any more is freed. K.holds: digest -> number of
-- holders; 't:<taskId>' -> digests that the task's checkpoints need, each followed by a comma. Needs K.meta and K.blobs.
local function hold(digest)
  redis.call('HINCRBY', K.holds, digest, 1)
end

-- Until the task has ended. A task holds the same content once.
local function hold_for_task(task_id, digest)
  local held = redis.call('HGET', K.holds, 't:' .. task_id) or ''
  if string.find(held, digest, 1, true) then return end
  redis.call('HSET', K.holds, 't:' .. task_id, held .. digest .. ',')
  hold(digest)
end

local function let_go(digest)
  if redis.call('HINCRBY', K.holds, digest, -1) > 0 then return end
  redis.call('HDEL', K.holds, digest)
  local size = redis.call('HSTRLEN', K.blobs, digest)
  if size == 0 then return end
  redis.call('HDEL', K.blobs, digest)
  redis.call('HINCRBY', K.meta, 'blobBytes', -size)
end

-- Of tasks that have ended.
local function let_go_of_checkpoints(task_ids)
  local fields, gone = {}, {}
  for i, id in ipairs(task_ids) do fields[i] = 't:' .. id end
  for i, held in ipairs(redis.call('HMGET', K.holds, unpack(fields))) do
    if held then
      gone[#gone + 1] = fields[i]
      for digest in string.gmatch(held, '[^,]+') do let_go(digest) end
    end
  end
  call_with('HDEL', K.holds, gone)
end
