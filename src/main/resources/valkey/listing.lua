-- Listings: pages of agents that match indexes.

-- Limits of one call, so that no listing blocks the other calls: scanned index entries, entries for each
-- read of an index, and bytes of the agents in the page.
local MAX_SCANNED = 2000
local SCAN_STEP = 200
local MAX_PAGE_BYTES = 1048576

local function in_any_index(indexes, id)
  for _, index in ipairs(indexes) do
    if redis.call('ZSCORE', index, id) then return true end
  end
  return false
end

local function in_all_indexes(filters, lead, without, id)
  for _, indexes in ipairs(filters) do
    if indexes ~= lead and not in_any_index(indexes, id) then return false end
  end
  return not (without and redis.call('ZSCORE', without, id))
end

-- Returns whether a running agent waits for one of some kinds. A server of an older release may have ended it.
--   kinds   a comma list; 'any': all
local function is_waiting_for(agent, kinds)
  if agent[STATUS] ~= 'running' then return false end
  return kinds == 'any' or csv_contains(kinds, string.match(agent[WAITING] or '', '^{"for":"(%a+)"') or '-')
end

-- Returns whether the record matches the query. An entry of a lost earlier life of the same id may still be
-- in the index of another task or label.
local function matches_record(query, id, agent, seq)
  if tonumber(agent[SEQ]) ~= seq then return false end
  if query.statuses ~= '' and not csv_contains(query.statuses, agent[STATUS]) then return false end
  if query.task ~= '' and agent[TASK] ~= query.task then return false end
  if query.root ~= '' and (string.match(agent[ANCESTORS] or '', '^[^/]+') or id) ~= query.root then return false end
  if query.waiting_for and not is_waiting_for(agent, query.waiting_for) then return false end
  if #query.labels == 0 then return true end
  local ok, labels = pcall(cjson.decode, agent[LABELS] or '{}')
  if not ok or type(labels) ~= 'table' then return false end -- damaged labels match nothing
  for _, label in ipairs(query.labels) do
    if labels[label[1]] ~= label[2] then return false end
  end
  return true
end

-- Returns the open session of an agent for the page, with its context if that is included; nil after the
-- session has ended.
local function read_page_session(k, id, include)
  if not redis.call('ZSCORE', k.sessions, id) then return nil end
  return read_session(k, id, include == 'session.context' and SESSION_FIELDS or SESSION_FIELDS_OF_PAGE)
end

-- Returns whether a running agent has made no progress since a time.
local function is_stalled(k, id, since)
  local times = redis.pcall('HMGET', k.agent .. id, 'status', 'progressed', 'started')
  if times.err or times[1] ~= 'running' then return false end
  local last = tonumber(times[2] or times[3] or '')
  return last ~= nil and last <= since
end

-- Returns the size of a session in bytes.
local function size_of(session)
  local size = 0
  for _, field in ipairs(session) do size = size + #(field or '') end
  return size
end

-- Reads the query of a listing. Its filters are lists of indexes.
local function read_query(k, args)
  local query = {
    statuses = args[3] or '', task = args[4] or '', include = args[6] or '', root = args[10] or '', labels = {},
    filters = {}, stalled_since = non_empty(args[8]) and now_ms() - args[8],
  }
  local filters = query.filters
  if query.statuses ~= '' then
    local statuses = {}
    for status in string.gmatch(query.statuses, '[^,]+') do statuses[#statuses + 1] = k.status .. status end
    filters[#filters + 1] = statuses
  end
  if query.task ~= '' then filters[#filters + 1] = {k.task .. query.task} end
  if args[5] == 'true' then filters[#filters + 1] = {k.sessions} end
  if args[5] == 'false' then query.without = k.sessions end
  if non_empty(args[7]) then
    filters[#filters + 1] = {k.waiting}
    query.waiting_for = args[7]
  end
  if query.stalled_since then filters[#filters + 1] = {k.status .. 'running'} end
  if non_empty(args[9]) then filters[#filters + 1] = {k.children .. args[9]} end
  if query.root ~= '' then
    query.is_single = redis.call('EXISTS', k.tree .. query.root) == 0
    if not query.is_single then filters[#filters + 1] = {k.tree .. query.root} end
  end
  for i = 11, #args do
    local key, value = string.match(args[i], '^([^:]*):(.*)$')
    filters[#filters + 1] = {k.label .. key .. ':' .. value}
    query.labels[#query.labels + 1] = {key, value}
  end
  if #filters == 0 then filters[1] = {k.agents} end
  return query
end

-- Returns the next entries to check. A root without descendants is in no index of a tree.
local function next_of_query(k, query, lead, before)
  if not query.is_single then return next_entries(lead, before, SCAN_STEP) end
  local seq = tonumber(redis.call('ZSCORE', k.agents, query.root) or '')
  if seq and (before == '+inf' or seq < tonumber(before)) then return {{query.root, seq}} end
  return {}
end

-- Adds an entry to the page if it matches; false if the page is complete without it.
local function add_to_page(k, page, query, id, seq)
  if query.stalled_since and not is_stalled(k, id, query.stalled_since) then return true end
  local agent, damaged = try_read_agent(k, id)
  if damaged then page.unreadable[#page.unreadable + 1] = id end
  if not agent or not matches_record(query, id, agent, seq) then return true end
  local session = query.include ~= '' and read_page_session(k, id, query.include) or nil
  local text = agent_text(agent)
  local size = #text + (session and size_of(session) or 0)
  if #page.agents == page.limit or (#page.agents > 0 and page.bytes + size > MAX_PAGE_BYTES) then
    return false
  end
  page.bytes = page.bytes + size
  page.agents[#page.agents + 1] = {id, text, session}
  return true
end

-- Returns a page of the agents that all filters select, newest first. The filter with the fewest entries
-- leads, and the others are looked up for each of its entries. The page may hold fewer agents than the
-- limit, or none, and still have a next page.
--   ARGV    limit, before (a sequence number or '+inf'), statuses (comma list or ''), task (or ''),
--           session open ('true', 'false' or ''), include ('session', 'session.context' or ''), what the
--           agents wait for ('any', a comma list of kinds, or ''), time without progress in ms (or ''), parent (or ''),
--           root (or ''), labels as '<key>:<value>' …
--   reply   {position of the next page (a spawn sequence) or nil, {id of each agent whose record
--           cannot be read …}, {id, agent_text, and if it is included and open, the session: {each of
--           SESSION_FIELDS or nil …}} …}
local function list(keys, args)
  local k = keys_of(keys[1])
  local query = read_query(k, args)
  local lead = not query.is_single and smallest(query.filters) or nil
  local page = {limit = tonumber(args[1]), bytes = 0, agents = {}, unreadable = {}}
  local before, scanned, complete = args[2], 0, false
  while not complete and scanned < MAX_SCANNED do
    local entries = next_of_query(k, query, lead, before)
    for _, entry in ipairs(entries) do
      local id, seq = entry[1], entry[2]
      if in_all_indexes(query.filters, lead, query.without, id)
          and not add_to_page(k, page, query, id, seq) then
        complete = true
        break
      end
      before = format_int(seq)
    end
    scanned = scanned + SCAN_STEP
    if not complete and #entries < SCAN_STEP then
      before = false
      break
    end
  end
  return {before, page.unreadable, unpack(page.agents)}
end

register_read_only('agents_v1_list', list)
