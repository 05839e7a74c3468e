-- Bulk kills and admission: the operations on many agents.
--
-- The hash of a kill: state (running or done), dry (1 or 0); task, status, labels (JSON), reason, if the
-- request has them; started, finished (ms); matched, killed, missed (counts); at: the id of the last event
-- when the kill started; before: the spawn sequence below which agents are not scanned yet. A kill scans the
-- active agents from the newest to the oldest. The transition of an agent to a final status notifies the
-- kills that have not reached the agent (notify_kills).
--
-- A kill of a tree has tree (the agent at its top) and after, the spawn sequence above which agents are not scanned
-- yet. It scans from the oldest to the newest, so that an agent is reached after its parent, and it includes
-- agents that were registered after its start. A kill with a grace period has deadline (ms), and after its scan scanned
-- (1) and retention (ms). It requests a stop of each agent and waits until all of them are final.

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
    'at', 'before', 'tree', 'after', 'deadline', 'scanned')
  if found.err or not found[1] or not tonumber(found[8] or found[10] or '') then return nil end
  if not string.find(found[7] or '', '^%d+%-%d+$') then return nil end
  local ok, labels = pcall(cjson.decode, found[5] or '{}')
  if not ok or type(labels) ~= 'table' then return nil end
  return {
    id = kill, is_scanning = found[1] == 'running' and not found[12], dry = found[2] == '1', task = found[3],
    status = found[4], labels = labels, reason = found[6] or nil,
    at = found[7], before = tonumber(found[8] or ''), tree = found[9], after = tonumber(found[10] or ''),
    deadline = tonumber(found[11] or ''),
  }
end

local function is_in_tree(tree, id, agent)
  return tree == id or string.find('/' .. (agent[ANCESTORS] or '') .. '/', '/' .. tree .. '/', 1, true) ~= nil
end

-- Returns whether the agent has the task, the labels and the tree of the kill. They never change, and no call is
-- needed.
local function has_constant_criteria(kill, id, agent)
  return (not kill.task or kill.task == agent[TASK]) and (not kill.tree or is_in_tree(kill.tree, id, agent))
    and has_labels(agent, kill.labels)
end

-- Returns whether a kill selects this active status.
local function is_status_of(kill, status)
  if kill.status then return status == kill.status end
  return status == 'spawning' or status == 'running'
end

-- Returns whether the agent had a matching status when the kill started.
local function had_status(k, kill, id, agent)
  return is_status_of(kill, status_at(k, id, agent, kill.at))
end

-- Returns whether an active agent matches: when the kill started, or now if a kill of a tree has started before the
-- registration of the agent.
local function matches_kill(k, kill, id, agent)
  if not has_constant_criteria(kill, id, agent) then return false end
  local status = status_at(k, id, agent, kill.at) or kill.tree and agent[STATUS]
  return is_status_of(kill, status)
end

local NO_KILLS = {}

-- Returns the running kills. They are listed once in a call, however many agents become final in it. The
-- criteria of a kill never change, so they are read once and kept for later calls. A kill is identified by
-- its id and its start. Its position changes and is read in each call (is_ahead).
local function read_running_kills(k)
  if k.running_kills then return k.running_kills end
  if redis.call('EXISTS', k.kills, k.kills_extended) == 0 then
    k.kill_criteria, k.running_kills = nil, NO_KILLS
    return NO_KILLS
  end
  local running, criteria = {}, {}
  for _, index in ipairs({k.kills, k.kills_extended}) do
    local listed = redis.call('ZRANGE', index, 0, -1, 'WITHSCORES')
    for i = 1, #listed, 2 do
      local key = listed[i] .. ' ' .. listed[i + 1]
      local kill = k.kill_criteria and k.kill_criteria[key] or read_kill(k, listed[i])
      if kill then
        kill.position = nil
        criteria[key] = kill
        running[#running + 1] = kill
      end
    end
  end
  k.kill_criteria, k.running_kills = criteria, running
  return running
end

-- Returns whether a running kill has not reached a spawn sequence yet; false if its record is lost. The position
-- is read once in a call.
local function is_ahead(k, kill, sequence)
  if not kill.position then
    local position = redis.pcall('HGET', k.kill .. kill.id, kill.tree and 'after' or 'before')
    kill.position = type(position) == 'string' and tonumber(position) or (kill.tree and math.huge or 0)
  end
  if kill.tree then return sequence > kill.position end
  return sequence < kill.position
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
    if kill.id ~= by and has_constant_criteria(kill, id, agent) and is_ahead(k, kill, sequence)
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
  local kill, tree, grace = args[1], non_empty(args[8]), non_empty(args[9])
  if redis.call('ZCARD', k.kills) + redis.call('ZCARD', k.kills_extended) >= tonumber(args[7]) then return {'busy'} end
  local before = format_int(next_sequence(k))
  local at = feed_position(k)
  local ms, started = now_ms()
  local hash = {
    'state', 'running', 'dry', args[6] == '1' and '1' or '0', 'started', started, 'matched', '0',
    'killed', '0', 'missed', '0', 'at', at,
  }
  add_field(hash, 'before', not tree and before or nil)
  add_field(hash, 'after', tree and '0' or nil)
  add_field(hash, 'tree', tree)
  add_field(hash, 'deadline', grace and format_int(ms + grace))
  add_field(hash, 'task', non_empty(args[2]))
  add_field(hash, 'status', non_empty(args[3]))
  add_field(hash, 'labels', non_empty(args[4]))
  add_field(hash, 'reason', non_empty(args[5]))
  redis.call('HSET', k.kill .. kill, unpack(hash))
  redis.call('ZADD', (tree or grace) and k.kills_extended or k.kills, started, kill)
  return {'ok', kill}
end

-- Starts a kill.
--   ARGV    kill id, task (or ''), status (or ''), labels (JSON object or ''), reason (or ''),
--           '1' for a dry run, maximum number of running kills, agent at the top of the tree (or ''), grace period
--           in ms (or ''), idempotency key (or ''), fingerprint of the text, retention of the reply in ms,
--           fingerprint of the content
--   reply   {'ok' or 'replayed', kill id} | {'busy'} | {'reused'}
local function begin_kill(keys, args)
  return idempotent(keys_of(keys[1]), args[10], args[11], args[13], args[12], start_kill, args)
end

-- Returns the next entries of the agents that a kill may match, in the order of its scan.
local function next_of_kill(k, kill, limit)
  if not kill.tree then
    local filters = {{k.status .. 'spawning', k.status .. 'running'}}
    if kill.task then filters[2] = {k.task .. kill.task} end
    for key, value in pairs(kill.labels) do
      filters[#filters + 1] = {k.label .. key .. ':' .. value}
    end
    return next_entries(smallest(filters), format_int(kill.before), limit)
  end
  local entries = {}
  local flat = redis.call('ZRANGE', k.tree .. kill.tree, '(' .. format_int(kill.after), '+inf', 'BYSCORE',
    'LIMIT', 0, limit, 'WITHSCORES')
  for i = 1, #flat, 2 do entries[#entries + 1] = {flat[i], tonumber(flat[i + 1])} end
  -- An agent without descendants is in no index of a tree.
  local top = #flat == 0 and kill.after == 0 and redis.call('ZSCORE', k.agents, kill.tree)
  if top then entries[1] = {kill.tree, tonumber(top)} end
  return entries
end

local function remove_from_running(k, kill)
  redis.call('ZREM', k.kills, kill)
  redis.call('ZREM', k.kills_extended, kill)
end

local function finish_kill(k, kill, ms, retention)
  redis.call('HSET', k.kill .. kill, 'state', 'done', 'finished', format_int(ms))
  redis.call('PEXPIRE', k.kill .. kill, retention)
end

-- Ends a kill that waits for agents to stop, if all of them are final.
local function end_if_all_stopped(k, kill, ms)
  local counts = redis.call('HMGET', k.kill .. kill, 'matched', 'killed', 'missed', 'scanned', 'retention')
  if counts[4] and tonumber(counts[2]) + tonumber(counts[3]) >= tonumber(counts[1]) then
    redis.call('ZREM', k.stopping, kill)
    finish_kill(k, kill, ms, counts[5])
  end
end

count_stopped = function(k, kills, ms)
  for kill in string.gmatch(kills, '%S+') do
    local counted = redis.call('EXISTS', k.kill .. kill) == 1 and redis.pcall('HINCRBY', k.kill .. kill, 'killed', 1)
    if type(counted) == 'number' then end_if_all_stopped(k, kill, ms) end
  end
end

-- The time after its deadline at which a kill ends although agents are missing, because their records were lost.
local STOP_TOLERANCE_MS = 60000

end_stopping_kills = function(k, ms)
  for _, kill in ipairs(redis.call('ZRANGE', k.stopping, '-inf', format_int(ms), 'BYSCORE', 'LIMIT', 0, 10)) do
    local retention = redis.pcall('HGET', k.kill .. kill, 'retention')
    redis.call('ZREM', k.stopping, kill)
    if type(retention) == 'string' then finish_kill(k, kill, ms, retention) end
  end
end

-- Ends the scan of a kill. A kill with a grace period then waits for its agents.
local function end_scan(k, kill, ms, retention)
  remove_from_running(k, kill.id)
  if not kill.deadline or kill.dry then
    finish_kill(k, kill.id, ms, retention)
    return
  end
  redis.call('HSET', k.kill .. kill.id, 'scanned', '1', 'retention', retention)
  redis.call('ZADD', k.stopping, format_int(math.max(ms, kill.deadline) + STOP_TOLERANCE_MS), kill.id)
  end_if_all_stopped(k, kill.id, ms)
end

-- Performs one step of a kill.
--   ARGV    kill id, maximum number of agents to scan, the statuses from which killing is legal (comma list),
--           cleanup delay in ms, retention of the record after the end of the kill in ms
--   reply   {'running' or 'done' (nothing more to scan), {{event id, ms, from, id, agent_text, reason or nil} of each
--           killed agent …}, {{id, event id, ms, task, version, mode, since, deadline, reason or nil} of each agent
--           whose stop was requested …}} | {'done'} if the kill does not run
local function step_kill(keys, args)
  local k = keys_of(keys[1])
  local kill, limit = read_kill(k, args[1]), tonumber(args[2])
  if not kill or not kill.is_scanning then
    remove_from_running(k, args[1])
    return {'done'}
  end
  local entries = next_of_kill(k, kill, limit)
  local agents = {}
  for _, entry in ipairs(entries) do
    local agent = try_read_agent(k, entry[1])
    if agent and tonumber(agent[SEQ]) == entry[2] and csv_contains(args[3], agent[STATUS])
      and matches_kill(k, kill, entry[1], agent) then
      agents[entry[1]] = agent
    end
  end
  check_fixed_keys(k)

  local ms, at = now_ms()
  local matched, killed, stopping = 0, {}, {}
  for _, entry in ipairs(entries) do
    local id, agent = entry[1], agents[entry[1]]
    if agent then matched = matched + 1 end
    if agent and kill.deadline and not kill.dry then
      local event = request_mode(k, id, agent, ms, 'stopped', kill.deadline, kill.reason, kill.id)
      if event then stopping[#stopping + 1] = {id, event, at, agent[TASK], agent[VERSION], read_desired(k, id)} end
    elseif agent and not kill.dry then
      local event, from = apply_transition(k, id, agent, 'killed', args[4], ms, at, nil, kill.reason, nil, kill.id)
      killed[#killed + 1] = {event, at, from, id, agent_text(agent), kill.reason or false}
    end
  end
  local name = k.kill .. kill.id
  redis.call('HINCRBY', name, 'matched', matched)
  redis.call('HINCRBY', name, 'killed', #killed)
  if #entries < limit then
    end_scan(k, kill, ms, args[5])
    return {'done', killed, stopping}
  end
  redis.call('HSET', name, kill.tree and 'after' or 'before', format_int(entries[#entries][2]))
  return {'running', killed, stopping}
end

-- Returns the progress of a kill.
--   ARGV    kill id
--   reply   {state, dry, matched, killed, missed, started, finished or nil, deadline or nil} | {} if there is none
local function find_kill(keys, args)
  local found = redis.call('HMGET', keys_of(keys[1]).kill .. args[1],
    'state', 'dry', 'matched', 'killed', 'missed', 'started', 'finished', 'deadline')
  return found[1] and found or {}
end

-- Returns the ids of the kills that have agents to scan.
--   reply   the ids
local function running_kills(keys)
  local k = keys_of(keys[1])
  local ids = redis.call('ZRANGE', k.kills, 0, -1)
  for _, id in ipairs(redis.call('ZRANGE', k.kills_extended, 0, -1)) do ids[#ids + 1] = id end
  return ids
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
