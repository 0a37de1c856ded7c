-- The machine where Lua may open files and start programs: Studio, and the free edition before 21.1.

local room = ...
local boxes, curl, telling = room("boxes"), room("curl"), room("telling")

local shell = {}

local WINDOWS = type(package) == "table" and package.config:sub(1, 1) == "\\"

-- Whether this Lua may open files and start programs.
function shell.is_here()
  return type(io) == "table" and type(io.open) == "function" and type(os.execute) == "function"
end

-- A word for the command line of sh, or of cmd.exe, which has no way to write % or " inside quotes.
function shell.quoted(text, windows)
  if windows == nil then windows = WINDOWS end
  if not windows then return "'" .. text:gsub("'", "'\\''") .. "'" end
  if text:find('[%%"%c]') then
    telling.fail("The folder " .. text .. ' has a % or a " in its name', "Choose another.")
  end
  return '"' .. text .. '"'
end

local disk = { quoted = shell.quoted }

function disk.join(folder, name)
  return folder .. (WINDOWS and "\\" or "/") .. name
end

function disk.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

function disk.write(path, text)
  local file, problem = io.open(path, "wb")
  if not file then telling.fail("The file cannot be written: " .. problem, "Check its folder and run again.") end
  file:write(text)
  file:close()
end

function disk.size(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local size = file:seek("end")
  -- A folder can be opened on Linux, and has the largest size that there is.
  local is_file = size and size < 2 ^ 62 and (size == 0 or file:seek("set") == 0 and file:read(1) ~= nil)
  file:close()
  return is_file and size or nil
end

function disk.remove(path) os.remove(path) end

function disk.rename(from, to) return os.rename(from, to) end

-- Whether a command ended well. Lua 5.1 answers a number, later ones true.
function disk.run(command)
  local ended = os.execute(command)
  return ended == 0 or ended == true
end

function disk.make_folder(path)
  local probe = disk.join(path, ".cuesmith")
  local function is_there()
    local file = io.open(probe, "wb")
    if file then file:close() os.remove(probe) end
    return file ~= nil
  end
  if is_there() then return end
  disk.run(WINDOWS and "mkdir " .. shell.quoted(path) or "mkdir -p -- " .. shell.quoted(path))
  if not is_there() then
    telling.fail("The folder " .. path .. " cannot be made", "Name another as folder in cuesmith.json.")
  end
end

local function home()
  local found = os.getenv(WINDOWS and "USERPROFILE" or "HOME")
  if not found then
    telling.fail("The system does not say where your home folder is", "Run `cuesmith resolve install` as yourself.")
  end
  return found
end

-- installed: options (a file), data (the service's folder); each may be nil where it was put for all users.
function shell.open(installed)
  local machine = {}
  for name, act in pairs(disk) do machine[name] = act end

  local data = installed.data or os.getenv("CUESMITH_DATA")
    or disk.join(disk.join(disk.join(home(), ".local"), "share"), "cuesmith")

  function machine.options_text()
    return installed.options and disk.read(installed.options)
  end

  -- A path that may begin with ~ for the home folder.
  function machine.expand(path)
    return (path:gsub("^~", function() return home() end))
  end

  function machine.film(path) return boxes(path) end

  -- Where pictures and music are kept, where the options name nothing.
  function machine.films_folder()
    local mac = not WINDOWS and disk.read("/System/Library/CoreServices/SystemVersion.plist")
    return disk.join(disk.join(home(), mac and "Movies" or "Videos"), "Cuesmith")
  end

  -- Names of other alphabets reach the disk of Windows in another code page than the program reads.
  function machine.is_usable(path)
    return not (WINDOWS and path:find("[\128-\255]"))
  end

  function machine.name(name)
    return WINDOWS and name:gsub("[\128-\255]+", "_") or name
  end

  function machine.wait(seconds)
    if type(bmd) == "table" and bmd.wait then return bmd.wait(seconds) end
    disk.run(WINDOWS and "ping -n " .. math.ceil(seconds) + 1 .. " 127.0.0.1 > nul" or "sleep " .. seconds)
  end

  function machine.now() return os.time() end

  function machine.finish() end

  function machine.service(options)
    local private = disk.join(data, "resolve")
    disk.make_folder(private)
    if not WINDOWS then disk.run("chmod 700 " .. shell.quoted(private)) end
    local path = options.key_file and machine.expand(options.key_file) or disk.join(data, "local.key")
    local key = (disk.read(path) or ""):match("^%s*([!-~]+)%s*$")
    if not key then
      telling.fail("there is no API key to be read in " .. path,
        "Start `cuesmith serve` on this machine once, or name a file with a key as key_file in cuesmith.json.")
    end
    return curl(disk, { server = options.server:gsub("/+$", ""), key = key, key_from = path, private = private,
      wait = machine.wait })
  end

  return machine
end

return shell
