#!lua name=bench_minimal
-- The reference point of the function benchmark: the smallest functions with the same writes as
-- register, move and find. They have no rule beyond one check, no error handling and no reply for a client.

local function now_ms()
  local time = redis.call('TIME')
  return time[1] .. string.sub('00000' .. time[2], -6, -4)
end

-- ARGV: id, task, event (JSON)
redis.register_function('minimal_register', function(keys, args)
  local root, id = keys[1], args[1]
  local agent = root .. ':agent:' .. id
  if redis.call('EXISTS', agent) == 1 then return {'exists'} end
  local ms = now_ms()
  local seq = redis.call('INCR', root .. ':seq')
  local event = redis.call('XADD', root .. ':feed', '*', 'event', args[3])
  redis.call('HSET', agent, 'task', args[2], 'status', 'spawning', 'version', '1', 'seq', seq, 'spawned', ms, 't1', event)
  redis.call('ZADD', root .. ':agents', seq, id)
  redis.call('ZADD', root .. ':status:spawning', seq, id)
  redis.call('ZADD', root .. ':task:' .. args[2], seq, id)
  redis.call('ZADD', root .. ':sessions', seq, id)
  return {'ok', event, ms, seq}
end)

-- ARGV: id, source status, target status, event (JSON), 'final' or ''
redis.register_function('minimal_move', function(keys, args)
  local root, id = keys[1], args[1]
  local agent = root .. ':agent:' .. id
  local found = redis.call('HMGET', agent, 'status', 'version', 'task', 'seq')
  if found[1] ~= args[2] then return {'illegal', found[1]} end
  local ms = now_ms()
  local version = found[2] + 1
  local event = redis.call('XADD', root .. ':feed', '*', 'event', args[4])
  redis.call('HSET', agent, 'status', args[3], 'version', version, 't' .. version, event, args[3], ms)
  redis.call('ZREM', root .. ':status:' .. args[2], id)
  redis.call('ZADD', root .. ':status:' .. args[3], found[4], id)
  if args[5] == 'final' then
    redis.call('ZADD', root .. ':cleanups', ms, id)
    redis.call('ZADD', root .. ':finals', ms, id)
  end
  return {'ok', event, ms, found}
end)

-- ARGV: id
redis.register_function{function_name = 'minimal_find', flags = {'no-writes'}, callback = function(keys, args)
  return redis.call('HMGET', keys[1] .. ':agent:' .. args[1], 'status', 'version', 'task', 'spawned', 'started',
    'completed', 'error', 'labels', 'metadata', 'seq', 'lease', 'confirmed')
end}
