/**
 * Takes a place in a window, if one is free: a member of a sorted set with its time as score. Answers how many are in
 * it with this one. Redis drops the set when the last of them stops counting. Arguments: now, up to which score they no
 * longer count, milliseconds to keep the set, places, the member.
 */
export const TAKE_PLACE = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
local taken = redis.call('ZCARD', KEYS[1])
if taken < tonumber(ARGV[4]) then
  redis.call('ZADD', KEYS[1], ARGV[1], ARGV[5])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return taken + 1`;
