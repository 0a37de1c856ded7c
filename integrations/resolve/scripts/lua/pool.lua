-- The music in the media pool: one clip for each file, in a bin of its own.

local room = ...
local asking, telling = room("asking"), room("telling")
local ask, id_of, read, read_list = asking.ask, asking.id_of, asking.read, asking.read_list

local pool = {}

-- A path as it is compared: programs write separators and the drive's letter as they like.
function pool.plain(path)
  local plain = path:gsub("\\", "/"):gsub("/+", "/")
  return plain:find("^%a:/") and plain:lower() or plain
end

local function find(folder, path)
  for _, clip in ipairs(read_list(folder, "GetClipList")) do
    local of = tostring(asking.read_maybe(clip, "GetClipProperty", "File Path") or "")
    if pool.plain(of) == pool.plain(path) then return clip end
  end
  return nil
end

local function go_to(media, folder)
  local wanted = id_of(folder)
  for _ = 1, 3 do
    if id_of(read(media, "GetCurrentFolder")) == wanted then return true end
    ask(media, "SetCurrentFolder", folder)
  end
  return id_of(read(media, "GetCurrentFolder")) == wanted
end

local function bin_named(root, name)
  for _, folder in ipairs(read_list(root, "GetSubFolderList")) do
    if read(folder, "GetName") == name then return folder end
  end
  return nil
end

local function drop_bin(media, root, name)
  local made = bin_named(root, name)
  if not made or #read_list(made, "GetClipList") > 0 or #read_list(made, "GetSubFolderList") > 0 then
    return true -- not there, or somebody has put something into it
  end
  ask(media, "DeleteFolders", { made })
  return bin_named(root, name) == nil
end

local function bin_of(media, name, journal)
  local root = read(media, "GetRootFolder")
  local found = bin_named(root, name)
  if found then return found end
  journal.begun("the bin " .. name, function() return drop_bin(media, root, name) end)
  for _ = 1, 3 do
    ask(media, "AddSubFolder", root, name)
    found = bin_named(root, name)
    if found then return found end
  end
  telling.fail("The bin " .. name .. " cannot be made", asking.BUSY)
end

local function drop_clip(media, folder, path)
  local clip = find(folder, path)
  if clip then ask(media, "DeleteClips", { clip }) end
  return find(folder, path) == nil
end

-- Have the user's bin the current one again afterwards: it changes, as media comes into the current one.
function pool.keep_bin(media, journal)
  local user = read(media, "GetCurrentFolder")
  journal.borrowed("the bin", function() return go_to(media, user) end)
end

-- The clip of a file, found by its path in our bin or imported into it.
function pool.import_file(media, bin_name, path, journal)
  local folder = bin_of(media, bin_name, journal)
  local found = find(folder, path)
  if found then return found end
  journal.begun("the import of " .. path:match("[^/\\]*$"), function() return drop_clip(media, folder, path) end)
  for _ = 1, 2 do
    if not go_to(media, folder) then telling.fail("The bin " .. bin_name .. " cannot be opened", asking.BUSY) end
    ask(media, "ImportMedia", { path })
    found = find(folder, path)
    if found then return found end
  end
  telling.fail("DaVinci Resolve does not import " .. path,
    "Import it by hand into the bin to see why, and run again.")
end

return pool
