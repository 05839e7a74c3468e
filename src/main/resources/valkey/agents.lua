#!lua name=agents_v1
--[[
The function library of the agent lifecycle service. Each function is one atomic step.

Keys. Every function is handed one key, KEYS[1]: the hash tag of the namespace, "{agents}". All other
names are made from it in `names` below and nowhere else, so all of them live in one slot:

  {ns}:seq                counter: the spawn sequence, the score of every index of agents
  {ns}:agent:<id>         hash: an agent, its history and its session (see below)
  {ns}:agents             zset: every agent
  {ns}:status:<status>    zset: the agents in that status
  {ns}:task:<taskId>      zset: the agents of that task
  {ns}:label:<key>:<val>  zset: the agents with that label
  {ns}:sessions           zset: the agents whose session is open
  {ns}:cleanups           zset: the agents whose session is due to go, by time in ms
  {ns}:feed               stream: every event, {event = JSON without its id}
  {ns}:forwarded          the feed's id up to which events are on the channel

An agent's hash: task, status, version, seq, spawned, started, completed, error, labels (JSON), metadata
(the client's text) and, for each version v, t<v> = "<event id> <ms> <from or -> <to>", reason<v>,
actor<v>. While its session is open it has context (the client's text) and, once it is final, cleanup.
History and session are in the hash so that they go with the agent and cost no key of their own.

Rules
  - A function does not roll back: every check, and a read of every key that is to be written (which
    fails on a wrong type), comes before the first write.
  - The legal moves are not known here: they come as an argument.
  - Times are the store's own, integers in ms.
  - An absent optional argument is the empty string.

Old and new servers run side by side: raise REVISION with every change of this file, so that an old
server does not put its own library back, and change the library's name and the functions' prefix where
a change is not one that an old server can live with.
]]

local REVISION = 2

-- The names of a namespace, made once: they are needed at every call.
local names_of = {}

local function names(root)
  local n = names_of[root]
  if n then return n end
  n = {
    seq = root .. ':seq',
    agent = root .. ':agent:',
    agents = root .. ':agents',
    status = root .. ':status:',
    task = root .. ':task:',
    label = root .. ':label:',
    sessions = root .. ':sessions',
    cleanups = root .. ':cleanups',
    feed = root .. ':feed',
    forwarded = root .. ':forwarded',
  }
  names_of[root] = n
  return n
end

-- Time -------------------------------------------------------------------------------------------

local DAY_MS = 86400000

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- A number as a decimal integer: Lua's own conversion turns a large one into 1.7e+12.
local function int(number)
  return string.format('%.0f', number)
end

-- The calendar date of a day since 1970-01-01. Years are counted from March, so that the leap day is
-- the last day of its year.
local function date(days)
  local shifted = days + 719468
  local era = math.floor(shifted / 146097)
  local day_of_era = shifted - era * 146097
  local year_of_era = math.floor((day_of_era - math.floor(day_of_era / 1460)
    + math.floor(day_of_era / 36524) - math.floor(day_of_era / 146096)) / 365)
  local day_of_year = day_of_era
    - (365 * year_of_era + math.floor(year_of_era / 4) - math.floor(year_of_era / 100))
  local march_month = math.floor((5 * day_of_year + 2) / 153)
  local day = day_of_year - math.floor((153 * march_month + 2) / 5) + 1
  local month = march_month < 10 and march_month + 3 or march_month - 9
  local year = year_of_era + era * 400 + (month <= 2 and 1 or 0)
  return string.format('%04d-%02d-%02d', year, month, day)
end

-- The day that was last asked for: nearly always it is asked for again.
local today, today_date

-- ISO-8601 in UTC with milliseconds.
local function iso(ms)
  local day, of_day = math.floor(ms / DAY_MS), ms % DAY_MS
  if day ~= today then today, today_date = day, date(day) end
  return string.format('%sT%02d:%02d:%02d.%03dZ', today_date, math.floor(of_day / 3600000),
    math.floor(of_day / 60000) % 60, math.floor(of_day / 1000) % 60, of_day % 1000)
end

-- Agents and events ------------------------------------------------------------------------------

-- What an answer says of an agent, in this order. Java reads it by position.
local AGENT_FIELDS = {
  'status', 'version', 'task', 'spawned', 'started', 'completed', 'error', 'labels', 'metadata', 'seq',
}
local STATUS, VERSION, TASK, SPAWNED, STARTED, COMPLETED, ERROR, LABELS, METADATA, SEQ =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10

-- The agent's fields in that order, or nil. A damaged record is told before anything is written: a step
-- that met it half way would stay half done.
local function read_agent(n, id)
  local agent = redis.call('HMGET', n.agent .. id, unpack(AGENT_FIELDS))
  if not agent[STATUS] then return nil end
  if not (tonumber(agent[VERSION] or '') and tonumber(agent[SEQ] or '') and agent[TASK]) then
    error('the record of agent ' .. id .. ' is damaged')
  end
  return agent
end

-- A JSON string. The library escapes slashes too, which JSON allows and nobody likes to read.
local function quoted(text)
  return (string.gsub(cjson.encode(text), '\\/', '/'))
end

-- The JSON of an event without its id, which the feed gives it. Ids, statuses and types need no
-- escaping: their alphabets hold nothing that JSON escapes.
local function event_json(e)
  local json = {
    '{"type":"', e.type, '","agentId":"', e.agent, '","taskId":"', e.task,
    '","timestamp":"', iso(e.ms), '"',
  }
  local function add(text) json[#json + 1] = text end
  if e.error then add(',"error":' .. quoted(e.error)) end
  add(',"version":' .. e.version)
  if e.from then add(',"from":"' .. e.from .. '"') end
  if e.to then add(',"to":"' .. e.to .. '"') end
  if e.reason then add(',"reason":' .. quoted(e.reason)) end
  if e.actor then add(',"actor":' .. quoted(e.actor)) end
  if e.confirmed ~= nil then add(',"confirmed":' .. tostring(e.confirmed)) end
  add('}')
  return table.concat(json)
end

-- Puts the event into the feed; returns its id.
local function append(n, event)
  return redis.call('XADD', n.feed, '*', 'event', event_json(event))
end

local function given(argument)
  return argument ~= '' and argument or nil
end

local function holds(csv, word)
  return string.find(',' .. csv .. ',', ',' .. word .. ',', 1, true) ~= nil
end

-- Registers an agent as spawning and opens its session.
--   ARGV    id, task, labels (JSON object or ''), metadata (or ''), session context (or '')
--   answer  {'ok', event id, ms} | {'exists'}
local function register(keys, args)
  local n = names(keys[1])
  local id, task = args[1], args[2]
  local labels, metadata, context = given(args[3]), given(args[4]), given(args[5])
  if redis.call('EXISTS', n.agent .. id) == 1 then return {'exists'} end

  local indexes = {n.agents, n.status .. 'spawning', n.task .. task, n.sessions}
  for key, value in pairs(labels and cjson.decode(labels) or {}) do
    indexes[#indexes + 1] = n.label .. key .. ':' .. value
  end
  for _, index in ipairs(indexes) do redis.call('ZCARD', index) end
  redis.call('XLEN', n.feed)

  local ms = now_ms()
  local seq = redis.call('INCR', n.seq)
  local event = append(n, {
    type = 'agent.spawned', agent = id, task = task, ms = ms, version = 1, to = 'spawning',
  })
  local hash = {
    'task', task, 'status', 'spawning', 'version', '1', 'seq', int(seq), 'spawned', int(ms),
    't1', event .. ' ' .. int(ms) .. ' - spawning',
  }
  if labels then hash[#hash + 1] = 'labels'; hash[#hash + 1] = labels end
  if metadata then hash[#hash + 1] = 'metadata'; hash[#hash + 1] = metadata end
  if context then hash[#hash + 1] = 'context'; hash[#hash + 1] = context end
  redis.call('HSET', n.agent .. id, unpack(hash))
  for _, index in ipairs(indexes) do redis.call('ZADD', index, int(seq), id) end
  return {'ok', event, int(ms)}
end

-- Moves an agent.
--   ARGV    id, to, 'final' or '', cleanup delay in ms, legal sources (comma list),
--           expected versions (comma list, '' matches none, '*' any), error (or ''), reason (or ''),
--           actor (or '')
--   answer  {'ok', event id, ms, from, agent fields} | {'illegal', status} | {'stale', version}
--           | {'missing'}
local function move(keys, args)
  local n = names(keys[1])
  local id, to, final, delay = args[1], args[2], args[3] == 'final', tonumber(args[4])
  local error, reason, actor = given(args[7]), given(args[8]), given(args[9])
  local agent = read_agent(n, id)
  if not agent then return {'missing'} end
  if args[6] ~= '*' and not holds(args[6], agent[VERSION]) then return {'stale', agent[VERSION]} end
  local from = agent[STATUS]
  if not holds(args[5], from) then return {'illegal', from} end

  redis.call('ZCARD', n.status .. from)
  redis.call('ZCARD', n.status .. to)
  redis.call('ZCARD', n.cleanups)
  redis.call('XLEN', n.feed)

  local ms = now_ms()
  local version = int(tonumber(agent[VERSION]) + 1)
  local event = append(n, {
    type = 'agent.' .. to, agent = id, task = agent[TASK], ms = ms, error = error, version = version,
    from = from, to = to, reason = reason, actor = actor,
  })
  local at = int(ms)
  local hash = {'status', to, 'version', version, 't' .. version, event .. ' ' .. at .. ' ' .. from .. ' ' .. to}
  local function set(field, value)
    if value then hash[#hash + 1] = field; hash[#hash + 1] = value end
  end
  agent[STATUS], agent[VERSION] = to, version
  if to == 'running' and not agent[STARTED] then agent[STARTED] = at; set('started', at) end
  if final then
    agent[COMPLETED] = at
    set('completed', at)
    set('cleanup', int(ms + delay))
  end
  if error then agent[ERROR] = error; set('error', error) end
  set('reason' .. version, reason)
  set('actor' .. version, actor)
  redis.call('HSET', n.agent .. id, unpack(hash))
  redis.call('ZREM', n.status .. from, id)
  redis.call('ZADD', n.status .. to, agent[SEQ], id)
  if final then redis.call('ZADD', n.cleanups, int(ms + delay), id) end
  return {'ok', event, at, from, agent}
end

-- One agent.
--   ARGV    id
--   answer  agent fields | {} where there is none
local function find(keys, args)
  return read_agent(names(keys[1]), args[1]) or {}
end

-- What happened to an agent.
--   ARGV    id
--   answer  {} where there is none | {error or nil, then for each version: t<v>, reason or nil,
--           actor or nil}
local function history(keys, args)
  local key = names(keys[1]).agent .. args[1]
  local found = redis.call('HMGET', key, 'version', 'error')
  if not found[1] then return {} end
  local fields = {}
  for version = 1, tonumber(found[1]) do
    for _, field in ipairs({'t', 'reason', 'actor'}) do fields[#fields + 1] = field .. version end
  end
  local values = redis.call('HMGET', key, unpack(fields))
  table.insert(values, 1, found[2])
  return values
end

-- Listing ----------------------------------------------------------------------------------------

-- How many index entries one call looks at, so that no listing holds the store up.
local LOOKED_AT = 5000

-- The entries of several indexes that come next below `before`, newest first: {id, score} pairs. Each
-- index gives `count`, so the first `count` of all are in order whatever the others still hold.
local function next_entries(indexes, before, count)
  local entries = {}
  for _, index in ipairs(indexes) do
    local flat = redis.call('ZRANGE', index, '(' .. before, '-inf', 'BYSCORE', 'REV',
      'LIMIT', 0, count, 'WITHSCORES')
    for i = 1, #flat, 2 do entries[#entries + 1] = {flat[i], tonumber(flat[i + 1])} end
  end
  if #indexes > 1 then
    table.sort(entries, function(a, b) return a[2] > b[2] end)
    while #entries > count do entries[#entries] = nil end
  end
  return entries
end

local function in_any(indexes, id)
  for _, index in ipairs(indexes) do
    if redis.call('ZSCORE', index, id) then return true end
  end
  return false
end

-- The agents that all filters select, newest first. The filter with the fewest entries leads, the
-- others are looked up for each of its entries.
--   ARGV    how many, before (a sequence number or '+inf'), statuses (comma list or ''), task (or ''),
--           session open ('true', 'false' or ''), labels as '<key>:<value>' …
--   answer  {where to go on (a sequence number) or nil at the end, {id, agent fields …} …}; may hold
--           fewer than asked for and still have a place to go on
local function list(keys, args)
  local n = names(keys[1])
  local want, before, without = tonumber(args[1]), args[2], nil
  local filters = {}
  if args[3] ~= '' then
    local statuses = {}
    for status in string.gmatch(args[3], '[^,]+') do statuses[#statuses + 1] = n.status .. status end
    filters[#filters + 1] = statuses
  end
  if args[4] ~= '' then filters[#filters + 1] = {n.task .. args[4]} end
  if args[5] == 'true' then filters[#filters + 1] = {n.sessions} end
  if args[5] == 'false' then without = n.sessions end
  for i = 6, #args do
    local key, value = string.match(args[i], '^([^:]*):(.*)$')
    filters[#filters + 1] = {n.label .. key .. ':' .. value}
  end
  if #filters == 0 then filters[1] = {n.agents} end

  local lead, fewest = 1, math.huge
  for i, indexes in ipairs(filters) do
    local size = 0
    for _, index in ipairs(indexes) do size = size + redis.call('ZCARD', index) end
    if size < fewest then lead, fewest = i, size end
  end

  local answer, looked_at = {false}, 0
  while #answer - 1 < want and looked_at < LOOKED_AT do
    local entries = next_entries(filters[lead], before, want)
    for _, entry in ipairs(entries) do
      local id, selected = entry[1], true
      for i, indexes in ipairs(filters) do
        if i ~= lead and not in_any(indexes, id) then selected = false; break end
      end
      if without and selected and redis.call('ZSCORE', without, id) then selected = false end
      if selected and #answer - 1 < want then
        local agent = read_agent(n, id)
        if agent then -- a store that evicts may have lost the agent and kept the entry
          table.insert(agent, 1, id)
          answer[#answer + 1] = agent
        end
      end
    end
    if #entries < want then return answer end
    before = int(entries[#entries][2])
    looked_at = looked_at + #entries
  end
  answer[1] = before
  return answer
end

-- How many agents of each kind there are.
--   answer  counts: spawning, running, completed, failed, killed, open sessions, pending cleanups
local function stats(keys)
  local n = names(keys[1])
  local counts = {}
  for _, status in ipairs({'spawning', 'running', 'completed', 'failed', 'killed'}) do
    counts[#counts + 1] = redis.call('ZCARD', n.status .. status)
  end
  counts[#counts + 1] = redis.call('ZCARD', n.sessions)
  counts[#counts + 1] = redis.call('ZCARD', n.cleanups)
  return counts
end

-- Sessions ---------------------------------------------------------------------------------------

-- One open session.
--   ARGV    id
--   answer  {opened, cleanup or nil, context or nil} | {} where there is none
local function session(keys, args)
  local n = names(keys[1])
  if not redis.call('ZSCORE', n.sessions, args[1]) then return {} end
  return redis.call('HMGET', n.agent .. args[1], 'spawned', 'cleanup', 'context')
end

-- Ends an open session of a final agent: {event id, ms, id, task, version}.
local function end_session(n, id, agent, ms, confirmed)
  local event = append(n, {
    type = 'agent.cleanup', agent = id, task = agent[TASK], ms = ms, version = agent[VERSION],
    confirmed = confirmed,
  })
  redis.call('HDEL', n.agent .. id, 'context', 'cleanup')
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

-- Feed -------------------------------------------------------------------------------------------

-- The JSON of an entry of the feed: its event with the id.
local function entry_json(entry)
  return '{"id":"' .. entry[1] .. '",' .. string.sub(entry[2][2], 2)
end

-- The events after a place.
--   ARGV    the place, how many at most
--   answer  {the feed's oldest id or nil, then id and JSON of each}
local function read_feed(keys, args)
  local feed = names(keys[1]).feed
  local oldest = redis.call('XRANGE', feed, '-', '+', 'COUNT', 1)[1]
  local answer = {oldest and oldest[1] or false}
  for _, entry in ipairs(redis.call('XRANGE', feed, '(' .. args[1], '+', 'COUNT', args[2])) do
    answer[#answer + 1] = entry[1]
    answer[#answer + 1] = entry_json(entry)
  end
  return answer
end

-- Where the feed ends.
--   answer  {the id of the last event} | {}
local function newest(keys)
  local last = redis.call('XREVRANGE', names(keys[1]).feed, '+', '-', 'COUNT', 1)[1]
  return last and {last[1]} or {}
end

-- Publishes what is in the feed and not yet on the channel, in feed order, and remembers how far it
-- came. Only once everything is on the channel is the feed cut to its length, so that no event leaves
-- it unpublished.
--   ARGV    channel, how many at most, how many events the feed keeps at least
--   answer  how many it published
local function forward(keys, args)
  local n = names(keys[1])
  local channel, limit, keep = args[1], tonumber(args[2]), args[3]
  local cursor = redis.call('GET', n.forwarded) or '0-0'
  local entries = redis.call('XRANGE', n.feed, '(' .. cursor, '+', 'COUNT', limit)
  for _, entry in ipairs(entries) do
    redis.call('PUBLISH', channel, entry_json(entry))
  end
  if #entries > 0 then
    redis.call('SET', n.forwarded, entries[#entries][1])
    if #entries < limit then redis.call('XTRIM', n.feed, 'MAXLEN', '~', keep) end
  end
  return #entries
end

-- The library ------------------------------------------------------------------------------------

-- Does nothing, but is refused wherever a change would be: a replica, a full or a failing store.
--   answer  the library's revision
local function ready()
  return REVISION
end

redis.register_function('agents_v1_register', register)
redis.register_function('agents_v1_move', move)
redis.register_function('agents_v1_close_session', close_session)
redis.register_function('agents_v1_clean_up', clean_up)
redis.register_function('agents_v1_forward', forward)
redis.register_function('agents_v1_ready', ready)

local function register_reading(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'no-writes'}}
end

register_reading('agents_v1_find', find)
register_reading('agents_v1_history', history)
register_reading('agents_v1_list', list)
register_reading('agents_v1_stats', stats)
register_reading('agents_v1_session', session)
register_reading('agents_v1_read_feed', read_feed)
register_reading('agents_v1_newest', newest)
