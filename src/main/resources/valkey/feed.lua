-- The feed: reading it, and forwarding it to the channel.

-- Returns the value of a field of a stream entry, or nil. An entry that was not written by this library may have
-- other fields.
local function entry_field(entry, name)
  local fields = entry[2]
  for i = 1, #fields, 2 do
    if fields[i] == name then return fields[i + 1] end
  end
end

-- Calls `visit` with each entry after an id, oldest first, until `limit` entries were read. It reads a few
-- entries at first, and more while they are small, so that large entries are not read without need.
--   visit   receives an entry and returns its size in bytes
--   bytes   after an entry that exceeds this number of bytes in total, the reading ends
local function each_entry(feed, after, limit, bytes, visit)
  local read, size, count = 0, 0, 8
  while read < limit and size < bytes do
    count = math.min(count, limit - read)
    local entries = redis.call('XRANGE', feed, '(' .. after, '+', 'COUNT', count)
    for _, entry in ipairs(entries) do
      read, size, after = read + 1, size + visit(entry), entry[1]
      if size >= bytes then return end
    end
    if #entries < count then return true end
    count = math.min(count * 8, 256, math.max(1, math.floor((bytes - size) * read / size)))
  end
end

local function id_of_first(entries)
  return entries[1] and entries[1][1] or false
end

-- Returns the events after a position.
--   ARGV    the position, maximum number of events, maximum number of bytes
--   reply   {the feed's first id or nil, its last id or nil, 1 if the feed has an entry at the position,
--           then id, stored text or nil, labels or nil of each}
local function read_feed(keys, args)
  local feed, after = keys_of(keys[1]).feed, args[1]
  local reply = {
    id_of_first(redis.call('XRANGE', feed, '-', '+', 'COUNT', 1)),
    id_of_first(redis.call('XREVRANGE', feed, '+', '-', 'COUNT', 1)),
    #redis.call('XRANGE', feed, after, after, 'COUNT', 1),
  }
  each_entry(feed, after, tonumber(args[2]), tonumber(args[3]), function(entry)
    local text, labels = entry_field(entry, 'event'), entry_field(entry, 'labels')
    local size = #reply
    reply[size + 1], reply[size + 2], reply[size + 3] = entry[1], text or false, labels or false
    return #(text or '') + #(labels or '') + 32
  end)
  return reply
end

-- Returns the id of the last event.
--   reply   {the id of the last event} | {}
local function newest(keys)
  local last = redis.call('XREVRANGE', keys_of(keys[1]).feed, '+', '-', 'COUNT', 1)[1]
  return last and {last[1]} or {}
end

-- Maximum number of bytes that are published in a period, by all servers together. A subscriber whose
-- output buffer exceeds its limit (32 MB, or 8 MB for 60 s, by default) is disconnected by the store.
local FORWARD_BYTES, FORWARD_PERIOD_MS = 400000, 50

-- Bytes published in the current period, by hash tag. They need not survive a restart of the store.
local forwarded_bytes = {}

local function budget_of(hash_tag)
  local period = math.floor(now_ms() / FORWARD_PERIOD_MS)
  local budget = forwarded_bytes[hash_tag]
  if not budget or budget.period ~= period then
    budget = {period = period, bytes = 0}
    forwarded_bytes[hash_tag] = budget
  end
  return budget
end

-- Publishes the unpublished events of the feed on the channel, in feed order, and stores the position. The feed
-- is trimmed only after all events were published, so that no event is trimmed unpublished.
--   ARGV    channel, maximum number of events, minimum number of events that the feed keeps
--   reply   {number of published events, 1 if there are more}
local function forward(keys, args)
  local k = keys_of(keys[1])
  local channel, limit, keep = args[1], tonumber(args[2]), args[3]
  local cursor = redis.call('GET', k.forwarded) or '0-0'
  local budget = budget_of(keys[1])
  local published, last = 0, nil
  local at_end = each_entry(k.feed, cursor, limit, FORWARD_BYTES - budget.bytes, function(entry)
    local text = entry_field(entry, 'event')
    if text and string.sub(text, 1, 1) == '{' then
      redis.call('PUBLISH', channel, '{"id":"' .. entry[1] .. '",' .. string.sub(text, 2))
    end
    local size = #(text or '') + 32
    published, last, budget.bytes = published + 1, entry[1], budget.bytes + size
    return size
  end)
  if last then redis.call('SET', k.forwarded, last) end
  if at_end then redis.call('XTRIM', k.feed, 'MAXLEN', '~', keep) end
  return {published, at_end and 0 or 1}
end

register_in_full_store('agents_v1_forward', forward)
register_read_only('agents_v1_read_feed', read_feed)
register_read_only('agents_v1_newest', newest)
