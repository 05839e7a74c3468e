-- Listings: pages of agents, selected by indexes.

-- How many index entries one call looks at, so that no listing holds the store up.
local LOOKED_AT = 5000

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

  local lead = fewest(filters)
  local answer, looked_at = {false}, 0
  while #answer - 1 < want and looked_at < LOOKED_AT do
    local entries = next_entries(lead, before, want)
    for _, entry in ipairs(entries) do
      local id, selected = entry[1], true
      for _, indexes in ipairs(filters) do
        if indexes ~= lead and not in_any(indexes, id) then selected = false; break end
      end
      if without and selected and redis.call('ZSCORE', without, id) then selected = false end
      if selected and #answer - 1 < want then
        local agent = try_read_agent(n, id)
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

register_reading('agents_v1_list', list)
