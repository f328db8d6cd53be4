-- Says that calls still run, also to a server that has forgotten them.
-- KEYS  1 the numbers; 2 the calls that run
-- ARGV  1 now, or '' for this server's clock; 2 how long a call runs unheard of; then the calls
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local until_then = string.format('%.0f', now + ARGV[2])
for place = 3, #ARGV do
    if redis.call('ZADD', KEYS[2], until_then, ARGV[place]) == 1 then
        redis.call('HINCRBY', KEYS[1], 'reserved', string.match(ARGV[place], '^%d+'))
    end
end
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', ARGV[2] * 2))
return redis.call('PEXPIRE', KEYS[1], 3000000000)
