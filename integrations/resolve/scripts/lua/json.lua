-- JSON after RFC 8259: strict in reading, stable in writing. null is json.null, for a table cannot hold nil.

local json = {}

local ARRAY = {}
local DEEPEST = 200
local ESCAPED = { ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r",
  ["\t"] = "\\t" }
local MEANT = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }
local REPLACEMENT = "\239\191\189" -- U+FFFD

json.null = setmetatable({}, { __tostring = function() return "null" end })

-- A list that is written as [] although it is empty.
function json.array(list)
  return setmetatable(list or {}, ARRAY)
end

local WORDS = { ["true"] = true, ["false"] = false, null = json.null }

-- Writing -------------------------------------------------------------------------------------------

-- The text with what is no UTF-8 replaced: a path of another code page must not spoil the whole document.
local function clean(text)
  if not text:find("[\128-\255]") then return text end
  local out, at = {}, 1
  while at <= #text do
    local first = text:byte(at)
    local more = first < 128 and 0 or first >= 194 and first < 224 and 1 or first >= 224 and first < 240 and 2
      or first >= 240 and first < 245 and 3 or -1
    local good = more >= 0
    for step = 1, more do
      local byte = text:byte(at + step) or 0
      local low, high = 128, 191
      if step == 1 then
        if first == 224 then low = 160 elseif first == 240 then low = 144 end
        if first == 237 then high = 159 elseif first == 244 then high = 143 end
      end
      good = good and byte >= low and byte <= high
    end
    out[#out + 1] = good and text:sub(at, at + more) or REPLACEMENT
    at = at + (good and more + 1 or 1)
  end
  return table.concat(out)
end

local function write_text(text)
  local escaped = clean(text):gsub('[%z\1-\31"\\]', function(char)
    return ESCAPED[char] or string.format("\\u%04x", char:byte())
  end)
  return '"' .. escaped .. '"'
end

local function write_number(number)
  if number ~= number or number == math.huge or number == -math.huge then error("JSON has no such number", 0) end
  if number == math.floor(number) and math.abs(number) < 2 ^ 53 then return string.format("%.0f", number) end
  for digits = 15, 17 do
    local text = string.format("%." .. digits .. "g", number)
    if tonumber(text) == number then return text end
  end
end

-- Whether a table is a list. The program's own lists carry a key __flags, which is none of theirs.
local function is_list(value)
  if getmetatable(value) == ARRAY then return true end
  local count = 0
  for key in pairs(value) do
    if type(key) == "number" then count = count + 1 elseif key ~= "__flags" then return false end
  end
  return count > 0 and count == #value
end

local write

local function write_table(value, depth)
  if depth > DEEPEST then error("the JSON is nested too deep", 0) end
  local parts = {}
  if is_list(value) then
    for index = 1, #value do parts[index] = write(value[index], depth + 1) end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then error("a JSON object has a key that is no text", 0) end
    keys[#keys + 1] = key
  end
  table.sort(keys)
  for index, key in ipairs(keys) do
    parts[index] = write_text(key) .. ":" .. write(value[key], depth + 1)
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

write = function(value, depth)
  local kind = type(value)
  if value == json.null then return "null" end
  if kind == "string" then return write_text(value) end
  if kind == "number" then return write_number(value) end
  if kind == "boolean" then return tostring(value) end
  if kind == "table" then return write_table(value, depth) end
  error("JSON cannot hold a " .. kind, 0)
end

-- The text of a value, with sorted keys. Raises an error for what JSON cannot hold.
function json.encode(value)
  return write(value, 1)
end

-- Reading -------------------------------------------------------------------------------------------

local function wrong(text, at, what)
  local _, lines = text:sub(1, at - 1):gsub("\n", "")
  error({ json = what .. " in line " .. (lines + 1) }, 0)
end

local function skip(text, at)
  return text:match("^[ \t\r\n]*()", at)
end

local function utf8(code)
  if code < 0x80 then return string.char(code) end
  local function tail(shift) return 0x80 + math.floor(code / 2 ^ shift) % 64 end
  if code < 0x800 then return string.char(0xC0 + math.floor(code / 64), tail(0)) end
  if code < 0x10000 then return string.char(0xE0 + math.floor(code / 4096), tail(6), tail(0)) end
  return string.char(0xF0 + math.floor(code / 262144), tail(12), tail(6), tail(0))
end

-- A \u escape, at its u; with the second half of a pair. Half a pair alone means nothing.
local function read_code(text, at)
  local digits = text:match("^u(%x%x%x%x)", at)
  if not digits then wrong(text, at, "a \\u without four digits") end
  local code = tonumber(digits, 16)
  if code >= 0xD800 and code < 0xDC00 then
    local low = tonumber(text:match("^\\u(%x%x%x%x)", at + 5) or "0", 16)
    if low >= 0xDC00 and low < 0xE000 then return utf8((code - 0xD800) * 1024 + low - 0xDC00 + 0x10000), at + 11 end
  end
  if code >= 0xD800 and code < 0xE000 then return REPLACEMENT, at + 5 end
  return utf8(code), at + 5
end

local function read_text(text, at)
  local out = {}
  at = at + 1
  while true do
    local plain, after = text:match('^([^%z\1-\31"\\]*)()', at)
    out[#out + 1] = plain
    local char = text:sub(after, after)
    if char == '"' then return table.concat(out), after + 1 end
    if char ~= "\\" then wrong(text, after, char == "" and "a text without an end" or "a control character") end
    local code = text:sub(after + 1, after + 1)
    if code == "u" then
      out[#out + 1], at = read_code(text, after + 1)
    else
      if not MEANT[code] then wrong(text, after, "an escape that JSON does not know") end
      out[#out + 1], at = MEANT[code], after + 2
    end
  end
end

local function read_number(text, at)
  local whole = text:match("^-?%d+", at)
  if not whole or whole:find("^-?0%d") then wrong(text, at, "no JSON") end
  local after = at + #whole
  local share = text:match("^%.%d+", after) or ""
  local power = text:match("^[eE][+-]?%d+", after + #share) or ""
  local number = tonumber(whole .. share .. power)
  if number == math.huge or number == -math.huge then wrong(text, at, "a number that is too large") end
  return number, after + #share + #power
end

local read

local function read_array(text, at, depth)
  local list = json.array()
  at = skip(text, at + 1)
  if text:sub(at, at) == "]" then return list, at + 1 end
  while true do
    list[#list + 1], at = read(text, at, depth)
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "]" then return list, at + 1 end
    if char ~= "," then wrong(text, at, "a list without , or ]") end
    at = at + 1
  end
end

local function read_object(text, at, depth)
  local object = {}
  at = skip(text, at + 1)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    at = skip(text, at)
    if text:sub(at, at) ~= '"' then wrong(text, at, "an object whose key is no text") end
    local key
    key, at = read_text(text, at)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then wrong(text, at, "a key without a :") end
    object[key], at = read(text, at + 1, depth)
    at = skip(text, at)
    local char = text:sub(at, at)
    if char == "}" then return object, at + 1 end
    if char ~= "," then wrong(text, at, "an object without , or }") end
    at = at + 1
  end
end

read = function(text, at, depth)
  if depth > DEEPEST then wrong(text, at, "JSON that is nested too deep") end
  at = skip(text, at)
  local char = text:sub(at, at)
  if char == '"' then return read_text(text, at) end
  if char == "{" then return read_object(text, at, depth + 1) end
  if char == "[" then return read_array(text, at, depth + 1) end
  local word = text:match("^%l+", at)
  if word and WORDS[word] ~= nil then return WORDS[word], at + #word end
  return read_number(text, at)
end

-- The value in a text; or nil and what is wrong with it.
function json.decode(text)
  local ok, value, at = pcall(read, text, 1, 1)
  if ok then
    ok, value = pcall(function()
      if skip(text, at) <= #text then wrong(text, at, "more after the end") end
      return value
    end)
  end
  if ok then return value end
  if type(value) == "table" and value.json then return nil, value.json end
  error(value, 0)
end

-- A member of an object; nil where it is missing or null, or where there is no object.
function json.get(object, name)
  local value = nil
  if type(object) == "table" then value = object[name] end
  if value == json.null then return nil end
  return value
end

return json
