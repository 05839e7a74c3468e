-- Sessions and leases: the live working record of an agent's process, and the sign that it lives.

-- Returns an open session.
--   ARGV    id
--   answer  {'ok', spawned, beat or nil, expires or nil, cleanup or nil, context or nil} | {'no-session'}
--           | {'missing'}
local function session(keys, args)
  local n = names(keys[1])
  local id = args[1]
  if redis.call('EXISTS', n.agent .. id) == 0 then return {'missing'} end
  if not redis.call('ZSCORE', n.sessions, id) then return {'no-session'} end
  local found = redis.call('HMGET', n.agent .. id, 'spawned', 'beat', 'expires', 'cleanup', 'context')
  if found[4] then found[3] = false end -- a final agent's lease means nothing
  return {'ok', unpack(found)}
end

-- Replaces the context of an open session.
--   ARGV    id, context (JSON object)
--   answer  as that of session, with the new context
local function set_context(keys, args)
  local found = session(keys, args)
  if found[1] ~= 'ok' then return found end
  redis.call('HSET', names(keys[1]).agent .. args[1], 'context', args[2])
  found[6] = args[2]
  return found
end

-- Ends an open session of a final agent: {event id, ms, id, task, version}.
local function end_session(n, id, agent, ms, confirmed)
  local event = append(n, {
    type = 'agent.cleanup', agent = id, task = agent[TASK], ms = ms, version = agent[VERSION],
    confirmed = confirmed,
  })
  redis.call('HDEL', n.agent .. id, 'context', 'cleanup')
  redis.call('HSET', n.agent .. id, 'confirmed', confirmed and '1' or '0')
  redis.call('ZREM', n.sessions, id)
  redis.call('ZREM', n.cleanups, id)
  return {event, int(ms), id, agent[TASK], agent[VERSION]}
end

local function read_session_indexes(n)
  redis.call('ZCARD', n.sessions)
  redis.call('ZCARD', n.cleanups)
  redis.call('XLEN', n.feed)
end

-- Ends a session on the runner's word.
--   ARGV    id, final statuses (comma list)
--   answer  {'ok', event id, ms, id, task, version} | {'unfinished', status} | {'no-session'}
--           | {'missing'}
local function close_session(keys, args)
  local n = names(keys[1])
  local id = args[1]
  local agent = read_agent(n, id)
  if not agent then return {'missing'} end
  if not redis.call('ZSCORE', n.sessions, id) then return {'no-session'} end
  if not holds(args[2], agent[STATUS]) then return {'unfinished', agent[STATUS]} end
  read_session_indexes(n)
  local closed = end_session(n, id, agent, now_ms(), true)
  table.insert(closed, 1, 'ok')
  return closed
end

-- Ends the sessions whose cleanup is due, the longest due first.
--   ARGV    how many at most
--   answer  {event id, ms, id, task, version} of each
local function clean_up(keys, args)
  local n = names(keys[1])
  local ms = now_ms()
  local due = redis.call('ZRANGE', n.cleanups, '-inf', int(ms), 'BYSCORE', 'LIMIT', 0, args[1])
  read_session_indexes(n)
  local agents = {}
  for _, id in ipairs(due) do agents[id] = read_agent(n, id) end
  local ended = {}
  for _, id in ipairs(due) do
    if agents[id] then
      ended[#ended + 1] = end_session(n, id, agents[id], ms, false)
    else -- the agent is lost: its session goes too, or it would be due for ever
      redis.call('ZREM', n.sessions, id)
      redis.call('ZREM', n.cleanups, id)
    end
  end
  return ended
end

-- Takes a runner's sign of life and renews the agent's lease.
--   ARGV    id, the lease's new length in ms (or ''), final statuses (comma list)
--   answer  {'ok', status, when the lease runs out in ms or nil} | {'missing'}
--           | {'finished', status, reason or nil, error or nil, kill id or nil}
local function heartbeat(keys, args)
  local n = names(keys[1])
  local id = args[1]
  local agent = read_agent(n, id)
  if not agent then return {'missing'} end
  if holds(args[3], agent[STATUS]) then
    local version = agent[VERSION]
    local why = redis.call('HMGET', n.agent .. id, 'reason' .. version, 'kill' .. version)
    return {'finished', agent[STATUS], why[1], agent[ERROR], why[2]}
  end
  redis.call('ZCARD', n.leases)

  local ms = now_ms()
  local lease = given(args[2]) or agent[LEASE]
  if not lease then
    redis.call('HSET', n.agent .. id, 'beat', int(ms))
    return {'ok', agent[STATUS], false}
  end
  local expires = int(ms + lease)
  redis.call('HSET', n.agent .. id, 'beat', int(ms), 'lease', lease, 'expires', expires)
  redis.call('ZADD', n.leases, expires, id)
  return {'ok', agent[STATUS], expires}
end

local function last_beat(n, id)
  local beat = redis.call('HGET', n.agent .. id, 'beat')
  return beat and 'last heartbeat ' .. iso(tonumber(beat)) or 'no heartbeat'
end

-- Fails the agents whose lease has run out. Where nobody has looked for a while there was an outage in
-- which nobody could renew either: a lease that ran out before its full length has passed since is
-- renewed once instead.
--   ARGV    how many at most, how long nobody may have looked in ms, the sources from which failing is
--           legal (comma list), cleanup delay in ms
--   answer  {how many were looked at, {event id, ms, from, id, agent fields} of each that failed …}
local function expire(keys, args)
  local n = names(keys[1])
  local ms = now_ms()
  local swept, grace = redis.call('GET', n.swept), tonumber(redis.call('GET', n.grace) or 0)
  local outage = not swept or ms - tonumber(swept) > tonumber(args[2])
  if outage then grace = ms end
  local due = redis.call('ZRANGE', n.leases, '-inf', int(ms), 'BYSCORE', 'LIMIT', 0, args[1])
  local agents, beats = {}, {}
  for _, id in ipairs(due) do agents[id], beats[id] = read_agent(n, id), last_beat(n, id) end
  for _, from in ipairs({'spawning', 'running'}) do check_indexes(n, from, 'failed') end

  if outage then redis.call('SET', n.grace, int(ms)) end
  local answer = {#due}
  for _, id in ipairs(due) do
    local agent = agents[id]
    local renewed = agent and agent[LEASE] and grace + agent[LEASE] or 0
    if not agent or not holds(args[3], agent[STATUS]) then
      redis.call('ZREM', n.leases, id)
    elseif renewed > ms then
      redis.call('ZADD', n.leases, int(renewed), id)
      redis.call('HSET', n.agent .. id, 'expires', int(renewed))
    else
      local failed = transition(n, id, agent, {
        to = 'failed', final = true, delay = tonumber(args[4]), ms = ms,
        error = 'lease expired, ' .. beats[id],
      })
      answer[#answer + 1] = {failed[1], failed[2], failed[3], id, agent}
    end
  end
  redis.call('SET', n.swept, int(ms))
  return answer
end

-- Purges the agents that have been final for longer than their retention, with every index entry; a
-- session that is still open ends first.
--   ARGV    retention in ms, how many at most
--   answer  {how many were looked at, {event id, ms, id, task, version} of each session that ended …}
local function purge(keys, args)
  local n = names(keys[1])
  local ms = now_ms()
  local due = redis.call('ZRANGE', n.finals, '-inf', int(ms - args[1]), 'BYSCORE', 'LIMIT', 0, args[2])
  local agents, indexes_of = {}, {}
  read_session_indexes(n)
  for _, id in ipairs(due) do
    local agent = read_agent(n, id)
    local indexes = {n.agents, n.finals}
    if agent then
      indexes[#indexes + 1] = n.status .. agent[STATUS]
      indexes[#indexes + 1] = n.task .. agent[TASK]
      for key, value in pairs(agent[LABELS] and cjson.decode(agent[LABELS]) or {}) do
        indexes[#indexes + 1] = n.label .. key .. ':' .. value
      end
    end
    for _, index in ipairs(indexes) do redis.call('ZCARD', index) end
    agents[id], indexes_of[id] = agent, indexes
  end

  local answer = {#due}
  for _, id in ipairs(due) do
    if agents[id] and redis.call('ZSCORE', n.sessions, id) then
      answer[#answer + 1] = end_session(n, id, agents[id], ms, false)
    end
    for _, index in ipairs(indexes_of[id]) do redis.call('ZREM', index, id) end
    redis.call('DEL', n.agent .. id)
  end
  return answer
end

redis.register_function('agents_v1_close_session', close_session)
redis.register_function('agents_v1_clean_up', clean_up)
redis.register_function('agents_v1_heartbeat', heartbeat)
redis.register_function('agents_v1_expire', expire)
redis.register_function('agents_v1_purge', purge)
redis.register_function('agents_v1_set_context', set_context)
register_reading('agents_v1_session', session)
