-- What was begun and is to be taken back, and what was borrowed and is to be put back. A step says whether it is done:
-- it looks, and does it where it is not.

local TRIES = 3

local function is_done(step)
  for _ = 1, TRIES do
    local ok, done = pcall(step)
    if ok and done then return true end
  end
  return false
end

-- Run the steps, the last first; what could not be done.
local function run(steps, left)
  while #steps > 0 do
    local step = table.remove(steps)
    if not is_done(step.act) then left[#left + 1] = step.what end
  end
  return left
end

return function()
  local journal, begun, borrowed = {}, {}, {}

  -- To be undone if the whole does not succeed.
  function journal.begun(what, undo) begun[#begun + 1] = { what = what, act = undo } end

  -- To be given back in any case.
  function journal.borrowed(what, give) borrowed[#borrowed + 1] = { what = what, act = give } end

  -- Give back what was borrowed; what could not be.
  function journal.put_back() return run(borrowed, {}) end

  -- Undo everything; what could not be.
  function journal.take_back() return run(borrowed, run(begun, {})) end

  return journal
end
