#!lua name=agents_v1
--[[
The function library of the agent lifecycle service. Each function is one atomic step.

Keys. Every function receives one key, KEYS[1]: the hash tag of the namespace, "{agents}". Only `keys_of`
builds the names of the other keys. All of them have this hash tag and are therefore in one slot:

  {ns}:seq                counter: the spawn sequence, the score of every index of agents
  {ns}:agent:<id>         hash: an agent, its history and its session (see below)
  {ns}:agents             zset: every agent
  {ns}:status:<status>    zset: the agents in that status
  {ns}:task:<taskId>      zset: the agents of that task
  {ns}:label:<key>:<val>  zset: the agents with that label
  {ns}:sessions           zset: the agents whose session is open
  {ns}:cleanups           zset: the agents whose session waits for its cleanup, by due time in ms
  {ns}:feed               stream: every event, {event = JSON without its id, labels = the agent's
                          labels (JSON), if it has any}
  {ns}:forwarded          id of the last event that was published on the channel
  {ns}:leases             zset: the agents with a lease, by its deadline in ms
  {ns}:swept              time of the last lease sweep, in ms
  {ns}:confirmed          counter: the confirmations by replicas
  {ns}:outages            string: the last outages, "<start>-<end> …" in ms, in which no client could renew a lease
  {ns}:grace              end of the last outage in ms, for servers of an older release
  {ns}:shortening         cursor of the check of all leases after the clock went back
  {ns}:damaged            zset: the agents whose record cannot be read, by the time in ms of the detection
  {ns}:checked            spawn sequence up to which the records of agents have been checked
  {ns}:finals             zset: the final agents, by the time in ms of their final transition
  {ns}:deadlines          zset: the agents with a deadline, by the time in ms of its next check (see supervision.lua)
  {ns}:waiting            zset: the agents that wait for somebody
  {ns}:children:<id>      zset: the children of that agent
  {ns}:tree:<id>          zset: that agent and all its descendants, if it has any
  {ns}:dependents:<id>    zset: the children that are killed when that agent ends
  {ns}:ended-parents      zset: the final agents whose dependents are not all killed yet, by the time in ms
  {ns}:kills              zset: the running bulk kills, by their start in ms
  {ns}:kills-extended     zset: those with a tree or a grace period, which servers of an older release must not run
  {ns}:stopping           zset: the bulk kills that wait for agents to stop, by the time in ms at which they end
  {ns}:kill:<killId>      hash: a bulk kill (see kills.lua)
  {ns}:admission          hash: open (1 or 0), max
  {ns}:once:<key>         hash: a call with that idempotency key: answer (the reply), content (fingerprint of the
                          content of the request) and fingerprint (of its text; all that earlier
                          releases store and compare)

An agent's hash: task, status, version, seq, spawned, started, completed, error, labels (JSON), metadata
(the client's text), result (the client's text), links (JSON) and, for each version v, t<v> = "<event id> <ms> <from
or -> <to>", reason<v>, actor<v>, kill<v>. With a lease it has lease (its length in ms), expires (its
deadline), after an outage extended (the deadline and the one before the outage), and after a heartbeat beat. While its
session is open it has context (the client's text) and, once it is final, cleanup.
After its session has ended it has confirmed: 1 if the runner ended it, 0 if the cleanup did.
With progress it has progress (JSON) and progressed (the time of its last change). An agent that uses any other part
of the supervision has supervised (1) and the fields that supervision.lua lists.
History and session are in the hash, so that they are deleted with the agent and need no further key.

Rules
  - A function does not roll back. Every check comes before the first write. So does a read of every key
    that will be written, because it fails if the key has a wrong type: of the keys with fixed names once for
    each loaded library (check_fixed_keys), of the others in each call.
  - The legal transitions are not defined here. They are arguments.
  - Times are those of the store's clock, integers in ms.
  - An absent optional argument is the empty string. Absent arguments at the end are not sent.

Releases run side by side. A server appends a hash of the text to the library's name and to the names of
its functions when it loads the library (agents_v1_<hash>), so each release calls its own functions. All
releases share the keys: their names and the meaning of their fields must stay readable for the previous
release. The text as it is can be loaded too; its functions then have no hash in their names.
]]

-- The names of the keys by hash tag. They are built once, because every call needs them.
local keys_by_tag = {}

local function keys_of(hash_tag)
  local k = keys_by_tag[hash_tag]
  if k then
    k.running_kills = nil -- of the previous call
    return k
  end
  k = {
    seq = hash_tag .. ':seq',
    agent = hash_tag .. ':agent:',
    agents = hash_tag .. ':agents',
    status = hash_tag .. ':status:',
    task = hash_tag .. ':task:',
    label = hash_tag .. ':label:',
    sessions = hash_tag .. ':sessions',
    cleanups = hash_tag .. ':cleanups',
    feed = hash_tag .. ':feed',
    forwarded = hash_tag .. ':forwarded',
    leases = hash_tag .. ':leases',
    swept = hash_tag .. ':swept',
    confirmed = hash_tag .. ':confirmed',
    outages = hash_tag .. ':outages',
    grace = hash_tag .. ':grace',
    shortening = hash_tag .. ':shortening',
    damaged = hash_tag .. ':damaged',
    checked = hash_tag .. ':checked',
    finals = hash_tag .. ':finals',
    deadlines = hash_tag .. ':deadlines',
    waiting = hash_tag .. ':waiting',
    children = hash_tag .. ':children:',
    tree = hash_tag .. ':tree:',
    dependents = hash_tag .. ':dependents:',
    ended_parents = hash_tag .. ':ended-parents',
    kills = hash_tag .. ':kills',
    kills_extended = hash_tag .. ':kills-extended',
    stopping = hash_tag .. ':stopping',
    kill = hash_tag .. ':kill:',
    admission = hash_tag .. ':admission',
    idempotency = hash_tag .. ':once:',
  }
  keys_by_tag[hash_tag] = k
  return k
end

-- Time -------------------------------------------------------------------------------------------

local DAY_S = 86400

-- The texts of 0 to 999, with three digits.
local THREE_DIGITS = {}
for number = 0, 999 do
  THREE_DIGITS[number] = (number < 10 and '00' or number < 100 and '0' or '') .. number
end

-- Returns the time of the store's clock in ms, as a number and as text.
local function now_ms()
  local time = redis.call('TIME')
  local text = time[1] .. THREE_DIGITS[(time[2] - time[2] % 1000) / 1000]
  return tonumber(text), text
end

-- Formats a number as a decimal integer: the conversion of Lua formats a large one as 1.7e+12.
local function format_int(number)
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

-- Cache of the last formatted second: nearly every call formats the same second.
local cached_second, cached_text

-- Formats a time as ISO-8601 in UTC with milliseconds.
local function iso(ms)
  local of_second = ms % 1000
  local second = (ms - of_second) / 1000
  if second ~= cached_second then
    local of_day = second % DAY_S
    cached_second, cached_text = second, string.format('%sT%02d:%02d:%02d.', date(math.floor(second / DAY_S)),
      math.floor(of_day / 3600), math.floor(of_day / 60) % 60, of_day % 60)
  end
  return cached_text .. THREE_DIGITS[of_second] .. 'Z'
end

-- Agents and events ------------------------------------------------------------------------------

-- The fields of an agent. Stored replies have them in this order, which all releases share.
local AGENT_FIELDS = {
  'status', 'version', 'task', 'spawned', 'started', 'completed', 'error', 'labels', 'metadata', 'seq',
  'lease', 'confirmed', 'result', 'links', 'supervised',
}
local STATUS, VERSION, TASK, SPAWNED, STARTED, COMPLETED, ERROR, LABELS, METADATA, SEQ,
  LEASE, CONFIRMED, RESULT, LINKS, SUPERVISED = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15

-- The next fields of an agent that is supervised. They are read separately, because most agents have none.
--   ancestors    the ids of the root … the parent, separated by '/'
--   waiting      JSON of what the agent waits for, without its time
--   stop_by      deadline in ms of a requested stop
--   stop_kills   the bulk kills that requested the stop, separated by spaces
local SUPERVISION_FIELDS = {'start_timeout', 'run_timeout', 'ancestors', 'waiting', 'stop_by', 'stop_kills'}
local START_TIMEOUT, RUN_TIMEOUT, ANCESTORS, WAITING, STOP_BY, STOP_KILLS = 16, 17, 18, 19, 20, 21

-- The statuses; true if an agent in this status has a time of completion.
local COMPLETES = {spawning = false, running = false, completed = true, failed = true, killed = true}

-- The maximum number of digits that a number in Lua and in Java can have.
local MAX_DIGITS = 15

-- Returns whether the fields of an agent are valid. One pattern checks all numbers, because a pattern for each
-- number costs more than the read of the fields.
local function is_readable(agent)
  local completes, completed = COMPLETES[agent[STATUS]], agent[COMPLETED]
  local version, seq, spawned = agent[VERSION], agent[SEQ], agent[SPAWNED]
  if completes ~= (completed and true or false) or not (agent[TASK] and version and seq and spawned) then
    return false
  end
  local started, lease = agent[STARTED] or '0', agent[LEASE] or '0'
  completed = completed or '0'
  return #version <= MAX_DIGITS and #seq <= MAX_DIGITS and #spawned <= MAX_DIGITS and #started <= MAX_DIGITS
    and #completed <= MAX_DIGITS and #lease <= MAX_DIGITS
    and string.find(version .. ' ' .. seq .. ' ' .. spawned .. ' ' .. started .. ' ' .. completed .. ' ' .. lease,
      '^%d+ %d+ %d+ %d+ %d+ %d+$') ~= nil
end

local function is_number_or_absent(text)
  return not text or (#text <= MAX_DIGITS and string.find(text, '^%d+$') ~= nil)
end

-- Reads the fields of the supervision into an agent. Returns whether they are valid.
local function read_supervision(k, id, agent)
  local fields = redis.call('HMGET', k.agent .. id, unpack(SUPERVISION_FIELDS))
  for i = 1, #SUPERVISION_FIELDS do agent[SUPERVISED + i] = fields[i] end
  return is_number_or_absent(fields[1]) and is_number_or_absent(fields[2]) and is_number_or_absent(fields[5])
end

-- Reads an agent.
--   returns  its fields in that order, or nil; true if there is a record that cannot be read
local function try_read_agent(k, id)
  local agent = redis.pcall('HMGET', k.agent .. id, unpack(AGENT_FIELDS))
  if agent.err then return nil, true end -- a key of another type
  if is_readable(agent) and (not agent[SUPERVISED] or read_supervision(k, id, agent)) then return agent, false end
  return nil, redis.call('EXISTS', k.agent .. id) == 1
end

-- Returns the fields of an agent as one text, because each element of a reply costs time. Java splits it at the
-- NUL characters. Only the error, which is the last field, may contain one.
local function agent_text(agent)
  return agent[STATUS] .. '\0' .. agent[VERSION] .. '\0' .. agent[TASK] .. '\0' .. agent[SPAWNED] .. '\0'
    .. (agent[STARTED] or '') .. '\0' .. (agent[COMPLETED] or '') .. '\0' .. agent[SEQ] .. '\0'
    .. (agent[LEASE] or '') .. '\0' .. (agent[CONFIRMED] or '') .. '\0' .. (agent[LABELS] or '') .. '\0'
    .. (agent[METADATA] or '') .. '\0' .. (agent[RESULT] or '') .. '\0' .. (agent[LINKS] or '')
    .. (agent[SUPERVISED] and '\0' .. (agent[START_TIMEOUT] or '') .. '\0' .. (agent[RUN_TIMEOUT] or '') .. '\0'
      .. (agent[ANCESTORS] or '') .. '\0' or '\0\0\0\0')
    .. (agent[ERROR] or '')
end

local function damage(id)
  error('the record of agent ' .. id .. ' is damaged')
end

-- Reads an agent; nil if there is none. A damaged record is an error, before the first write.
local function read_agent(k, id)
  local agent, is_damaged = try_read_agent(k, id)
  if is_damaged then damage(id) end
  return agent
end

-- Returns a JSON string. cjson escapes slashes too, which is valid but hard to read.
local function json_string(text)
  return (string.gsub(cjson.encode(text), '\\/', '/'))
end

-- Appends an event to the feed and returns its id. The labels of the agent, by which followers filter, are a
-- second field; the event itself does not contain them. Ids, statuses and types contain no character that JSON
-- escapes. The parameters are not a table, because a table costs as much as a command.
--   agent      its fields
--   from, to   the statuses of a transition, or nil
--   error, reason, actor, kill, confirmed   optional
--   more       further members as JSON, ',"name":value', or nil
local function append_event(k, event_type, id, agent, ms, version, from, to, error, reason, actor, kill, confirmed,
    more)
  local json = '{"type":"' .. event_type .. '","agentId":"' .. id .. '","taskId":"' .. agent[TASK]
    .. '","timestamp":"' .. iso(ms)
    .. (error and '","error":' .. json_string(error) .. ',"version":' or '","version":') .. version
    .. (from and ',"from":"' .. from .. '"' or '')
    .. (to and ',"to":"' .. to .. '"' or '')
    .. (reason and ',"reason":' .. json_string(reason) or '')
    .. (actor and ',"actor":' .. json_string(actor) or '')
    .. (kill and ',"killId":"' .. kill .. '"' or '')
    .. (confirmed ~= nil and ',"confirmed":' .. tostring(confirmed) or '')
    .. (more or '') .. '}'
  if not agent[LABELS] then return redis.call('XADD', k.feed, '*', 'event', json) end
  return redis.call('XADD', k.feed, '*', 'event', json, 'labels', agent[LABELS])
end

local function non_empty(argument)
  return argument ~= '' and argument or nil
end

-- Adds a field to the arguments of HSET, if there is a value.
local function add_field(hash, field, value)
  if value then hash[#hash + 1] = field; hash[#hash + 1] = value end
end

local function csv_contains(csv, word)
  return csv == word or string.find(',' .. csv .. ',', ',' .. word .. ',', 1, true) ~= nil
end

-- The longest time for which an idempotency record is kept, in ms: ten years. A longer one would exceed the
-- range of an expiry time, after the writes of the call.
local MAX_IDEMPOTENCY_MS = 315360000000

-- Returns the reply without the large fields of its agent that never change after this reply: a replay reads them
-- from the agent.
local function without_constant_fields(reply)
  if type(reply[5]) ~= 'table' then return reply end
  local fields = {unpack(reply[5], 1, reply[5][SUPERVISED] and ANCESTORS or #AGENT_FIELDS)}
  fields[LABELS], fields[METADATA], fields[RESULT], fields[LINKS] = false, false, false, false
  return {reply[1], reply[2], reply[3], reply[4], fields}
end

-- Adds the missing fields to the agent of a replayed reply. They are missing if the agent was purged. The result
-- and the links belong to a final status.
local function add_constant_fields(k, id, agent)
  local now = try_read_agent(k, id)
  if now and now[SEQ] == agent[SEQ] and now[SPAWNED] == agent[SPAWNED] then
    agent[LABELS], agent[METADATA] = now[LABELS], now[METADATA]
    if COMPLETES[agent[STATUS]] then agent[RESULT], agent[LINKS] = now[RESULT], now[LINKS] end
  end
end

-- Executes a call once for its idempotency key. A repeated call returns the stored reply. The reply is stored
-- in the same atomic step as the change. A rejection is not stored.
--   key          the key; '' or nil for a call without one
--   fingerprint  fingerprint of the text of the request
--   content      fingerprint of its content; records of earlier releases lack it
--   retention    how long the reply is stored, in ms
--   call         receives k and args; returns a reply that starts with 'ok' if it changed something
--   returns      the reply of the call; a stored one starts with 'replayed' | {'reused'}
local function idempotent(k, key, fingerprint, content, retention, call, args)
  if not non_empty(key) then return call(k, args) end
  local stored = redis.call('HMGET', k.idempotency .. key, 'fingerprint', 'answer', 'content')
  if not stored[1] then
    local reply = call(k, args)
    if reply[1] == 'ok' then
      redis.call('HSET', k.idempotency .. key, 'fingerprint', fingerprint, 'content', content,
        'answer', cmsgpack.pack(without_constant_fields(reply)))
      redis.call('PEXPIRE', k.idempotency .. key, format_int(math.min(tonumber(retention), MAX_IDEMPOTENCY_MS)))
    end
    return reply
  end
  -- The same text has the same content. It decides for a record that another release stored.
  if stored[3] ~= content and stored[1] ~= fingerprint then return {'reused'} end
  local reply = cmsgpack.unpack(stored[2])
  reply[1] = 'replayed'
  return reply
end

-- Returns whether registration is open, and the limit of active agents (0: no limit).
local function read_admission(k, default_max)
  local set = redis.call('HMGET', k.admission, 'open', 'max')
  return set[1] ~= '0', tonumber(set[2] or default_max)
end

local function count_active(k)
  return redis.call('ZCARD', k.status .. 'spawning') + redis.call('ZCARD', k.status .. 'running')
end

-- Adds the indexes of an agent with ancestors to a list: the tree of each ancestor, and the children of its parent.
-- Returns the parent.
local function add_family_indexes(k, ancestors, indexes)
  local parent
  for ancestor in string.gmatch(ancestors, '[^/]+') do
    indexes[#indexes + 1] = k.tree .. ancestor
    parent = ancestor
  end
  if parent then indexes[#indexes + 1] = k.children .. parent end
  return parent
end

-- Removes an agent with every index entry. A key of a wrong type does not stop the removal. An ended parent stays
-- in the index of ended parents until its dependents are killed.
--   task, labels, ancestors   from the record; nil if unknown or absent
local function remove(k, id, task, labels, ancestors)
  local indexes = {
    k.agents, k.status .. 'spawning', k.status .. 'running', k.status .. 'completed', k.status .. 'failed',
    k.status .. 'killed', k.sessions, k.cleanups, k.leases, k.finals, k.damaged, k.deadlines, k.waiting,
    k.tree .. id,
  }
  if task then indexes[#indexes + 1] = k.task .. task end
  local parent = ancestors and add_family_indexes(k, ancestors, indexes)
  if parent then indexes[#indexes + 1] = k.dependents .. parent end
  local ok, decoded = pcall(cjson.decode, labels or '{}')
  if ok and type(decoded) == 'table' then
    for key, value in pairs(decoded) do
      indexes[#indexes + 1] = k.label .. key .. ':' .. tostring(value)
    end
  end
  for _, index in ipairs(indexes) do redis.pcall('ZREM', index, id) end
  redis.call('DEL', k.agent .. id)
end

-- Removes the index entries of an agent whose record is lost. The entries of its task and labels are
-- unknown and remain; listings skip them.
local function forget(k, id)
  remove(k, id, nil, nil)
end

-- Records a damaged agent; adds its id to `found` if it was not known before.
local function note_damaged(k, id, ms, found)
  if redis.call('ZADD', k.damaged, 'NX', format_int(ms), id) == 1 then found[#found + 1] = id end
end

-- Reads every key with a fixed name. A key of a wrong type fails here, before the first write. It is sufficient
-- once for each loaded library: only a manual change gives a key another type.
local function check_fixed_keys(k)
  if k.checked_types then return end
  for status in pairs(COMPLETES) do redis.call('ZCARD', k.status .. status) end
  for _, index in ipairs({
    k.agents, k.sessions, k.cleanups, k.leases, k.finals, k.damaged, k.kills, k.kills_extended, k.stopping,
    k.deadlines, k.waiting, k.ended_parents,
  }) do
    redis.call('ZCARD', index)
  end
  redis.call('XLEN', k.feed)
  k.checked_types = true
end

-- The maximum number of ancestors of an agent.
local MAX_DEPTH = 16

-- Reads the parent of a new agent. An agent that was requested to stop gets no more children: otherwise a kill of its
-- tree would never end.
--   returns  the parent, or nil; the ancestors of the new agent, or the rejection
local function read_parent(k, id)
  local parent = read_agent(k, id)
  if not parent or COMPLETES[parent[STATUS]] or parent[STOP_BY] then return nil, 'parent-not-active' end
  local ancestors = parent[ANCESTORS] and parent[ANCESTORS] .. '/' .. id or id
  local _, separators = string.gsub(ancestors, '/', '')
  if separators >= MAX_DEPTH then return nil, 'too-deep' end
  return parent, ancestors
end

-- The next time at which the deadlines of an agent must be checked. Set by supervision.lua.
local next_check

local function register_agent(k, args)
  local id, task, labels, lease = args[1], args[2], non_empty(args[3]), non_empty(args[6])
  local start_timeout, run_timeout, parent_id = non_empty(args[8]), non_empty(args[9]), non_empty(args[10])
  if redis.call('EXISTS', k.agent .. id) == 1 then return {'exists'} end
  local parent, ancestors
  if parent_id then
    parent, ancestors = read_parent(k, parent_id)
    if not parent then return {ancestors} end
  end
  local open, max = read_admission(k, args[7])
  if not open then return {'closed'} end
  if max > 0 and count_active(k) >= max then return {'limit', format_int(max)} end

  check_fixed_keys(k)
  local indexes = {k.task .. task}
  if labels then
    for key, value in pairs(cjson.decode(labels)) do
      indexes[#indexes + 1] = k.label .. key .. ':' .. value
    end
  end
  -- Descendants of an earlier life of the id may still exist.
  if redis.call('EXISTS', k.tree .. id) == 1 then indexes[#indexes + 1] = k.tree .. id end
  if parent then
    add_family_indexes(k, ancestors, indexes)
    if args[11] == '1' then indexes[#indexes + 1] = k.dependents .. parent_id end
  end
  for _, index in ipairs(indexes) do redis.call('ZCARD', index) end

  local ms, at = now_ms()
  local seq = redis.call('INCR', k.seq)
  if redis.call('ZADD', k.agents, 'NX', seq, id) == 0 then
    -- The record of an earlier life of the id was lost. Its entries must not affect this one.
    forget(k, id)
    redis.call('ZADD', k.agents, seq, id)
  end
  local event = append_event(k, 'agent.spawned', id, {[TASK] = task, [LABELS] = labels}, ms, '1', nil, 'spawning')
  local hash = {
    'task', task, 'status', 'spawning', 'version', '1', 'seq', seq, 'spawned', at,
    't1', event .. ' ' .. at .. ' - spawning',
  }
  add_field(hash, 'labels', labels)
  add_field(hash, 'metadata', non_empty(args[4]))
  add_field(hash, 'context', non_empty(args[5]))
  if lease then
    local deadline = format_int(ms + lease)
    add_field(hash, 'lease', lease)
    add_field(hash, 'expires', deadline)
    redis.call('ZADD', k.leases, deadline, id)
  end
  if start_timeout or run_timeout or parent then
    add_field(hash, 'supervised', '1')
    add_field(hash, 'start_timeout', start_timeout)
    add_field(hash, 'run_timeout', run_timeout)
    add_field(hash, 'ancestors', ancestors)
    local check = next_check(
      {[STATUS] = 'spawning', [SPAWNED] = at, [START_TIMEOUT] = start_timeout, [RUN_TIMEOUT] = run_timeout}, ms)
    if check then redis.call('ZADD', k.deadlines, format_int(check), id) end
  end
  redis.call('HSET', k.agent .. id, unpack(hash))
  redis.call('ZADD', k.status .. 'spawning', seq, id)
  redis.call('ZADD', k.sessions, seq, id)
  for _, index in ipairs(indexes) do redis.call('ZADD', index, seq, id) end
  if parent then
    redis.call('ZADD', k.tree .. parent_id, parent[SEQ], parent_id)
    redis.call('HSET', k.agent .. parent_id, 'supervised', '1')
  end
  local reply = {'ok', event, at, id, format_int(seq)}
  if start_timeout or run_timeout or parent then
    reply[6], reply[7], reply[8] = ancestors or false, start_timeout or false, run_timeout or false
  end
  return reply
end

-- Registers an agent in status spawning and opens its session. The indexes count the active agents, so
-- that a crash cannot make the count wrong.
--   ARGV    id, task, labels (JSON object or ''), metadata (or ''), session context (or ''), lease in
--           ms (or ''), default limit of active agents, start timeout and run timeout in ms (or ''), parent (or ''),
--           '1' if the agent is killed when its parent ends (or ''), idempotency key (or ''), fingerprint of the
--           text, retention of the reply in ms, fingerprint of the content
--   reply   {'ok' or 'replayed', event id, ms, id, seq}, for a supervised agent with {…, ancestors or nil, start
--           timeout or nil, run timeout or nil}
--           | {'exists'} | {'parent-not-active'} | {'too-deep'} | {'closed'} | {'limit', limit} | {'reused'}
local function register(keys, args)
  local k = keys_of(keys[1])
  return idempotent(k, args[12], args[13], args[15], args[14], register_agent, args)
end

-- Transitions ------------------------------------------------------------------------------------

-- Notifies running kills of an agent that became final before they reached it. Set by kills.lua.
local notify_kills

-- Updates the indexes of a supervised agent after a transition. Set by supervision.lua.
local supervise

-- The next versions of most agents, because formatting a number costs more than a lookup.
local NEXT_VERSIONS = {['1'] = '2', ['2'] = '3'}

-- Writes a legal transition. The caller must call check_fixed_keys before.
--   agent    its fields, which are updated
--   delay    delay of the cleanup in ms; nil if `to` is not final
--   ms, at   the time in ms, as a number and as text
--   error, reason, actor, kill, result, links   optional
--   returns  event id, status before
local function apply_transition(k, id, agent, to, delay, ms, at, error, reason, actor, kill, result, links)
  local from = agent[STATUS]
  local version = NEXT_VERSIONS[agent[VERSION]] or format_int(agent[VERSION] + 1)
  if delay then notify_kills(k, id, agent, kill) end
  local event_id = append_event(k, 'agent.' .. to, id, agent, ms, version, from, to, error, reason, actor, kill)
  local step = event_id .. ' ' .. at .. ' ' .. from .. ' ' .. to
  agent[STATUS], agent[VERSION] = to, version
  local hash
  if delay then
    local cleanup = format_int(ms + delay)
    agent[COMPLETED] = at
    hash = {'status', to, 'version', version, 't' .. version, step, 'completed', at, 'cleanup', cleanup}
    if error then agent[ERROR] = error; add_field(hash, 'error', error) end
    if result then agent[RESULT] = result; add_field(hash, 'result', result) end
    if links then agent[LINKS] = links; add_field(hash, 'links', links) end
    redis.call('ZADD', k.cleanups, cleanup, id)
    redis.call('ZADD', k.finals, at, id)
    if agent[LEASE] then redis.call('ZREM', k.leases, id) end
  else
    agent[STARTED] = agent[STARTED] or at
    hash = {'status', to, 'version', version, 't' .. version, step, 'started', agent[STARTED]}
    if agent[LEASE] then
      local deadline = format_int(ms + agent[LEASE])
      add_field(hash, 'expires', deadline)
      redis.call('ZADD', k.leases, deadline, id)
    end
  end
  add_field(hash, 'reason' .. version, reason)
  add_field(hash, 'actor' .. version, actor)
  add_field(hash, 'kill' .. version, kill)
  redis.call('HSET', k.agent .. id, unpack(hash))
  redis.call('ZREM', k.status .. from, id)
  redis.call('ZADD', k.status .. to, agent[SEQ], id)
  if agent[SUPERVISED] then supervise(k, id, agent, ms) end
  return event_id, from
end

-- Returns the version of an agent as AgentVersion in Java does. The sequence alone does not identify a life:
-- it may be assigned again after a restore or a failover.
local function version_of(agent)
  return agent[SEQ] .. '.' .. (agent[SPAWNED] or '') .. '-' .. agent[VERSION]
end

local function move_agent(k, args)
  local id, to, expected = args[1], args[2], args[5] or ''
  local agent = read_agent(k, id)
  if not agent then return {'missing'} end
  if expected ~= '*' and expected ~= agent[VERSION] and not csv_contains(expected, version_of(agent)) then
    return {'stale', agent[VERSION]}
  end
  if not csv_contains(args[4], agent[STATUS]) then return {'illegal', agent[STATUS]} end
  check_fixed_keys(k)
  local ms, at = now_ms()
  local event_id, from = apply_transition(k, id, agent, to, non_empty(args[3]), ms, at,
    non_empty(args[6]), non_empty(args[7]), non_empty(args[8]), nil, non_empty(args[9]), non_empty(args[10]))
  return {'ok', event_id, at, from, agent}
end

-- Moves an agent.
--   ARGV    id, to, cleanup delay in ms if `to` is final (or ''), legal sources (comma list),
--           expected versions (comma list of version_of; the version alone, of any life of the id; '' matches
--           none, '*' any), error (or ''), reason (or ''), actor (or ''), result (JSON or ''),
--           links (JSON array or ''), idempotency key (or ''), fingerprint of the text, retention of the reply in
--           ms, fingerprint of the content
--   reply   {'ok' or 'replayed', event id, ms, from, agent_text} | {'illegal', status}
--           | {'stale', version} | {'missing'} | {'reused'}
local function move(keys, args)
  local k = keys_of(keys[1])
  local reply = idempotent(k, args[11], args[12], args[14], args[13], move_agent, args)
  if reply[1] == 'replayed' then add_constant_fields(k, args[1], reply[5]) end
  if reply[5] then reply[5] = agent_text(reply[5]) end
  return reply
end

-- Returns one agent.
--   ARGV    id
--   reply   agent_text | {} if there is none
local function find(keys, args)
  local agent = read_agent(keys_of(keys[1]), args[1])
  return agent and agent_text(agent) or {}
end

-- More fields than any legal history has: the version is damaged.
local MAX_HISTORY_FIELDS = 3000

-- Returns the history of an agent.
--   ARGV    id
--   reply   {} if there is no agent | {error or nil, then for each version: t<v>, reason or nil, actor or nil}
local function history(keys, args)
  local k = keys_of(keys[1])
  local agent = read_agent(k, args[1])
  if not agent then return {} end
  local fields = {}
  for version = 1, tonumber(agent[VERSION]) do
    for _, field in ipairs({'t', 'reason', 'actor'}) do fields[#fields + 1] = field .. version end
    if #fields > MAX_HISTORY_FIELDS then damage(args[1]) end
  end
  local values = redis.call('HMGET', k.agent .. args[1], unpack(fields))
  table.insert(values, 1, agent[ERROR])
  return values
end

-- Indexes, for listings and bulk kills ----------------------------------------------------------

-- Returns the next entries of several indexes below `before`, newest first, as {id, score} pairs. It reads
-- `count` entries of each index, so that the first `count` of all are complete.
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

-- Returns the filter with the fewest entries. A filter is a list of indexes.
local function smallest(filters)
  local lead, size = nil, math.huge
  for _, indexes in ipairs(filters) do
    local entries = 0
    for _, index in ipairs(indexes) do entries = entries + redis.call('ZCARD', index) end
    if entries < size then lead, size = indexes, entries end
  end
  return lead
end

-- Returns the numbers of agents and sessions.
--   reply   counts: spawning, running, completed, failed, killed, open sessions, pending cleanups, waiting agents
local function stats(keys)
  local k = keys_of(keys[1])
  local counts = {}
  for _, status in ipairs({'spawning', 'running', 'completed', 'failed', 'killed'}) do
    counts[#counts + 1] = redis.call('ZCARD', k.status .. status)
  end
  counts[#counts + 1] = redis.call('ZCARD', k.sessions)
  counts[#counts + 1] = redis.call('ZCARD', k.cleanups)
  counts[#counts + 1] = redis.call('ZCARD', k.waiting)
  return counts
end

-- The library ------------------------------------------------------------------------------------

-- Changes nothing. It is rejected if a change would be rejected: by a replica, or by a full or failing store.
--   reply   {'ok'}
local function ready()
  return {'ok'}
end

-- Writes something, so that WAIT counts the replicas that have this and everything before it.
--   reply   {'ok'}
local function confirm(keys)
  redis.call('INCR', keys_of(keys[1]).confirmed)
  return {'ok'}
end

local function register_read_only(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'no-writes'}}
end

-- Registers a function that runs in a full store too, because it frees memory or needs very little.
local function register_in_full_store(name, callback)
  redis.register_function{function_name = name, callback = callback, flags = {'allow-oom'}}
end

redis.register_function('agents_v1_register', register)
redis.register_function('agents_v1_move', move)
redis.register_function('agents_v1_ready', ready)
register_in_full_store('agents_v1_confirm', confirm)
register_read_only('agents_v1_find', find)
register_read_only('agents_v1_history', history)
register_read_only('agents_v1_stats', stats)
