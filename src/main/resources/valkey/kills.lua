-- Bulk kills and admission: the operations on many agents.
--
-- The hash of a kill: state (running or done), dry (1 or 0); task, status, labels (JSON), reason, if the
-- request has them; started, finished (ms); matched, killed, missed (counts); at: the id of the last event
-- when the kill started; before: the spawn sequence below which agents are not scanned yet. A kill scans the
-- active agents from the newest to the oldest. The transition of an agent to a final status notifies the
-- kills that have not reached the agent (notify_kills).

-- Returns whether an event id is greater than another one.
local function is_after(id, other)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  ms, other_ms = tonumber(ms), tonumber(other_ms)
  return ms > other_ms or (ms == other_ms and tonumber(seq) > tonumber(other_seq))
end

-- Returns the id of the event of one transition of an agent and its target status; nil if the transition
-- is damaged. A transition never changes, so it is read once in a call.
local function read_transition(k, id, agent, version)
  agent.transitions = agent.transitions or {}
  local read = agent.transitions[version]
  if not read then
    local text = redis.call('HGET', k.agent .. id, 't' .. version)
    read = {string.match(text or '', '^(%d+%-%d+) %S+ %S+ (%S+)$')}
    agent.transitions[version] = read
  end
  return read[1], read[2]
end

-- Returns the status of an agent after an event of the feed; nil if the agent was not registered.
local function status_at(k, id, agent, at)
  for version = tonumber(agent[VERSION]), 1, -1 do
    local event, to = read_transition(k, id, agent, version)
    if event and not is_after(event, at) then return to end
  end
  return nil
end

-- Returns the labels of an agent as a table; empty if they are damaged. They are decoded once in a call.
local function labels_of(agent)
  if not agent.labels then
    local ok, labels = pcall(cjson.decode, agent[LABELS] or '{}')
    agent.labels = ok and type(labels) == 'table' and labels or {}
  end
  return agent.labels
end

local function has_labels(agent, wanted)
  for key, value in pairs(wanted) do
    if labels_of(agent)[key] ~= value then return false end
  end
  return true
end

-- Reads a kill; nil if there is none, or if its record cannot be read.
local function read_kill(k, kill)
  local found = redis.pcall('HMGET', k.kill .. kill, 'state', 'dry', 'task', 'status', 'labels', 'reason',
    'at', 'before')
  if found.err or not found[1] or not tonumber(found[8] or '') then return nil end
  if not string.find(found[7] or '', '^%d+%-%d+$') then return nil end
  local ok, labels = pcall(cjson.decode, found[5] or '{}')
  if not ok or type(labels) ~= 'table' then return nil end
  return {
    id = kill, running = found[1] == 'running', dry = found[2] == '1', task = found[3],
    status = found[4], labels = labels, reason = found[6] or nil,
    at = found[7], before = tonumber(found[8]),
  }
end

-- Returns whether the agent has the task and the labels of the kill. They never change, and no call is needed.
local function has_task_and_labels(kill, agent)
  return (not kill.task or kill.task == agent[TASK]) and has_labels(agent, kill.labels)
end

-- Returns whether the agent had a matching status when the kill started.
local function had_status(k, kill, id, agent)
  local status = status_at(k, id, agent, kill.at)
  if kill.status then return status == kill.status end
  return status == 'spawning' or status == 'running'
end

-- Returns whether the agent matched when the kill started.
local function matched_at_start(k, kill, id, agent)
  if not has_task_and_labels(kill, agent) then return false end
  return had_status(k, kill, id, agent)
end

-- Returns the running kills. They are listed once in a call, however many agents become final in it. The
-- criteria of a kill never change, so they are read once and kept for later calls. A kill is identified by
-- its id and its start. `before` changes and is read in each call (read_before).
local function read_running_kills(k)
  if k.running_kills then return k.running_kills end
  local running, criteria = {}, {}
  local listed = redis.call('EXISTS', k.kills) == 1 and redis.call('ZRANGE', k.kills, 0, -1, 'WITHSCORES') or {}
  for i = 1, #listed, 2 do
    local key = listed[i] .. ' ' .. listed[i + 1]
    local kill = k.kill_criteria and k.kill_criteria[key] or read_kill(k, listed[i])
    if kill then
      kill.before = nil
      criteria[key] = kill
      running[#running + 1] = kill
    end
  end
  k.kill_criteria, k.running_kills = criteria, running
  return running
end

-- Returns the spawn sequence below which a running kill has not scanned yet; 0 if the record is lost. It is
-- read once in a call.
local function read_before(k, kill)
  if not kill.before then
    local before = redis.pcall('HGET', k.kill .. kill.id, 'before')
    kill.before = type(before) == 'string' and tonumber(before) or 0
  end
  return kill.before
end

-- Returns an event id that later events are after and earlier events are not. An empty feed (trimmed or
-- deleted) gets an entry for that, which is removed in the same step. The last id of a deleted feed is
-- lost: its events of this millisecond may have any number, so the entry is in the next millisecond.
local function feed_position(k)
  local last = redis.call('XREVRANGE', k.feed, '+', '-', 'COUNT', 1)[1]
  if last then return last[1] end
  local is_deleted = redis.call('EXISTS', k.feed) == 0
  local marker = redis.call('XADD', k.feed, is_deleted and format_int(now_ms() + 1) .. '-0' or '*', 'event', '{}')
  redis.call('XTRIM', k.feed, 'MAXLEN', 0)
  return marker
end

-- Returns a spawn sequence above that of every registered agent, even if the counter is lost.
local function next_sequence(k)
  local newest = redis.call('ZRANGE', k.agents, '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1,
    'WITHSCORES')
  return math.max(tonumber(redis.call('GET', k.seq) or 0), tonumber(newest[2] or 0)) + 1
end

notify_kills = function(k, id, agent, by)
  local sequence, notified = tonumber(agent[SEQ]), {}
  for _, kill in ipairs(read_running_kills(k)) do
    if kill.id ~= by and has_task_and_labels(kill, agent) and sequence < read_before(k, kill)
      and had_status(k, kill, id, agent) then
      notified[#notified + 1] = kill
    end
  end
  for _, kill in ipairs(notified) do
    redis.call('HINCRBY', k.kill .. kill.id, 'matched', 1)
    if not kill.dry then redis.call('HINCRBY', k.kill .. kill.id, 'missed', 1) end
  end
end

local function start_kill(k, args)
  local kill = args[1]
  if redis.call('ZCARD', k.kills) >= tonumber(args[7]) then return {'busy'} end
  local before = format_int(next_sequence(k))
  local at = feed_position(k)
  local _, ms = now_ms()
  local hash = {
    'state', 'running', 'dry', args[6] == '1' and '1' or '0', 'started', ms, 'matched', '0',
    'killed', '0', 'missed', '0', 'at', at, 'before', before,
  }
  add_field(hash, 'task', non_empty(args[2]))
  add_field(hash, 'status', non_empty(args[3]))
  add_field(hash, 'labels', non_empty(args[4]))
  add_field(hash, 'reason', non_empty(args[5]))
  redis.call('HSET', k.kill .. kill, unpack(hash))
  redis.call('ZADD', k.kills, ms, kill)
  return {'ok', kill}
end

-- Starts a kill.
--   ARGV    kill id, task (or ''), status (or ''), labels (JSON object or ''), reason (or ''),
--           '1' for a dry run, maximum number of running kills, idempotency key (or ''),
--           fingerprint of the text, retention of the reply in ms, fingerprint of the content
--   reply   {'ok' or 'replayed', kill id} | {'busy'} | {'reused'}
local function begin_kill(keys, args)
  return idempotent(keys_of(keys[1]), args[8], args[9], args[11], args[10], start_kill, args)
end

-- Performs one step of a kill.
--   ARGV    kill id, maximum number of agents to scan, the statuses from which killing is legal (comma list),
--           cleanup delay in ms, retention of the record after the end of the kill in ms
--   reply   {'running' or 'done', {event id, ms, from, id, agent_text, reason or nil} of each killed
--           agent …}
local function step_kill(keys, args)
  local k = keys_of(keys[1])
  local kill, limit = read_kill(k, args[1]), tonumber(args[2])
  if not kill or not kill.running then
    redis.call('ZREM', k.kills, args[1])
    return {'done'}
  end
  local filters = {{k.status .. 'spawning', k.status .. 'running'}}
  if kill.task then filters[2] = {k.task .. kill.task} end
  for key, value in pairs(kill.labels) do
    filters[#filters + 1] = {k.label .. key .. ':' .. value}
  end
  local entries = next_entries(smallest(filters), format_int(kill.before), limit)
  local agents = {}
  for _, entry in ipairs(entries) do
    local agent = try_read_agent(k, entry[1])
    if agent and tonumber(agent[SEQ]) == entry[2] and csv_contains(args[3], agent[STATUS]) and matched_at_start(k, kill, entry[1], agent) then
      agents[entry[1]] = agent
    end
  end
  check_fixed_keys(k)

  local ms, at = now_ms()
  local reply, matched, killed = {'running'}, 0, 0
  for _, entry in ipairs(entries) do
    local id, agent = entry[1], agents[entry[1]]
    if agent then matched = matched + 1 end
    if agent and not kill.dry then
      local event, from = apply_transition(k, id, agent, 'killed', args[4], ms, at, nil, kill.reason, nil, kill.id)
      killed = killed + 1
      reply[#reply + 1] = {event, at, from, id, agent_text(agent), kill.reason or false}
    end
  end
  local name = k.kill .. kill.id
  redis.call('HINCRBY', name, 'matched', matched)
  redis.call('HINCRBY', name, 'killed', killed)
  if #entries < limit then
    redis.call('HSET', name, 'state', 'done', 'finished', format_int(ms))
    redis.call('ZREM', k.kills, kill.id)
    redis.call('PEXPIRE', name, args[5])
    reply[1] = 'done'
  else
    redis.call('HSET', name, 'before', format_int(entries[#entries][2]))
  end
  return reply
end

-- Returns the progress of a kill.
--   ARGV    kill id
--   reply   {state, dry, matched, killed, missed, started, finished or nil} | {} if there is none
local function find_kill(keys, args)
  local found = redis.call('HMGET', keys_of(keys[1]).kill .. args[1],
    'state', 'dry', 'matched', 'killed', 'missed', 'started', 'finished')
  return found[1] and found or {}
end

-- Returns the ids of the running kills, oldest first.
--   reply   the ids
local function running_kills(keys)
  return redis.call('ZRANGE', keys_of(keys[1]).kills, 0, -1)
end

-- Returns the admission.
--   ARGV    default limit of active agents
--   reply   {1 or 0, limit}
local function admission(keys, args)
  local open, max = read_admission(keys_of(keys[1]), args[1])
  return {open and 1 or 0, max}
end

-- Sets the admission for all servers.
--   ARGV    '1' or '0', limit of active agents (0: none)
--   reply   {}
local function admit(keys, args)
  redis.call('HSET', keys_of(keys[1]).admission, 'open', args[1], 'max', args[2])
  return {}
end

register_in_full_store('agents_v1_begin_kill', begin_kill)
register_in_full_store('agents_v1_step_kill', step_kill)
redis.register_function('agents_v1_admit', admit)
register_read_only('agents_v1_find_kill', find_kill)
register_read_only('agents_v1_running_kills', running_kills)
register_read_only('agents_v1_admission', admission)
