-- The numbers of redis/outcomes.ts.
local OK, ALREADY = 1, 0
local SWARM_NOT_FOUND, TASK_NOT_FOUND, SWARM_STATE, TASK_STATE = -1, -2, -3, -4
local FENCED, STALE_ATTEMPT, LIMIT, TOO_LARGE, AGENT_NOT_FOUND = -5, -6, -7, -8, -9
