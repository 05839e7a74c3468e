-- Supervision: deadlines, waiting for somebody, families, and the desired state.
--
-- The hash of a supervised agent has supervised (1) and, as far as they apply: start_timeout, run_timeout (ms),
-- ancestors ("<root>/…/<parent>"), waiting (JSON) and waiting_since (ms), desired (running, paused or stopped),
-- desired_since (ms), desired_reason, stop_by (ms) and stop_kills ("<killId> …"). A damaged record whose parent has
-- ended has orphaned, the id of the parent.
--
-- The score in the index of deadlines is the time of the next check, which is never later than a deadline. The
-- deadlines themselves are computed from the record: a server of an older release moves an agent without knowledge
-- of the index.

-- Formats a duration as ISO-8601 in days, hours, minutes and seconds, as IsoDuration in Java.
local function iso_duration(ms)
  local days, hours, minutes = math.floor(ms / 86400000), math.floor(ms / 3600000) % 24, math.floor(ms / 60000) % 60
  local seconds = string.gsub(string.format('%.3f', ms % 60000 / 1000), '%.?0+$', '')
  local time = (hours > 0 and hours .. 'H' or '') .. (minutes > 0 and minutes .. 'M' or '')
    .. (ms % 60000 > 0 and seconds .. 'S' or '')
  return 'P' .. (days > 0 and days .. 'D' or '') .. (time ~= '' and 'T' .. time or '')
end

-- Returns the deadline in ms of the status of an agent, and its timeout in ms; nil if there is none.
local function status_deadline(agent)
  local timeout, since
  if agent[STATUS] == 'spawning' then
    timeout, since = agent[START_TIMEOUT], agent[SPAWNED]
  elseif agent[STATUS] == 'running' then
    timeout, since = agent[RUN_TIMEOUT], agent[STARTED] or agent[SPAWNED]
  end
  if timeout then return since + timeout, tonumber(timeout) end
end

next_check = function(agent, ms)
  local at = math.min(status_deadline(agent) or math.huge, tonumber(agent[STOP_BY] or '') or math.huge)
  -- It starts to run now at the earliest.
  if agent[STATUS] == 'spawning' and agent[RUN_TIMEOUT] then at = math.min(at, ms + agent[RUN_TIMEOUT]) end
  return at < math.huge and at or nil
end

local function schedule_check(k, id, agent, ms)
  local at = next_check(agent, ms)
  if at then redis.call('ZADD', k.deadlines, format_int(at), id) else redis.call('ZREM', k.deadlines, id) end
end

local function end_waiting(k, id, agent)
  redis.call('ZREM', k.waiting, id)
  redis.call('HDEL', k.agent .. id, 'waiting', 'waiting_since')
  agent[WAITING] = false
end

local function note_ended_parent(k, id, ms)
  if redis.call('EXISTS', k.dependents .. id) == 1 then
    redis.call('ZADD', k.ended_parents, format_int(ms), id)
  end
end

-- Counts an agent that became final for the bulk kills that requested its stop. Set by kills.lua.
local count_stopped

supervise = function(k, id, agent, ms)
  if not COMPLETES[agent[STATUS]] then
    schedule_check(k, id, agent, ms)
    return
  end
  redis.call('ZREM', k.deadlines, id)
  if agent[WAITING] then end_waiting(k, id, agent) end
  note_ended_parent(k, id, ms)
  if agent[STOP_KILLS] then count_stopped(k, agent[STOP_KILLS], ms) end
end

-- Corrects the indexes of a supervised agent: they may be lost, and a server of an older release does not know them.
local function repair_supervision(k, id, ms)
  local agent = try_read_agent(k, id)
  if not agent then return end
  if COMPLETES[agent[STATUS]] then
    if redis.call('ZSCORE', k.waiting, id) then end_waiting(k, id, agent) end
    redis.call('ZREM', k.deadlines, id)
    note_ended_parent(k, id, ms)
  elseif not redis.call('ZSCORE', k.deadlines, id) then
    schedule_check(k, id, agent, ms)
  end
end

-- Returns {'finished', …} for a final agent: the status, and the reason, the error and the kill of its last transition.
local function finished_reply(k, id, agent)
  local why = redis.call('HMGET', k.agent .. id, 'reason' .. agent[VERSION], 'kill' .. agent[VERSION])
  return {'finished', agent[STATUS], why[1], agent[ERROR], why[2]}
end

-- Waiting for somebody ---------------------------------------------------------------------------

local function set_waiting_once(k, args)
  local id, waiting = args[1], args[2]
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if COMPLETES[agent[STATUS]] then return finished_reply(k, id, agent) end
  if agent[STATUS] ~= 'running' then return {'not-running', agent[STATUS]} end
  if agent[WAITING] == waiting then return {'ok'} end
  check_fixed_keys(k)
  local ms, at = now_ms()
  local event = append_event(k, 'agent.waiting', id, agent, ms, agent[VERSION], nil, nil, nil, nil, nil, nil, nil,
    ',"waiting":' .. string.sub(waiting, 1, -2) .. ',"since":"' .. iso(ms) .. '"}')
  redis.call('HSET', k.agent .. id, 'supervised', '1', 'waiting', waiting, 'waiting_since', at)
  redis.call('ZADD', k.waiting, agent[SEQ], id)
  return {'ok', event, at, agent[TASK], agent[VERSION]}
end

-- Records that a running agent waits for somebody.
--   ARGV    id, what it waits for (JSON object), idempotency key (or ''), fingerprint of the text, retention of the
--           reply in ms, fingerprint of the content
--   reply   {'ok' or 'replayed'}, after a change with {…, event id, ms, task, version} | {'not-running', status}
--           | {'finished', status, reason or nil, error or nil, kill id or nil} | {'missing'} | {'reused'}
local function set_waiting(keys, args)
  return idempotent(keys_of(keys[1]), args[3], args[4], args[6], args[5], set_waiting_once, args)
end

local function resume_once(k, args)
  local id = args[1]
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if COMPLETES[agent[STATUS]] then return finished_reply(k, id, agent) end
  if not agent[WAITING] then return {'ok'} end
  check_fixed_keys(k)
  local ms, at = now_ms()
  local event = append_event(k, 'agent.resumed', id, agent, ms, agent[VERSION])
  end_waiting(k, id, agent)
  return {'ok', event, at, agent[TASK], agent[VERSION]}
end

-- Records that an agent waits for nobody.
--   ARGV    id, idempotency key (or ''), fingerprint of the text, retention of the reply in ms, fingerprint of the
--           content
--   reply   as that of set_waiting, without 'not-running'
local function resume(keys, args)
  return idempotent(keys_of(keys[1]), args[2], args[3], args[5], args[4], resume_once, args)
end

-- The desired state ------------------------------------------------------------------------------

-- Returns the desired state of an agent: mode or nil, since, deadline or nil, reason or nil.
local function read_desired(k, id)
  return unpack(redis.call('HMGET', k.agent .. id, 'desired', 'desired_since', 'stop_by', 'desired_reason'))
end

-- Writes a new desired state. A stop can only become earlier; the caller must check that it is not withdrawn.
--   deadline   of a stop, in ms; nil for the other modes
--   reason, kill   optional
--   returns    event id, or nil if nothing changed
local function request_mode(k, id, agent, ms, mode, deadline, reason, kill)
  local was, since, stop_by, old_reason = read_desired(k, id)
  local kills = agent[STOP_KILLS] or nil
  if kill then
    kills = kills and kills .. ' ' .. kill or kill
    redis.call('HSET', k.agent .. id, 'supervised', '1', 'stop_kills', kills)
    agent[STOP_KILLS] = kills
  end
  if was == mode and mode == 'stopped' then
    if stop_by and deadline >= tonumber(stop_by) then return nil end
    reason = reason or old_reason
  elseif was == mode and (reason or false) == old_reason then
    return nil
  end
  if was ~= mode or not (since and is_number_or_absent(since)) then since = format_int(ms) end
  local hash = {'supervised', '1', 'desired', mode, 'desired_since', since}
  if deadline then
    agent[STOP_BY] = format_int(deadline)
    add_field(hash, 'stop_by', agent[STOP_BY])
  end
  add_field(hash, 'desired_reason', reason)
  local event = append_event(k, 'agent.desired', id, agent, ms, agent[VERSION], nil, nil, nil, nil, nil, kill, nil,
    ',"desired":{"mode":"' .. mode .. '","since":"' .. iso(tonumber(since))
      .. (deadline and '","deadline":"' .. iso(deadline) or '') .. '"'
      .. (reason and ',"reason":' .. json_string(reason) or '') .. '}')
  redis.call('HSET', k.agent .. id, unpack(hash))
  if not reason then redis.call('HDEL', k.agent .. id, 'desired_reason') end
  if deadline then schedule_check(k, id, agent, ms) end
  return event
end

local function set_desired_once(k, args)
  local id, mode, grace, reason = args[1], args[2], args[3], non_empty(args[4])
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if COMPLETES[agent[STATUS]] then return finished_reply(k, id, agent) end
  if agent[STOP_BY] and mode ~= 'stopped' then return {'stop-requested'} end
  check_fixed_keys(k)
  local ms, at = now_ms()
  local event = request_mode(k, id, agent, ms, mode, mode == 'stopped' and ms + grace or nil, reason)
  return {'ok', event or false, at, agent[TASK], agent[VERSION], read_desired(k, id)}
end

-- Sets the desired state of an agent.
--   ARGV    id, mode, grace period in ms (or ''), reason (or ''), idempotency key (or ''), fingerprint of the text,
--           retention of the reply in ms, fingerprint of the content
--   reply   {'ok' or 'replayed', event id or nil, ms, task, version, mode, since, deadline or nil, reason or nil}
--           | {'finished', status, reason or nil, error or nil, kill id or nil} | {'stop-requested'} | {'missing'}
--           | {'reused'}
local function set_desired(keys, args)
  return idempotent(keys_of(keys[1]), args[5], args[6], args[8], args[7], set_desired_once, args)
end

-- Deadlines --------------------------------------------------------------------------------------

-- Returns what happens to an agent whose deadline has passed: the status to move to, the error and the reason. The
-- earliest deadline counts.
local function overdue(k, id, agent, ms)
  local deadline, timeout = status_deadline(agent)
  local stop_by = tonumber(agent[STOP_BY] or '')
  if stop_by and stop_by <= ms and not (deadline and deadline < stop_by) then
    return 'killed', nil, redis.call('HGET', k.agent .. id, 'desired_reason') or 'not stopped in time'
  end
  if deadline and deadline <= ms then
    return 'failed', (agent[STATUS] == 'spawning' and 'not started' or 'not finished')
      .. ' within ' .. iso_duration(timeout)
  end
end

-- Ends the kills that wait for agents that were lost. Set by kills.lua.
local end_stopping_kills

-- Fails the agents whose start or run deadline has passed, and kills those that did not stop in time.
--   ARGV    maximum number of agents, the statuses from which failing is legal (comma list), those from which
--           killing is legal, cleanup delay in ms
--   reply   of a sweep; result: {event id, ms, from, id, agent_text, reason or nil, kill or nil}
local function expire_deadlines(keys, args)
  local k = keys_of(keys[1])
  local ms, at = now_ms()
  check_fixed_keys(k)
  end_stopping_kills(k, ms)
  local due = redis.call('ZRANGE', k.deadlines, '-inf', at, 'BYSCORE', 'LIMIT', 0, args[1])
  local damaged = {}
  local reply = {#due, damaged}
  for _, id in ipairs(due) do
    local agent, is_damaged = try_read_agent(k, id)
    if is_damaged then
      redis.call('ZREM', k.deadlines, id)
      note_damaged(k, id, ms, damaged)
    elseif not agent then
      forget(k, id)
    elseif COMPLETES[agent[STATUS]] then
      redis.call('ZREM', k.deadlines, id)
    else
      local to, error, reason = overdue(k, id, agent, ms)
      if to and csv_contains(to == 'failed' and args[2] or args[3], agent[STATUS]) then
        local kill = to == 'killed' and string.match(agent[STOP_KILLS] or '', '%S+$') or nil
        local event, from = apply_transition(k, id, agent, to, args[4], ms, at, error, reason, 'deadline', kill)
        reply[#reply + 1] = {event, at, from, id, agent_text(agent), reason or false, kill or false}
      else
        schedule_check(k, id, agent, ms)
      end
    end
  end
  return reply
end

-- Families ---------------------------------------------------------------------------------------

-- Returns the reason for which the dependents of an ended parent are killed, and the spawn sequence below which its
-- dependents are: those of a new agent with the same id are not affected.
local function ended_parent(k, id)
  local parent = try_read_agent(k, id)
  if not parent then return 'parent ' .. id .. ' ended', '+inf' end
  if COMPLETES[parent[STATUS]] then return 'parent ' .. id .. ' ' .. parent[STATUS], '+inf' end
  return 'parent ' .. id .. ' ended', '(' .. parent[SEQ]
end

-- Kills the dependents of ended parents.
--   ARGV    maximum number of dependents, the statuses from which killing is legal (comma list), cleanup delay in ms
--   reply   of a sweep; result: {event id, ms, from, id, agent_text, reason}
local function kill_dependents(keys, args)
  local k = keys_of(keys[1])
  local ms, at = now_ms()
  local limit = tonumber(args[1])
  check_fixed_keys(k)
  local damaged = {}
  local reply = {0, damaged}
  local scanned = 0
  while scanned < limit do
    local id = redis.call('ZRANGE', k.ended_parents, 0, 0)[1]
    if not id then break end
    local reason, before = ended_parent(k, id)
    local dependents = redis.pcall('ZRANGE', k.dependents .. id, '-inf', before, 'BYSCORE', 'LIMIT', 0,
      limit - scanned, 'WITHSCORES')
    if dependents.err then dependents = {} end -- a key of another type
    for i = 1, #dependents, 2 do
      local child, is_damaged = try_read_agent(k, dependents[i])
      if is_damaged then
        note_damaged(k, dependents[i], ms, damaged)
        redis.pcall('HSET', k.agent .. dependents[i], 'orphaned', id) -- it is killed after a repair
      end
      redis.call('ZREM', k.dependents .. id, dependents[i])
      if child and child[SEQ] == format_int(tonumber(dependents[i + 1])) and csv_contains(args[2], child[STATUS]) then
        local event, from = apply_transition(k, dependents[i], child, 'killed', args[3], ms, at, nil, reason, 'parent')
        reply[#reply + 1] = {event, at, from, dependents[i], agent_text(child), reason}
      end
    end
    scanned = scanned + math.max(1, #dependents / 2)
    if #dependents == 0 or scanned < limit then redis.call('ZREM', k.ended_parents, id) end
  end
  reply[1] = scanned
  return reply
end

redis.register_function('agents_v1_set_waiting', set_waiting)
-- A stop and its consequences free memory.
register_in_full_store('agents_v1_resume', resume)
register_in_full_store('agents_v1_set_desired', set_desired)
register_in_full_store('agents_v1_expire_deadlines', expire_deadlines)
register_in_full_store('agents_v1_kill_dependents', kill_dependents)
