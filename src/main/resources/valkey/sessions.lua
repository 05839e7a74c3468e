-- Sessions, heartbeats, leases, retention, and the repair of lost and damaged records.

-- The reply of every sweep function:
--   {scanned, {ids of damaged records that were found for the first time …}, result …}
-- `scanned` equals the limit of the call if more work may be pending. An entry of due work counts only if
-- its score equals the deadline in the agent's record. Otherwise it belongs to an earlier life of the id.

-- The fields of a session in a reply. Their order is that of SessionField in Java.
local SESSION_FIELDS = {
  'spawned', 'beat', 'expires', 'cleanup', 'context', 'progress', 'progressed', 'waiting', 'waiting_since', 'desired',
  'desired_since', 'stop_by', 'desired_reason',
}
local EXPIRES_FIELD, CLEANUP_FIELD, CONTEXT_FIELD = 3, 4, 5

-- The same for a page. No record has the field that takes the place of the context, which may be large.
local SESSION_FIELDS_OF_PAGE = {}
for i = 1, #SESSION_FIELDS do SESSION_FIELDS_OF_PAGE[i] = i == CONTEXT_FIELD and '-' or SESSION_FIELDS[i] end

-- Reads fields of a session.
--   returns  as HMGET; {err = …} if the record has another type
local function read_session(k, id, fields)
  local session = redis.pcall('HMGET', k.agent .. id, unpack(fields))
  if session[CLEANUP_FIELD] then session[EXPIRES_FIELD] = false end -- the lease of a final agent has no effect
  return session
end

-- Returns an open session.
--   ARGV    id
--   reply   {'ok', each of SESSION_FIELDS or nil …} | {'no-session'} | {'missing'}
local function session(keys, args)
  local k = keys_of(keys[1])
  local id = args[1]
  local found = read_session(k, id, SESSION_FIELDS)
  if found.err then damage(id) end
  if not found[1] then
    if redis.call('EXISTS', k.agent .. id) == 1 then damage(id) end
    return {'missing'}
  end
  if not redis.call('ZSCORE', k.sessions, id) then return {'no-session'} end
  return {'ok', unpack(found)}
end

-- Replaces the context of an open session.
--   ARGV    id, context (JSON object)
--   reply   as that of session, with the new context
local function set_context(keys, args)
  local found = session(keys, args)
  if found[1] ~= 'ok' then return found end
  redis.call('HSET', keys_of(keys[1]).agent .. args[1], 'context', args[2])
  found[1 + CONTEXT_FIELD] = args[2]
  return found
end

-- Ends an open session of a final agent and returns {event id, ms, id, task, version}.
local function end_session(k, id, agent, ms, confirmed)
  local event = append_event(k, 'agent.cleanup', id, agent, ms, agent[VERSION], nil, nil, nil, nil, nil, nil,
    confirmed)
  redis.call('HDEL', k.agent .. id, 'context', 'cleanup', 'progress', 'progressed')
  redis.call('HSET', k.agent .. id, 'confirmed', confirmed and '1' or '0')
  redis.call('ZREM', k.sessions, id)
  redis.call('ZREM', k.cleanups, id)
  return {event, format_int(ms), id, agent[TASK], agent[VERSION]}
end

local function close_session_once(k, args)
  local id = args[1]
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if not redis.call('ZSCORE', k.sessions, id) then return {'no-session'} end
  if not csv_contains(args[2], agent[STATUS]) then return {'unfinished', agent[STATUS]} end
  check_fixed_keys(k)
  local ended = end_session(k, id, agent, now_ms(), true)
  table.insert(ended, 1, 'ok')
  return ended
end

-- Ends the session of a final agent. The runner confirms with it that the process has ended.
--   ARGV    id, final statuses (comma list), idempotency key (or ''), fingerprint of the text, retention of
--           the reply in ms, fingerprint of the content
--   reply   {'ok' or 'replayed', event id, ms, id, task, version} | {'unfinished', status} | {'no-session'}
--           | {'missing'} | {'reused'}
local function close_session(keys, args)
  return idempotent(keys_of(keys[1]), args[3], args[4], args[6], args[5], close_session_once, args)
end

-- Lost and damaged records -----------------------------------------------------------------------

local function set_lease_deadline(k, id, deadline, original)
  redis.call('ZADD', k.leases, format_int(deadline), id)
  redis.call('HSET', k.agent .. id, 'expires', format_int(deadline), 'extended', format_int(deadline) .. ' ' .. format_int(original))
end

-- Processes the due entries of an index.
--   index   the key of the index
--   due     {id, score, …}
--   field   the field of the record that holds the deadline of this work
--   visit   called with id and agent for each entry whose score is the deadline in the record
-- An entry without a record is removed from all indexes. An entry whose record is damaged is taken out of
-- this index, so that it does not block the entries behind it. An entry with another deadline than the
-- record is corrected.
local function each_due(k, index, due, field, ms, damaged, visit)
  local records = {}
  for i = 1, #due, 2 do
    local id = due[i]
    local agent, is_damaged = try_read_agent(k, id)
    records[id] = {agent, is_damaged, agent and redis.call('HGET', k.agent .. id, field) or ''}
  end
  for i = 1, #due, 2 do
    local id, score = due[i], tonumber(due[i + 1])
    local agent, is_damaged, deadline = records[id][1], records[id][2], tonumber(records[id][3])
    if is_damaged then
      redis.call('ZREM', index, id)
      note_damaged(k, id, ms, damaged)
    elseif not agent then
      forget(k, id)
    elseif field == 'expires' and not deadline and agent[LEASE] and not agent[COMPLETED] then
      -- The deadline alone is lost. A lease without deadline would never expire.
      set_lease_deadline(k, id, ms + agent[LEASE], ms + agent[LEASE])
    elseif deadline ~= score then
      if deadline then redis.call('ZADD', index, format_int(deadline), id) else redis.call('ZREM', index, id) end
    else
      visit(id, agent)
    end
  end
end

-- Ends the sessions whose cleanup is due, the longest due first.
--   ARGV    maximum number of sessions
--   reply   of a sweep; result: {event id, ms, id, task, version}
local function clean_up(keys, args)
  local k = keys_of(keys[1])
  local ms = now_ms()
  check_fixed_keys(k)
  local due = redis.call('ZRANGE', k.cleanups, '-inf', format_int(ms), 'BYSCORE', 'LIMIT', 0, args[1], 'WITHSCORES')
  local damaged = {}
  local reply = {#due / 2, damaged}
  each_due(k, k.cleanups, due, 'cleanup', ms, damaged, function(id, agent)
    reply[#reply + 1] = end_session(k, id, agent, ms, false)
  end)
  return reply
end

-- Purges the agents whose retention has passed, with every index entry. An open session ends first.
--   ARGV    retention in ms, maximum number of agents
--   reply   of a sweep; result: {event id, ms, id, task, version} of each session that ended
local function purge(keys, args)
  local k = keys_of(keys[1])
  local ms = now_ms()
  check_fixed_keys(k)
  local due = redis.call('ZRANGE', k.finals, '-inf', format_int(ms - args[1]), 'BYSCORE', 'LIMIT', 0, args[2],
    'WITHSCORES')
  local damaged = {}
  local reply = {#due / 2, damaged}
  each_due(k, k.finals, due, 'completed', ms, damaged, function(id, agent)
    if redis.call('ZSCORE', k.sessions, id) then
      reply[#reply + 1] = end_session(k, id, agent, ms, false)
    end
    remove(k, id, agent[TASK], agent[LABELS], agent[ANCESTORS])
  end)
  return reply
end

-- Restores the entries of due work that were removed while the record was damaged.
local function restore_due_work(k, id, agent)
  local fields = redis.call('HMGET', k.agent .. id, 'expires', 'cleanup', 'completed', 'orphaned')
  local completed = tonumber(fields[3] or '')
  for index, deadline in pairs({
    [k.leases] = not completed and fields[1], [k.cleanups] = fields[2], [k.finals] = fields[3],
  }) do
    if tonumber(deadline or '') then redis.call('ZADD', index, deadline, id) end
  end
  if fields[4] then
    redis.pcall('ZADD', k.dependents .. fields[4], agent[SEQ], id)
    redis.call('ZADD', k.ended_parents, format_int(now_ms()), fields[4])
    redis.call('HDEL', k.agent .. id, 'orphaned')
  end
end

-- Removes an agent from the damaged ones if its record was repaired by hand, or removed.
local function note_repaired(k, id, agent)
  if redis.call('ZREM', k.damaged, id) == 1 and agent then restore_due_work(k, id, agent) end
end

-- Reads only the fields that decide whether a record is readable, because metadata may be large.
--   returns  as try_read_agent
local function check_record(k, id)
  local found = redis.pcall('HMGET', k.agent .. id, 'status', 'version', 'task', 'spawned', 'started',
    'completed', 'seq', 'lease', 'supervised')
  if found.err then return nil, true end
  local agent = {
    [STATUS] = found[1], [VERSION] = found[2], [TASK] = found[3], [SPAWNED] = found[4], [STARTED] = found[5],
    [COMPLETED] = found[6], [SEQ] = found[7], [LEASE] = found[8], [SUPERVISED] = found[9],
  }
  if is_readable(agent) and (not agent[SUPERVISED] or read_supervision(k, id, agent)) then return agent, false end
  return nil, redis.call('EXISTS', k.agent .. id) == 1
end

-- Checks a bounded part of all agents, oldest first, and continues there at the next call. A record without
-- due work can be lost or damaged too.
--   ARGV    maximum number of agents
--   reply   of a sweep; no results
local function check_records(keys, args)
  local k = keys_of(keys[1])
  local ms = now_ms()
  check_fixed_keys(k)
  local after = redis.call('GET', k.checked) or '0'
  local entries = redis.call('ZRANGE', k.agents, '(' .. after, '+inf', 'BYSCORE', 'LIMIT', 0, args[1],
    'WITHSCORES')
  local damaged = {}
  local any_known = redis.call('ZCARD', k.damaged) > 0
  for i = 1, #entries, 2 do
    local id = entries[i]
    local agent, is_damaged = check_record(k, id)
    if is_damaged then
      note_damaged(k, id, ms, damaged)
    elseif not agent then
      forget(k, id)
    else
      if any_known then note_repaired(k, id, agent) end
      if agent[SUPERVISED] then repair_supervision(k, id, ms) end
    end
  end
  local last = #entries / 2 < tonumber(args[1]) and '0' or entries[#entries]
  if last == '0' then redis.call('DEL', k.checked) else redis.call('SET', k.checked, last) end
  for _, id in ipairs(redis.call('ZRANGE', k.damaged, 0, 9)) do
    local agent, is_damaged = check_record(k, id)
    if not is_damaged then note_repaired(k, id, agent) end
  end
  return {#entries / 2, damaged}
end

-- Removes an agent whose record cannot be read, with every index entry that is known.
--   ARGV    id
--   reply   {'ok'} | {'readable'} | {'missing'}
local function remove_damaged(keys, args)
  local k = keys_of(keys[1])
  local id = args[1]
  local agent, is_damaged = try_read_agent(k, id)
  if agent then return {'readable'} end
  if not is_damaged then return {'missing'} end
  check_fixed_keys(k)
  local found = redis.pcall('HMGET', k.agent .. id, 'task', 'labels', 'ancestors')
  remove(k, id, found[1], found[2] or nil, found[3])
  return {'ok'}
end

-- Returns the agents whose record is known to be damaged.
--   ARGV    maximum number of ids
--   reply   {number of all, id …, the first detected first}
local function damaged_records(keys, args)
  local k = keys_of(keys[1])
  return {redis.call('ZCARD', k.damaged), unpack(redis.call('ZRANGE', k.damaged, 0, args[1] - 1))}
end

-- Heartbeats and leases --------------------------------------------------------------------------

-- Stores the progress of an agent, with the time if it differs from the stored one.
local function store_progress(k, id, progress, ms)
  if redis.call('HGET', k.agent .. id, 'progress') ~= progress then
    redis.call('HSET', k.agent .. id, 'progress', progress, 'progressed', format_int(ms))
  end
end

-- Adds the desired state to the reply of a heartbeat, if there is one.
local function with_desired(k, id, agent, reply)
  if agent[SUPERVISED] then
    local mode, since, deadline, reason = read_desired(k, id)
    if mode then reply[4], reply[5], reply[6], reply[7] = mode, since, deadline, reason end
  end
  return reply
end

-- Records a heartbeat and renews the agent's lease.
--   ARGV    id, new length of the lease in ms (or ''), progress (JSON or '')
--   reply   {'ok', status, deadline of the lease in ms or nil}, with a desired state with {…, mode, since, deadline
--           or nil, reason or nil} | {'finished', status, reason or nil, error or nil, kill id or nil} | {'missing'}
local function heartbeat(keys, args)
  local k = keys_of(keys[1])
  local id = args[1]
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if COMPLETES[agent[STATUS]] then return finished_reply(k, id, agent) end
  check_fixed_keys(k)

  local ms = now_ms()
  local progress = non_empty(args[3])
  if progress then store_progress(k, id, progress, ms) end
  local lease = non_empty(args[2]) or agent[LEASE]
  if not lease then
    redis.call('HSET', k.agent .. id, 'beat', format_int(ms))
    return with_desired(k, id, agent, {'ok', agent[STATUS], false})
  end
  local expires = format_int(ms + lease)
  redis.call('HSET', k.agent .. id, 'beat', format_int(ms), 'lease', lease, 'expires', expires)
  redis.call('ZADD', k.leases, expires, id)
  return with_desired(k, id, agent, {'ok', agent[STATUS], expires})
end

-- A clock that goes back by less than this is not corrected: it only makes deadlines late by as much.
local CLOCK_TOLERANCE_MS = 1000

-- Maximum number of outages that are stored. A lease that is longer than all of them together forgets
-- the oldest ones.
local MAX_OUTAGES = 32

-- Returns the stored outages, oldest first: {start, end} in ms. Times in the future are ignored, because the
-- clock went back.
local function read_outages(k, ms)
  local outages = {}
  for from, to in string.gmatch(redis.call('GET', k.outages) or '', '(%d+)%-(%d+)') do
    from, to = tonumber(from), math.min(tonumber(to), ms)
    if from < to then outages[#outages + 1] = {from, to} end
  end
  return outages
end

-- Stores the outages. Without leases no outage is needed: a lease counts only outages after its last renewal.
local function write_outages(k, outages)
  if redis.call('ZCARD', k.leases) == 0 then
    redis.call('DEL', k.outages)
    return
  end
  local text = {}
  for i = math.max(1, #outages - MAX_OUTAGES + 1), #outages do
    text[#text + 1] = format_int(outages[i][1]) .. '-' .. format_int(outages[i][2])
  end
  redis.call('SET', k.outages, table.concat(text, ' '))
end

-- Returns the time that outages add to a lease that was renewed at `from`: the time in which no client could send
-- a heartbeat. Several short outages add at most the length of the lease, so that repeated outages do not
-- keep an agent without process active. One long outage adds its whole length.
local function outage_time(outages, from, ms, lease)
  local total, longest = 0, 0
  for _, outage in ipairs(outages) do
    local length = math.min(outage[2], ms) - math.max(outage[1], from)
    if length > 0 then
      total = total + length
      longest = math.max(longest, length)
    end
  end
  return math.min(total, math.max(lease, longest))
end

-- Returns the deadline of a lease with the time that outages add, and the deadline without it.
--   fields  expires, and extended: "<expires> <deadline without outages>" if an outage has moved it
local function lease_deadline(lease, fields, outages, ms)
  local original = tonumber(fields[1])
  local extended, before = string.match(fields[2] or '', '^(%d+) (%d+)$')
  if extended and tonumber(extended) == original then original = tonumber(before) end
  local deadline = original + outage_time(outages, original - lease, ms, lease)
  return math.min(deadline, ms + lease), original
end

-- After the clock went back, no lease may end later than its whole length from now. Checks a part of all
-- leases and continues there at the next call.
--   returns whether leases remain to be checked
local function shorten_leases(k, ms, limit)
  local cursor = redis.call('GET', k.shortening)
  if not cursor then return false end
  local found = redis.call('ZSCAN', k.leases, cursor, 'COUNT', limit)
  for i = 1, #found[2], 2 do
    local id, deadline = found[2][i], tonumber(found[2][i + 1])
    local agent = deadline > ms and try_read_agent(k, id)
    if agent and agent[LEASE] and deadline > ms + agent[LEASE] then
      set_lease_deadline(k, id, ms + agent[LEASE], ms + agent[LEASE])
    end
  end
  if found[1] == '0' then
    redis.call('DEL', k.shortening)
    return false
  end
  redis.call('SET', k.shortening, found[1])
  return true
end

-- Detects an outage, or a clock that went back, since the last sweep.
--   returns the outages
local function observe_clock(k, ms, threshold)
  local swept, outages = tonumber(redis.call('GET', k.swept) or ''), read_outages(k, ms)
  local grace = tonumber(redis.call('GET', k.grace) or '')
  local went_back = math.max(swept or 0, grace or 0) > ms + CLOCK_TOLERANCE_MS
  redis.call('GET', k.shortening)
  -- The first write.
  redis.call('SET', k.swept, format_int(ms))
  if went_back then
    redis.call('SET', k.grace, 0)
    redis.call('SET', k.shortening, '0')
    write_outages(k, outages)
  elseif not swept or ms - swept > threshold then
    outages[#outages + 1] = {swept or 0, ms}
    write_outages(k, outages)
    -- for servers of the previous release, which do not know the list
    redis.call('SET', k.grace, format_int(ms))
  elseif #outages > 0 and redis.call('ZCARD', k.leases) == 0 then
    redis.call('DEL', k.outages)
  end
  return outages
end

-- Fails the agents whose lease has expired. A lease counts only the time in which heartbeats were possible:
-- an outage moves its deadline. No sweep for longer than the threshold means that there was an outage.
--   ARGV    maximum number of leases, threshold of an outage in ms, the statuses from which failing is legal
--           (comma list), cleanup delay in ms
--   reply   of a sweep; result: {event id, ms, from, id, agent_text}
local function expire(keys, args)
  local k = keys_of(keys[1])
  local ms, limit = now_ms(), tonumber(args[1])
  check_fixed_keys(k)
  local outages = observe_clock(k, ms, tonumber(args[2]))
  local more = shorten_leases(k, ms, limit)
  local due = redis.call('ZRANGE', k.leases, '-inf', format_int(ms), 'BYSCORE', 'LIMIT', 0, limit, 'WITHSCORES')
  local damaged = {}
  local reply = {more and limit or #due / 2, damaged}
  each_due(k, k.leases, due, 'expires', ms, damaged, function(id, agent)
    local lease = tonumber(agent[LEASE] or '')
    if not lease or not csv_contains(args[3], agent[STATUS]) then
      redis.call('ZREM', k.leases, id)
      return
    end
    local fields = redis.call('HMGET', k.agent .. id, 'expires', 'extended', 'beat')
    local deadline, original = lease_deadline(lease, fields, outages, ms)
    if deadline > ms then
      set_lease_deadline(k, id, deadline, original)
      return
    end
    local last_heartbeat = tonumber(fields[3] or '')
    local at = format_int(ms)
    local event, from = apply_transition(k, id, agent, 'failed', args[4], ms, at, 'lease expired, '
      .. (last_heartbeat and 'last heartbeat ' .. iso(last_heartbeat) or 'no heartbeat'))
    reply[#reply + 1] = {event, at, from, id, agent_text(agent)}
  end)
  return reply
end

-- These functions run in a full store too. Otherwise a full store could not become empty again, and leases
-- would expire because heartbeats were rejected.
register_in_full_store('agents_v1_close_session', close_session)
register_in_full_store('agents_v1_clean_up', clean_up)
register_in_full_store('agents_v1_heartbeat', heartbeat)
register_in_full_store('agents_v1_expire', expire)
register_in_full_store('agents_v1_purge', purge)
register_in_full_store('agents_v1_check_records', check_records)
register_in_full_store('agents_v1_remove_damaged', remove_damaged)
redis.register_function('agents_v1_set_context', set_context)
register_read_only('agents_v1_session', session)
register_read_only('agents_v1_damaged_records', damaged_records)
