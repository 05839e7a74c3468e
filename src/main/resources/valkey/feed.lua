-- The feed: reading it, and forwarding it to the channel.

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

register_in_full_store('agents_v1_forward', forward)
register_reading('agents_v1_read_feed', read_feed)
register_reading('agents_v1_newest', newest)
