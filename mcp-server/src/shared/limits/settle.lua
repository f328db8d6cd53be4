-- Puts what calls took in the place of what they had reserved. A batch that was settled already changes nothing.
-- ARGV  13-15 80, 90 and 100 % of the day's budget, '' where there is none; 16-18 of the month's; 19 number of the batch
--       then for each call: itself, or '' where only money is told; tokens reserved; tokens used; cost; day and month that
--       it ended in, 0 for those of now
-- Gives whether it was settled now, and the shares of the budgets of day and month that are told with it.
if (tonumber(redis.call('GET', KEYS[3])) or 0) >= argument(19) then return answer(0, 0, 0) end

for place = 20, #ARGV, 6 do
    local call, held, used, cost = ARGV[place], argument(place + 1), argument(place + 2), argument(place + 3)
    local there = call ~= '' and redis.call('ZREM', KEYS[2], call) == 1
    if there then
        running = running - 1
        reserved = math.max(0, reserved - costs(call))
    end
    if used >= held then
        tokens.parts = tokens.parts + (used - held) * 60000
    elseif there then
        -- Only what is known to have been taken is given back.
        tokens.parts = math.max(0, tokens.parts - (held - used) * 60000)
    end
    local in_day, in_month = argument(place + 4), argument(place + 5)
    if in_day == 0 or in_day == day.number then day.spent = day.spent + cost end
    if in_month == 0 or in_month == month.number then month.spent = month.spent + cost end
end

local function passed(period, shares)
    local spent = period.before + period.spent
    for place, percent in ipairs({100, 90, 80}) do
        local least = argument(shares + 3 - place)
        if least and spent >= least then
            if percent <= period.told then return 0 end
            period.told = percent
            return percent
        end
    end
    return 0
end

local of_day, of_month = passed(day, 13), passed(month, 16)
keep()
-- A day: longer than anybody tries to tell a batch.
redis.call('SET', KEYS[3], ARGV[19], 'PX', 86400000)
return answer(1, of_day, of_month)
