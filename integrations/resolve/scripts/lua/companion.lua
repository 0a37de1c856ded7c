-- The machine where Lua may neither open files nor start programs: the free edition since 21.1. What the script asks
-- for is left in the program's own preferences, the one file that such a script can have written; `cuesmith resolve
-- companion` does it and answers with a file that loadfile can read.

local room = ...
local json, telling = room("json"), room("telling")

local companion = {}

local KEY = "Global.Cuesmith.CuesmithRequest"
local PART_BYTES = 120000 -- of a request; the program keeps half a megabyte without effort
local STEP_S = 0.1
local QUIET_S = 15 -- without a sign of life; while it works, the companion gives one each second

local function preferences(program)
  for _, name in ipairs({ "fusion", "fu", "app" }) do
    local found = _G[name]
    if found and found.SetPrefs and found.SavePrefs then return found end
  end
  local found = program and program.Fusion and program:Fusion()
  if found and found.SetPrefs and found.SavePrefs then return found end
  telling.fail("This edition lets a script neither start programs nor keep preferences",
    "Score the film with `cuesmith score --music` and import its music.")
end

local function seconds()
  return bmd and bmd.gettime and bmd.gettime() or os.time()
end

local function data_folder(installed)
  local said = installed.data or os.getenv and os.getenv("CUESMITH_DATA")
  if said then return said end
  local home = os.getenv and (os.getenv("HOME") or os.getenv("USERPROFILE"))
  if not home then
    telling.fail("The system does not say where your home folder is", "Run `cuesmith resolve install` as yourself.")
  end
  return home .. "/.local/share/cuesmith"
end

-- What lies in the companion's file; nil where it is not there, or not whole.
local function answer_in(path)
  if bmd and bmd.fileexists and not bmd.fileexists(path) then return nil end
  local chunk = loadfile(path)
  if not chunk then return nil end
  setfenv(chunk, {}) -- it is a table and nothing else
  local ok, found = pcall(chunk)
  return ok and type(found) == "table" and found or nil
end

local function hexadecimal(text)
  return (text:gsub(".", function(char) return string.format("%02x", char:byte()) end))
end

-- installed: data, the service's folder; nil where it was put for all users. program: the resolve object.
function companion.open(installed, program)
  local store = preferences(program)
  local path = data_folder(installed):gsub("\\", "/") .. "/resolve/answer.lua"
  local session, count, is_known = os.time() .. "-" .. math.floor(seconds() * 1000) % 1000000, 0, false

  local function post(text)
    store:SetPrefs(KEY, text)
    store:SavePrefs()
  end

  local function answered(id, part)
    local heard_s, beat = seconds(), nil
    while seconds() - heard_s < QUIET_S do
      local found = answer_in(path)
      if found and found.id == id and (found.state == "done" or part and found.part == part) then return found end
      if found and found.id == id and found.beat ~= beat then heard_s, beat = seconds(), found.beat end
      bmd.wait(STEP_S)
    end
    telling.sink = nil
    telling.fail(is_known and "The companion went away" or "The companion does not answer",
      "Start `cuesmith resolve companion` in a terminal, leave it open, and run again.")
  end

  local function call(op, arguments)
    count = count + 1
    local id = session .. "-" .. count
    local text = json.encode({ op = op, at_s = os.time(), arguments = arguments or {} })
    local parts, found = math.ceil(#text / PART_BYTES), nil
    for part = 1, parts do
      local piece = text:sub((part - 1) * PART_BYTES + 1, part * PART_BYTES)
      post(id .. ":" .. part .. "/" .. parts .. ":" .. hexadecimal(piece))
      found = answered(id, part < parts and part or nil)
    end
    is_known = true
    local document = json.decode(found.body or "null")
    if json.get(document, "error") then error({ line = document.error }, 0) end
    return json.get(document, "value")
  end

  local hello = call("hello")
  local machine = {}

  function machine.join(folder, name)
    return folder .. (folder:find("/", 1, true) and "/" or "\\") .. name
  end

  function machine.options_text() return json.get(hello, "options") end
  function machine.films_folder() return json.get(hello, "films_folder") end
  function machine.is_usable() return true end
  function machine.name(name) return name end
  function machine.expand(path)
    return (path:gsub("^~", function() return json.get(hello, "home") end))
  end
  function machine.film(file)
    local found = call("film", { path = file })
    return found and { picture_s = json.get(found, "picture_s") }
  end
  function machine.size(file) return call("size", { path = file }) end
  function machine.read(file) return call("read", { path = file }) end
  function machine.write(file, text) call("write", { path = file, text = text }) end
  function machine.remove(file) call("remove", { path = file }) end
  function machine.make_folder(folder) call("make_folder", { path = folder }) end
  function machine.wait(duration_s) bmd.wait(duration_s) end
  function machine.now() return os.time() end
  function machine.finish() post("") end

  function machine.service()
    local service = {}
    function service.upload(film) return call("upload", { path = film }) end
    function service.order(order, same) return call("order", { order = order, same = same }) end
    function service.job(id) return call("job", { id = id }) end
    function service.document(path) return call("document", { path = path }) end
    function service.fetch(id, file, to) call("fetch", { id = id, name = file.name, to = to }) end
    return service
  end

  telling.sink = function(line) call("say", { text = line }) end
  return machine
end

return companion
