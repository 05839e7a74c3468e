-- Bulk kills and admission: what an operator does to many agents at once.
--
-- A kill's hash: state (running or done), dry (1 or 0), task, status, labels (JSON), reason: what it
-- selects and why, absent where not asked for; started, finished (ms); matched, killed, missed (counts);
-- at: where the feed ended when the kill began; before: the sequence number below which it has not looked
-- yet. It goes through the active agents from the newest of its time downwards and never counts first: the
-- transition of an agent to a final status notifies the kills that have not reached the agent
-- (notify_kills).

-- The order of two ids of events.
local function is_after(id, other)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  local other_ms, other_seq = string.match(other, '^(%d+)-(%d+)$')
  ms, other_ms = tonumber(ms), tonumber(other_ms)
  return ms > other_ms or (ms == other_ms and tonumber(seq) > tonumber(other_seq))
end

-- Returns the id of the event of one transition of an agent and its target status; nil if the transition
-- is damaged. A transition never changes, so it is read once in a call.
local function read_transition(n, id, agent, version)
  agent.transitions = agent.transitions or {}
  local read = agent.transitions[version]
  if not read then
    local text = redis.call('HGET', n.agent .. id, 't' .. version)
    read = {string.match(text or '', '^(%d+%-%d+) %S+ %S+ (%S+)$')}
    agent.transitions[version] = read
  end
  return read[1], read[2]
end

-- The status an agent had when the feed ended at that id; nil where it was not there.
local function status_at(n, id, agent, at)
  for version = tonumber(agent[VERSION]), 1, -1 do
    local event, to = read_transition(n, id, agent, version)
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
local function read_kill(n, kill)
  local found = redis.pcall('HMGET', n.kill .. kill, 'state', 'dry', 'task', 'status', 'labels', 'reason',
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

-- Whether the agent has the task and the labels of the kill. They never change, and no call is needed.
local function has_task_and_labels(kill, agent)
  return (not kill.task or kill.task == agent[TASK]) and has_labels(agent, kill.labels)
end

-- Whether the agent had a status of the kill when the kill began.
local function had_status(n, kill, id, agent)
  local status = status_at(n, id, agent, kill.at)
  if kill.status then return status == kill.status end
  return status == 'spawning' or status == 'running'
end

-- Whether the kill selected the agent when it began.
local function selected(n, kill, id, agent)
  if not has_task_and_labels(kill, agent) then return false end
  return had_status(n, kill, id, agent)
end

-- Returns the running kills. They are listed once in a call, however many agents become final in it. The
-- criteria of a kill never change, so they are read once and kept for later calls. A kill is identified by
-- its id and its start. `before` changes and is read in each call (read_before).
local function read_running_kills(n)
  if n.running_kills then return n.running_kills end
  local running, criteria = {}, {}
  local listed = redis.call('ZRANGE', n.kills, 0, -1, 'WITHSCORES')
  for i = 1, #listed, 2 do
    local key = listed[i] .. ' ' .. listed[i + 1]
    local kill = n.kill_criteria and n.kill_criteria[key] or read_kill(n, listed[i])
    if kill then
      kill.before = nil
      criteria[key] = kill
      running[#running + 1] = kill
    end
  end
  n.kill_criteria, n.running_kills = criteria, running
  return running
end

-- Returns the spawn sequence below which a running kill still has to look, read once in a call; 0 if the
-- record is lost.
local function read_before(n, kill)
  if not kill.before then
    local before = redis.pcall('HGET', n.kill .. kill.id, 'before')
    kill.before = type(before) == 'string' and tonumber(before) or 0
  end
  return kill.before
end

-- Returns an event id that later events are after and earlier events are not. An empty feed (trimmed or
-- deleted) gets an entry for that, which is removed in the same step. The last id of a deleted feed is
-- lost: its events of this millisecond may have any number, so the entry is in the next millisecond.
local function feed_position(n)
  local last = redis.call('XREVRANGE', n.feed, '+', '-', 'COUNT', 1)[1]
  if last then return last[1] end
  local is_deleted = redis.call('EXISTS', n.feed) == 0
  local marker = redis.call('XADD', n.feed, is_deleted and int(now_ms() + 1) .. '-0' or '*', 'event', '{}')
  redis.call('XTRIM', n.feed, 'MAXLEN', 0)
  return marker
end

-- Returns a spawn sequence above that of every registered agent, even if the counter is lost.
local function next_sequence(n)
  local newest = redis.call('ZRANGE', n.agents, '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1,
    'WITHSCORES')
  return math.max(tonumber(redis.call('GET', n.seq) or 0), tonumber(newest[2] or 0)) + 1
end

notify_kills = function(n, id, agent, by)
  local sequence, notified = tonumber(agent[SEQ]), {}
  for _, kill in ipairs(read_running_kills(n)) do
    if kill.id ~= by and has_task_and_labels(kill, agent) and sequence < read_before(n, kill)
      and had_status(n, kill, id, agent) then
      notified[#notified + 1] = kill
    end
  end
  for _, kill in ipairs(notified) do
    redis.call('HINCRBY', n.kill .. kill.id, 'matched', 1)
    if not kill.dry then redis.call('HINCRBY', n.kill .. kill.id, 'missed', 1) end
  end
end

-- Begins a kill.
--   ARGV    kill id, task (or ''), status (or ''), labels (JSON object or ''), reason (or ''),
--           '1' for a dry run, how many kills may be at work, idempotency key (or ''),
--           fingerprint of the text, how long its answer is kept in ms, fingerprint of the content
--   answer  {'ok' or 'again', kill id} | {'busy'} | {'reused'}
local function begin_kill(keys, args)
  local n = names(keys[1])
  local kill = args[1]
  return once(n, args[8], args[9], args[11], args[10], function()
    if redis.call('ZCARD', n.kills) >= tonumber(args[7]) then return {'busy'} end
    local before = int(next_sequence(n))
    local at = feed_position(n)
    local ms = int(now_ms())
    local hash = {
      'state', 'running', 'dry', args[6] == '1' and '1' or '0', 'started', ms, 'matched', '0',
      'killed', '0', 'missed', '0', 'at', at, 'before', before,
    }
    put(hash, 'task', given(args[2]))
    put(hash, 'status', given(args[3]))
    put(hash, 'labels', given(args[4]))
    put(hash, 'reason', given(args[5]))
    redis.call('HSET', n.kill .. kill, unpack(hash))
    redis.call('ZADD', n.kills, ms, kill)
    return {'ok', kill}
  end)
end

-- Takes a kill one step further.
--   ARGV    kill id, how many agents to look at, the sources from which killing is legal (comma list),
--           cleanup delay in ms, how long the record is kept once it is done, in ms
--   answer  {'running' or 'done', {event id, ms, from, id, agent fields, reason or nil} of each that was
--           killed …}
local function step_kill(keys, args)
  local n = names(keys[1])
  local kill, limit = read_kill(n, args[1]), tonumber(args[2])
  if not kill or not kill.running then
    redis.call('ZREM', n.kills, args[1])
    return {'done'}
  end
  local filters = {{n.status .. 'spawning', n.status .. 'running'}}
  if kill.task then filters[2] = {n.task .. kill.task} end
  for key, value in pairs(kill.labels) do
    filters[#filters + 1] = {n.label .. key .. ':' .. value}
  end
  local entries = next_entries(fewest(filters), int(kill.before), limit)
  local agents = {}
  for _, entry in ipairs(entries) do
    local agent = try_read_agent(n, entry[1])
    if agent and tonumber(agent[SEQ]) == entry[2] and holds(args[3], agent[STATUS]) and selected(n, kill, entry[1], agent) then
      agents[entry[1]] = agent
    end
  end
  for _, from in ipairs({'spawning', 'running'}) do check_indexes(n, from, 'killed') end
  redis.call('ZCARD', n.kills)

  local ms = now_ms()
  local answer, matched, killed = {'running'}, 0, 0
  for _, entry in ipairs(entries) do
    local id, agent = entry[1], agents[entry[1]]
    if agent then matched = matched + 1 end
    if agent and not kill.dry then
      local step = transition(n, id, agent, {
        to = 'killed', final = true, delay = tonumber(args[4]), ms = ms, reason = kill.reason,
        kill = kill.id,
      })
      killed = killed + 1
      answer[#answer + 1] = {step[1], step[2], step[3], id, agent, kill.reason or false}
    end
  end
  local name = n.kill .. kill.id
  redis.call('HINCRBY', name, 'matched', matched)
  redis.call('HINCRBY', name, 'killed', killed)
  if #entries < limit then
    redis.call('HSET', name, 'state', 'done', 'finished', int(ms))
    redis.call('ZREM', n.kills, kill.id)
    redis.call('PEXPIRE', name, args[5])
    answer[1] = 'done'
  else
    redis.call('HSET', name, 'before', int(entries[#entries][2]))
  end
  return answer
end

-- A kill's progress.
--   ARGV    kill id
--   answer  {state, dry, matched, killed, missed, started, finished or nil} | {} where there is none
local function find_kill(keys, args)
  local found = redis.call('HMGET', names(keys[1]).kill .. args[1],
    'state', 'dry', 'matched', 'killed', 'missed', 'started', 'finished')
  return found[1] and found or {}
end

-- The kills that are at work, the longest at work first.
--   answer  their ids
local function running_kills(keys)
  return redis.call('ZRANGE', names(keys[1]).kills, 0, -1)
end

-- Whether agents may be spawned.
--   ARGV    limit of active agents before anybody set one
--   answer  {1 or 0, limit}
local function admission(keys, args)
  local open, max = read_admission(names(keys[1]), args[1])
  return {open and 1 or 0, max}
end

-- Says whether agents may be spawned, to every server at once.
--   ARGV    '1' or '0', limit of active agents (0: none)
--   answer  {}
local function admit(keys, args)
  redis.call('HSET', names(keys[1]).admission, 'open', args[1], 'max', args[2])
  return {}
end

register_in_full_store('agents_v1_begin_kill', begin_kill)
register_in_full_store('agents_v1_step_kill', step_kill)
redis.register_function('agents_v1_admit', admit)
register_reading('agents_v1_find_kill', find_kill)
register_reading('agents_v1_running_kills', running_kills)
register_reading('agents_v1_admission', admission)
