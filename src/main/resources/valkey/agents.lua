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
  {ns}:feed               stream: every event, {event = JSON without its id, labels = the agent's
                          labels (JSON), if it has any}
  {ns}:forwarded          the feed's id up to which events are on the channel
  {ns}:leases             zset: the agents with a lease, by the time in ms at which it runs out
  {ns}:swept              time of the last lease sweep, in ms
  {ns}:outages            string: the last outages, "<start>-<end> …" in ms, in which no client could renew a lease
  {ns}:grace              end of the last outage in ms, for servers of an older release
  {ns}:shortening         cursor of the check of all leases after the clock went back
  {ns}:damaged            zset: the agents whose record cannot be read, by the time in ms of the detection
  {ns}:checked            spawn sequence up to which the records of agents have been checked
  {ns}:finals             zset: the final agents, by the time in ms at which they became so
  {ns}:kills              zset: the bulk kills at work, by the time in ms at which they began
  {ns}:kill:<killId>      hash: a bulk kill (see kills.lua)
  {ns}:admission          hash: open (1 or 0), max
  {ns}:once:<key>         hash: a call with that idempotency key: answer, content (fingerprint of the
                          content of the request) and fingerprint (of its text; all that earlier
                          releases store and compare)

An agent's hash: task, status, version, seq, spawned, started, completed, error, labels (JSON), metadata
(the client's text) and, for each version v, t<v> = "<event id> <ms> <from or -> <to>", reason<v>,
actor<v>, kill<v>. With a lease it has lease (its length in ms), expires (its deadline), after an
outage extended (the deadline and the one before the outage), and after a heartbeat beat. While its session is open it has context (the client's text) and, once it is final, cleanup.
After its session has ended it has confirmed: 1 if the runner ended it, 0 if the cleanup did.
History and session are in the hash so that they go with the agent and cost no key of their own.

Rules
  - A function does not roll back: every check, and a read of every key that is to be written (which
    fails on a wrong type), comes before the first write.
  - The legal moves are not known here: they come as an argument.
  - Times are the store's own, integers in ms.
  - An absent optional argument is the empty string.

Releases run side by side. A server appends a hash of the text to the library's name and to the names of
its functions when it loads the library (agents_v1_<hash>), so each release calls its own functions. All
releases share the keys: their names and the meaning of their fields must stay readable for the previous
release. The text as it is can be loaded too; its functions then have no hash in their names.
]]

-- The names of a namespace, made once: they are needed at every call.
local names_of = {}

local function names(root)
  local n = names_of[root]
  if n then
    n.running_kills = nil -- of the previous call
    return n
  end
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
    leases = root .. ':leases',
    swept = root .. ':swept',
    outages = root .. ':outages',
    grace = root .. ':grace',
    shortening = root .. ':shortening',
    damaged = root .. ':damaged',
    checked = root .. ':checked',
    finals = root .. ':finals',
    kills = root .. ':kills',
    kill = root .. ':kill:',
    admission = root .. ':admission',
    once = root .. ':once:',
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
  'lease', 'confirmed',
}
local STATUS, VERSION, TASK, SPAWNED, STARTED, COMPLETED, ERROR, LABELS, METADATA, SEQ,
  LEASE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11

-- The statuses; true for those that have a time of completion.
local COMPLETES = {spawning = false, running = false, completed = true, failed = true, killed = true}

-- Whether a field holds a number that Java can read too.
local function is_number(value)
  return value and #value <= 15 and string.find(value, '^%d+$') ~= nil
end

local function is_readable(agent)
  local completes = COMPLETES[agent[STATUS]]
  return completes ~= nil and agent[TASK] and is_number(agent[VERSION]) and is_number(agent[SEQ])
    and is_number(agent[SPAWNED]) and (not agent[STARTED] or is_number(agent[STARTED]))
    and (not agent[LEASE] or is_number(agent[LEASE]))
    and (completes and is_number(agent[COMPLETED]) or not completes and not agent[COMPLETED])
end

-- Reads an agent.
--   returns  its fields in that order, or nil; true if there is a record that cannot be read
local function try_read_agent(n, id)
  local agent = redis.pcall('HMGET', n.agent .. id, unpack(AGENT_FIELDS))
  if agent.err then return nil, true end -- a key of another type
  if is_readable(agent) then return agent, false end
  return nil, redis.call('EXISTS', n.agent .. id) == 1
end

local function damage(id)
  error('the record of agent ' .. id .. ' is damaged')
end

-- Reads an agent; nil if there is none. A damaged record is an error, before the first write.
local function read_agent(n, id)
  local agent, is_damaged = try_read_agent(n, id)
  if is_damaged then damage(id) end
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
  if e.kill then add(',"killId":"' .. e.kill .. '"') end
  if e.confirmed ~= nil then add(',"confirmed":' .. tostring(e.confirmed)) end
  add('}')
  return table.concat(json)
end

-- Appends the event to the feed and returns its id. The labels of the agent, by which followers filter,
-- are a second field; the event itself does not contain them.
local function append(n, event)
  local json = event_json(event)
  if not event.labels then return redis.call('XADD', n.feed, '*', 'event', json) end
  return redis.call('XADD', n.feed, '*', 'event', json, 'labels', event.labels)
end

local function given(argument)
  return argument ~= '' and argument or nil
end

-- Adds a field to what HSET is given, unless there is no value.
local function put(hash, field, value)
  if value then hash[#hash + 1] = field; hash[#hash + 1] = value end
end

local function holds(csv, word)
  return string.find(',' .. csv .. ',', ',' .. word .. ',', 1, true) ~= nil
end

-- The longest time for which an idempotency record is kept, in ms: ten years. A longer one would exceed the
-- range of an expiry time, after the writes of the call.
local MAX_IDEMPOTENCY_MS = 315360000000

-- Returns the reply without the labels and the metadata of its agent. They never change, so that a replay
-- reads them from the agent.
local function without_constant_fields(reply)
  if type(reply[5]) ~= 'table' then return reply end
  local fields = {unpack(reply[5], 1, #AGENT_FIELDS)}
  fields[LABELS], fields[METADATA] = false, false
  return {reply[1], reply[2], reply[3], reply[4], fields}
end

-- Adds the labels and the metadata to the agent of a replayed reply. They are missing if the agent was
-- purged.
local function add_constant_fields(n, id, agent)
  local now = try_read_agent(n, id)
  if now and now[SEQ] == agent[SEQ] and now[SPAWNED] == agent[SPAWNED] then
    agent[LABELS], agent[METADATA] = now[LABELS], now[METADATA]
  end
end

-- Answers a call with an idempotency key as its first was answered; the answer is kept in the same step
-- as the change. A refusal is not kept.
--   key          the key, or '' for a call without one
--   fingerprint  of the text of the request
--   content      the fingerprint of its content, which decides if the record has one
--   keep         how long the answer is kept, in ms
--   act          the call: answers a table that begins with 'ok' where it changed something
--   answer       what act answers, with 'again' for 'ok' where it was kept | {'reused'}
local function once(n, key, fingerprint, content, keep, act)
  if key == '' then return act() end
  local kept = redis.call('HMGET', n.once .. key, 'fingerprint', 'answer', 'content')
  if not kept[1] then
    local answer = act()
    if answer[1] == 'ok' then
      redis.call('HSET', n.once .. key, 'fingerprint', fingerprint, 'content', content,
        'answer', cmsgpack.pack(without_constant_fields(answer)))
      redis.call('PEXPIRE', n.once .. key, int(math.min(tonumber(keep), MAX_IDEMPOTENCY_MS)))
    end
    return answer
  end
  local same = kept[3] == content
  if not kept[3] then same = kept[1] == fingerprint end -- an earlier release stored it
  if not same then return {'reused'} end
  local answer = cmsgpack.unpack(kept[2])
  answer[1] = 'again'
  return answer
end

-- Whether agents may be spawned, and how many may be active at once (0: any number).
local function read_admission(n, default_max)
  local set = redis.call('HMGET', n.admission, 'open', 'max')
  return set[1] ~= '0', tonumber(set[2] or default_max)
end

local function active(n)
  return redis.call('ZCARD', n.status .. 'spawning') + redis.call('ZCARD', n.status .. 'running')
end

-- Removes an agent with every index entry. A key of a wrong type does not stop the removal.
--   task, labels   of its record; nil if they are not known
local function remove(n, id, task, labels)
  local indexes = {
    n.agents, n.status .. 'spawning', n.status .. 'running', n.status .. 'completed', n.status .. 'failed',
    n.status .. 'killed', n.sessions, n.cleanups, n.leases, n.finals, n.damaged,
  }
  if task then indexes[#indexes + 1] = n.task .. task end
  local ok, decoded = pcall(cjson.decode, labels or '{}')
  if ok and type(decoded) == 'table' then
    for key, value in pairs(decoded) do
      indexes[#indexes + 1] = n.label .. key .. ':' .. tostring(value)
    end
  end
  for _, index in ipairs(indexes) do redis.pcall('ZREM', index, id) end
  redis.call('DEL', n.agent .. id)
end

-- Removes the index entries of an agent whose record is lost. Entries of its task and labels are not
-- known any more: listings skip them.
local function forget(n, id)
  remove(n, id, nil, nil)
end

-- Registers an agent as spawning and opens its session. The active agents are counted where they are
-- listed, so that no crash can leak a place.
--   ARGV    id, task, labels (JSON object or ''), metadata (or ''), session context (or ''), lease in
--           ms (or ''), limit of active agents before anybody set one, idempotency key (or ''),
--           fingerprint of the text, how long its answer is kept in ms, fingerprint of the content
--   answer  {'ok' or 'again', event id, ms, id, seq} | {'exists'} | {'closed'} | {'limit', limit} | {'reused'}
local function register(keys, args)
  local n = names(keys[1])
  local id, task = args[1], args[2]
  local labels, metadata, context, lease = given(args[3]), given(args[4]), given(args[5]), given(args[6])
  return once(n, args[8], args[9], args[11], args[10], function()
    if redis.call('EXISTS', n.agent .. id) == 1 then return {'exists'} end
    local leftover = redis.call('ZSCORE', n.agents, id)
    local open, max = read_admission(n, args[7])
    if not open then return {'closed'} end
    if max > 0 and active(n) >= max then return {'limit', int(max)} end

    local indexes = {n.status .. 'spawning', n.task .. task, n.sessions}
    for key, value in pairs(labels and cjson.decode(labels) or {}) do
      indexes[#indexes + 1] = n.label .. key .. ':' .. value
    end
    for _, index in ipairs(indexes) do redis.call('ZCARD', index) end
    indexes[#indexes + 1] = n.agents
    if lease then redis.call('ZCARD', n.leases) end
    redis.call('XLEN', n.feed)

    -- The record of an earlier life was lost; its entries must not act on this one.
    if leftover then forget(n, id) end
    local ms = now_ms()
    local seq = int(redis.call('INCR', n.seq))
    local event = append(n, {
      type = 'agent.spawned', agent = id, task = task, ms = ms, version = 1, to = 'spawning',
      labels = labels,
    })
    local hash = {
      'task', task, 'status', 'spawning', 'version', '1', 'seq', seq, 'spawned', int(ms),
      't1', event .. ' ' .. int(ms) .. ' - spawning',
    }
    put(hash, 'labels', labels)
    put(hash, 'metadata', metadata)
    put(hash, 'context', context)
    if lease then
      put(hash, 'lease', lease)
      put(hash, 'expires', int(ms + lease))
      redis.call('ZADD', n.leases, int(ms + lease), id)
    end
    redis.call('HSET', n.agent .. id, unpack(hash))
    for _, index in ipairs(indexes) do redis.call('ZADD', index, seq, id) end
    return {'ok', event, int(ms), id, seq}
  end)
end

-- Transitions ------------------------------------------------------------------------------------

-- Reads every index that a transition writes, so that what cannot be written shows before.
local function check_indexes(n, from, to)
  redis.call('ZCARD', n.status .. from)
  redis.call('ZCARD', n.status .. to)
  redis.call('ZCARD', n.cleanups)
  redis.call('ZCARD', n.leases)
  redis.call('ZCARD', n.finals)
  redis.call('XLEN', n.feed)
end

-- Notifies running kills of an agent that became final before they reached it. Set by kills.lua.
local notify_kills

-- Writes a transition that has been found legal; check_indexes comes first.
--   agent   its fields, which are brought up to date
--   m       to, final (true or false), delay (of the cleanup, in ms), ms, and error, reason, actor,
--           kill where they are known
--   answer  {event id, ms, from}
local function transition(n, id, agent, m)
  local at, from = int(m.ms), agent[STATUS]
  local version = int(tonumber(agent[VERSION]) + 1)
  if m.final then notify_kills(n, id, agent, m.kill) end
  local event = append(n, {
    type = 'agent.' .. m.to, agent = id, task = agent[TASK], ms = m.ms, error = m.error,
    version = version, from = from, to = m.to, reason = m.reason, actor = m.actor, kill = m.kill,
    labels = agent[LABELS],
  })
  local hash = {
    'status', m.to, 'version', version, 't' .. version, event .. ' ' .. at .. ' ' .. from .. ' ' .. m.to,
  }
  agent[STATUS], agent[VERSION] = m.to, version
  if m.to == 'running' and not agent[STARTED] then agent[STARTED] = at; put(hash, 'started', at) end
  if m.error then agent[ERROR] = m.error; put(hash, 'error', m.error) end
  put(hash, 'reason' .. version, m.reason)
  put(hash, 'actor' .. version, m.actor)
  put(hash, 'kill' .. version, m.kill)
  if m.final then
    agent[COMPLETED] = at
    put(hash, 'completed', at)
    put(hash, 'cleanup', int(m.ms + m.delay))
    redis.call('ZADD', n.cleanups, int(m.ms + m.delay), id)
    redis.call('ZADD', n.finals, at, id)
    redis.call('ZREM', n.leases, id)
  elseif agent[LEASE] then
    put(hash, 'expires', int(m.ms + agent[LEASE]))
    redis.call('ZADD', n.leases, int(m.ms + agent[LEASE]), id)
  end
  redis.call('HSET', n.agent .. id, unpack(hash))
  redis.call('ZREM', n.status .. from, id)
  redis.call('ZADD', n.status .. m.to, agent[SEQ], id)
  return {event, at, from}
end

-- One version of one life of an agent, as AgentVersion in Java: the sequence alone may be assigned again
-- after a restore or a failover.
local function version_of(agent)
  return agent[SEQ] .. '.' .. (agent[SPAWNED] or '') .. '-' .. agent[VERSION]
end

-- Moves an agent.
--   ARGV    id, to, 'final' or '', cleanup delay in ms, legal sources (comma list),
--           expected versions (comma list of version_of, '' matches none, '*' any), error (or ''), reason (or ''),
--           actor (or ''), idempotency key (or ''), fingerprint of the text, how long its answer is
--           kept in ms, fingerprint of the content
--   answer  {'ok' or 'again', event id, ms, from, agent fields} | {'illegal', status}
--           | {'stale', version} | {'missing'} | {'reused'}
local function move(keys, args)
  local n = names(keys[1])
  local id, to = args[1], args[2]
  local reply = once(n, args[10], args[11], args[13], args[12], function()
    local agent = read_agent(n, id)
    if not agent then return {'missing'} end
    if args[6] ~= '*' and not holds(args[6], version_of(agent)) then return {'stale', agent[VERSION]} end
    if not holds(args[5], agent[STATUS]) then return {'illegal', agent[STATUS]} end
    check_indexes(n, agent[STATUS], to)
    local moved = transition(n, id, agent, {
      to = to, final = args[3] == 'final', delay = tonumber(args[4]), ms = now_ms(),
      error = given(args[7]), reason = given(args[8]), actor = given(args[9]),
    })
    return {'ok', moved[1], moved[2], moved[3], agent}
  end)
  if reply[1] == 'again' then add_constant_fields(n, id, reply[5]) end
  return reply
end

-- One agent.
--   ARGV    id
--   answer  agent fields | {} where there is none
local function find(keys, args)
  return read_agent(names(keys[1]), args[1]) or {}
end

-- More fields than the transition table allows: the version is damaged.
local MAX_HISTORY_FIELDS = 3000

-- What happened to an agent.
--   ARGV    id
--   answer  {} where there is none | {error or nil, then for each version: t<v>, reason or nil,
--           actor or nil}
local function history(keys, args)
  local n = names(keys[1])
  local agent = read_agent(n, args[1])
  if not agent then return {} end
  local fields = {}
  for version = 1, tonumber(agent[VERSION]) do
    for _, field in ipairs({'t', 'reason', 'actor'}) do fields[#fields + 1] = field .. version end
    if #fields > MAX_HISTORY_FIELDS then damage(args[1]) end
  end
  local values = redis.call('HMGET', n.agent .. args[1], unpack(fields))
  table.insert(values, 1, agent[ERROR])
  return values
end

-- Indexes, for listings and bulk kills ----------------------------------------------------------

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

-- Of several filters, each a list of indexes, the one with the fewest entries.
local function fewest(filters)
  local lead, size = nil, math.huge
  for _, indexes in ipairs(filters) do
    local entries = 0
    for _, index in ipairs(indexes) do entries = entries + redis.call('ZCARD', index) end
    if entries < size then lead, size = indexes, entries end
  end
  return lead
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

-- The library ------------------------------------------------------------------------------------

-- Changes nothing, but is rejected if a change would be: by a replica, a full store or a failing store.
--   answer  {'ok'}
local function ready()
  return {'ok'}
end

local function register_reading(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'no-writes'}}
end

-- For a function that frees memory or needs next to none.
local function register_in_full_store(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'allow-oom'}}
end

redis.register_function('agents_v1_register', register)
redis.register_function('agents_v1_move', move)
redis.register_function('agents_v1_ready', ready)
register_reading('agents_v1_find', find)
register_reading('agents_v1_history', history)
register_reading('agents_v1_stats', stats)
