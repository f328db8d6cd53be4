-- Takes what a call may need out of every limit, or out of none.
-- ARGV  13 tokens; 14 cost; 15 the call
-- Gives whether it was let in, and whether this is the first refusal of a budget's day or month.
local need, cost, at_once = argument(13), argument(14), argument(10)

local function fits(minute, amount, limit)
    return not limit or (amount <= limit and minute.parts <= (limit - amount) * 60000)
end
local function affords(period, budget)
    return not budget or cost == 0 or cost <= math.max(0, budget - period.before - period.spent - reserved)
end

local short
if (at_once and running >= at_once) or not fits(requests, 1, argument(8)) or not fits(tokens, need, argument(9)) then
    short = {told = 100}
elseif not affords(day, argument(11)) then
    short = day
elseif not affords(month, argument(12)) then
    short = month
end

if short then
    local first = short.told < 100
    short.told = 100
    if first or changed then keep() end
    return answer(0, first and 1 or 0, 0)
end

requests.parts = requests.parts + 60000
tokens.parts = tokens.parts + need * 60000
reserved = reserved + cost
running = running + 1
redis.call('ZADD', KEYS[2], string.format('%.0f', now + argument(2)), ARGV[15])
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', argument(2) * 2))
keep()
return answer(1, 0, 0)
