-- What one tenant has used, brought up to now. `reserve` and `settle` go on from here. What is meant is written in
-- tenancy/quota; all numbers are integers, and exact up to 2^53.
--
-- KEYS  1 the numbers; 2 the calls that run, each with when it is given up; 3 the last batch of the caller
-- ARGV  1 now, or '' for this server's clock; 2 how long a call runs unheard of
--       3-7 what the caller knew last: era ('' is the ledger's word), day and what was spent in it, month alike
--       8-12 limits, '' where there is none: calls and tokens a minute, calls at once, budget of the day, of the month
local function argument(place) return tonumber(ARGV[place]) end

local now = argument(1)
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Days since the year 1, and months since the year 0. A year begins in March here, so that its odd day is its last.
local function day_and_month()
    local day = math.floor(now / 86400000)
    local since = day + 719468
    local era = math.floor(since / 146097)
    local of_era = since - era * 146097
    local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
        - math.floor(of_era / 146096)) / 365)
    local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
    local month = math.floor((5 * of_year + 2) / 153)
    return day + 719163, (year + era * 400) * 12 + month + 2
end

local kept = redis.call('HMGET', KEYS[1], 'era', 'requests', 'requests_at', 'tokens', 'tokens_at', 'reserved',
    'day', 'day_before', 'day_spent', 'day_told', 'month', 'month_before', 'month_spent', 'month_told')
local function number(place) return tonumber(kept[place]) or 0 end

local era = number(1)
local reserved = number(6)
local changed = false

local function bucket(place, limit)
    local parts, at = number(place), number(place + 1)
    if limit then
        parts = math.max(0, parts - math.max(0, now - at) * limit)
        at = math.max(at, now)
    end
    return {parts = parts, at = at}
end

-- `before` was spent before this server's memory began, as others remember it; `spent` since. What this server told
-- somebody in the same era, and what the ledger says, is in both together; what it told in another era is not in `spent`.
local function window(place, current, known)
    local it = {number = number(place), before = number(place + 1), spent = number(place + 2), told = number(place + 3)}
    if current > it.number then it = {number = current, before = 0, spent = 0, told = 0} end
    if argument(known) == it.number then
        local least = argument(known + 1)
        if ARGV[3] == '' or argument(3) == era then least = least - it.spent end
        if least > it.before then
            it.before = least
            changed = true
        end
    end
    return it
end

local requests = bucket(2, argument(8))
local tokens = bucket(4, argument(9))
local today, this_month = day_and_month()
local day = window(7, today, 4)
local month = window(11, this_month, 6)

local function costs(call) return tonumber(string.match(call, '^%d+')) or 0 end

-- Calls of a process that has died.
local dead = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.0f', now), 'LIMIT', 0, 1000)
if #dead > 0 then
    for _, call in ipairs(dead) do reserved = math.max(0, reserved - costs(call)) end
    redis.call('ZREM', KEYS[2], unpack(dead))
    changed = true
end
local running = redis.call('ZCARD', KEYS[2])

local function keep()
    if era == 0 then era = now end
    local words = {}
    for place, word in ipairs({
        'era', era, 'requests', requests.parts, 'requests_at', requests.at, 'tokens', tokens.parts, 'tokens_at', tokens.at,
        'reserved', reserved, 'day', day.number, 'day_before', day.before, 'day_spent', day.spent, 'day_told', day.told,
        'month', month.number, 'month_before', month.before, 'month_spent', month.spent, 'month_told', month.told,
    }) do
        words[place] = type(word) == 'number' and string.format('%.0f', word) or word
    end
    redis.call('HSET', KEYS[1], unpack(words))
    -- Longer than any month.
    redis.call('PEXPIRE', KEYS[1], 3000000000)
end

local function answer(first, second, third)
    return {first, second, third, now, era, requests.parts, requests.at, tokens.parts, tokens.at, running, reserved,
        day.number, day.before + day.spent, day.told, month.number, month.before + month.spent, month.told}
end
