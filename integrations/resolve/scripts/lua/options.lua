-- The options in cuesmith.json, which lies beside the script.

local room = ...
local json, telling = room("json"), room("telling")

local options = {}

local COLOURS = { "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky",
  "Mint", "Lemon", "Sand", "Cocoa", "Cream" }
-- { name, default, what it may be, whether it may be null }. A table: one of these.
local OPTIONS = {
  { "server", "http://127.0.0.1:8080", "text" },
  { "key_file", nil, "text", true },
  { "style", nil, "text", true },
  { "engine", "auto", "text" },
  { "loudness", "web", "text" },
  { "dialogue", "duck", { "duck", "keep", "replace" } },
  { "stems", false, "boolean" },
  { "hit_colour", "Pink", COLOURS, true },
  { "range", "marked", { "marked", "timeline" } },
  { "render", "auto", { "auto", "always", "never" } },
  { "wait_s", 600, "seconds" },
  { "track", "Cuesmith", "text" },
  { "bin", "Cuesmith", "text" },
  { "folder", nil, "text", true },
}

local function names()
  local found = {}
  for index, option in ipairs(OPTIONS) do found[index] = option[1] end
  return found
end

local function is_among(value, list)
  for _, one in ipairs(list) do
    if one == value then return true end
  end
  return false
end

local function checked(where, option, value)
  local name, _, kind, may_be_null = unpack(option, 1, 4)
  if value == json.null and may_be_null then return nil end
  local good, wanted
  if type(kind) == "table" then
    good, wanted = is_among(value, kind), "one of: " .. table.concat(kind, ", ")
  elseif kind == "seconds" then
    good, wanted = type(value) == "number" and value >= 0 and value <= 86400, "a number of seconds, 0 to 86400"
  elseif kind == "boolean" then
    good, wanted = type(value) == "boolean", "true or false"
  else
    good, wanted = type(value) == "string" and value:find("%S") ~= nil, "a text"
  end
  if not good then
    telling.fail(where .. ": " .. name .. " is " .. json.encode(value):sub(1, 80), "Write " .. wanted .. ".")
  end
  return value
end

-- The options in a text, the defaults where it says nothing. text: nil where there is no file. where: for the user.
function options.read(text, where)
  where = where or "cuesmith.json"
  local document, problem = {}, nil
  if text then
    document, problem = json.decode((text:gsub("^\239\187\191", "")))
    if problem then
      telling.fail(where .. " cannot be read: " .. problem, "Mend it, or delete it to have the defaults.")
    end
    if type(document) ~= "table" or document == json.null or #document > 0 then
      telling.fail(where .. " is no JSON object", "Write options as in docs/resolve.md.")
    end
  end
  local known, unknown = names(), {}
  for name in pairs(document) do
    if not is_among(name, known) then unknown[#unknown + 1] = name end
  end
  table.sort(unknown)
  if unknown[1] then
    telling.fail(where .. ' has an option "' .. unknown[1] .. '" that is not known',
      "Known: " .. table.concat(known, ", ") .. ".")
  end
  local found = {}
  for _, option in ipairs(OPTIONS) do
    local name = option[1]
    if document[name] == nil then
      found[name] = option[2]
    else
      found[name] = checked(where, option, document[name])
    end
  end
  return found
end

-- Every option with its default, for the file that is installed.
function options.defaults()
  local found = {}
  for _, option in ipairs(OPTIONS) do
    if option[2] == nil then found[option[1]] = json.null else found[option[1]] = option[2] end
  end
  return found
end

local LONGEST_BYTES = 120 -- of a folder's name
local RESERVED = { con = true, prn = true, aux = true, nul = true }
for number = 1, 9 do
  RESERVED["com" .. number], RESERVED["lpt" .. number] = true, true
end

-- A name that every system takes for a folder.
function options.safe_name(name)
  local kept = name:gsub('[%c<>:"/\\|?*%%]', "_"):gsub("^[ .]+", ""):gsub("[ .]+$", "")
  if RESERVED[(kept:match("^[^.]*")):lower()] then kept = "_" .. kept end
  if #kept > LONGEST_BYTES then
    local whole = ""
    for letter in kept:gmatch("[%z\1-\127\192-\255][\128-\191]*") do
      if #whole + #letter > LONGEST_BYTES then break end
      whole = whole .. letter
    end
    kept = whole
  end
  kept = kept:gsub("^[ .]+", ""):gsub("[ .]+$", "")
  return kept == "" and "untitled" or kept
end

return options
