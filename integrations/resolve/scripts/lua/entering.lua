-- The way in: the program's first object, its edition, the open project.

local room = ...
local asking, telling = room("asking"), room("telling")

local entering = {}

local OLDEST = 18 -- of the versions whose AppendToTimeline takes a track and a record frame

-- The first object: given to scripts of the menu, else by the Fusion application.
function entering.find_resolve()
  local found = resolve
  if not found and type(Resolve) == "function" then found = Resolve() end
  if not found and app then found = asking.ask(app, "GetResolve") end
  if not found and type(bmd) == "table" and bmd.scriptapp then found = bmd.scriptapp("Resolve") end
  if not found then
    telling.fail("DaVinci Resolve cannot be reached from here", "Run the script from Workspace > Scripts.")
  end
  return found
end

local function there(thing, name, what, fix)
  local found = asking.read_maybe(thing, name)
  if found == nil then telling.fail(what, fix) end
  return found
end

-- The open project and its current timeline. No method of Studio's is called anywhere: on a free edition that opens a
-- dialogue, and nothing works behind it.
function entering.enter(program)
  local product = asking.read(program, "GetProductName")
  local version = tonumber(asking.read_list(program, "GetVersion")[1])
  if version and version < OLDEST then
    telling.fail(product .. " " .. version .. " is too old for this script",
      "Version " .. OLDEST .. " or later is needed.")
  end
  local manager = asking.read(program, "GetProjectManager")
  local project = there(manager, "GetCurrentProject", "No project is open", "Open one and run again.")
  local timeline = there(project, "GetCurrentTimeline", "No timeline is open", "Open one and run again.")
  return {
    resolve = program,
    manager = manager,
    project = project,
    pool = asking.read(project, "GetMediaPool"),
    timeline = timeline,
    project_name = asking.read(project, "GetName"),
  }
end

return entering
