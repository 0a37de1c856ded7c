-- Reading of Resolve: what it does not answer is asked for again, and then given up. Its methods raise nothing; what
-- they answer to a change is never believed, only what is read afterwards.

local room = ...
local telling = room("telling")

local asking = {}

local TRIES = 3

asking.BUSY = "Close any dialogue that is open in DaVinci Resolve, and run again."

-- Whether an object has a method.
function asking.has(thing, name)
  return thing ~= nil and thing[name] ~= nil
end

-- What a method answers; nil where there is no such method.
function asking.ask(thing, name, ...)
  local method = thing ~= nil and thing[name]
  if method then return method(thing, ...) end
  return nil
end

-- What a method answers that always has something to say: neither nil nor an empty text.
function asking.read(thing, name, ...)
  for _ = 1, TRIES do
    local value = asking.ask(thing, name, ...)
    if value ~= nil and value ~= "" then return value end
  end
  telling.fail("DaVinci Resolve does not answer " .. name, asking.BUSY)
end

-- What a method answers that may have nothing to say: nil or an empty text are believed when they come again.
function asking.read_maybe(thing, name, ...)
  local value = nil
  for _ = 1, TRIES do
    value = asking.ask(thing, name, ...)
    if value ~= nil and value ~= "" then return value end
  end
  return value
end

-- A list, empty where it is not given. The program's own lists have one key more, __flags.
function asking.read_list(thing, name, ...)
  for _ = 1, TRIES do
    local value = asking.ask(thing, name, ...)
    if type(value) == "table" then
      local list = {}
      for index = 1, #value do list[index] = value[index] end
      return list
    end
  end
  return {}
end

-- A table, empty where it is not given.
function asking.read_table(thing, name, ...)
  for _ = 1, TRIES do
    local value = asking.ask(thing, name, ...)
    if type(value) == "table" then
      value.__flags = nil
      return value
    end
  end
  return {}
end

-- What tells objects apart: each call gives another view of the same.
function asking.id_of(thing)
  return tostring(asking.read(thing, "GetUniqueId"))
end

-- A number, which may come as 96.0 or as a text.
function asking.number(thing, name, ...)
  local value = tonumber(asking.read(thing, name, ...))
  if not value then telling.fail("DaVinci Resolve answers no number to " .. name, asking.BUSY) end
  return math.floor(value)
end

return asking
