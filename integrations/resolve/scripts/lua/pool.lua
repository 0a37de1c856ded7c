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
    if pool.plain(tostring(ask(clip, "GetClipProperty", "File Path") or "")) == pool.plain(path) then return clip end
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

local function is_in(root, wanted)
  for _, folder in ipairs(read_list(root, "GetSubFolderList")) do
    if id_of(folder) == wanted then return true end
  end
  return false
end

local function drop_bin(media, root, made)
  local wanted = id_of(made)
  if #read_list(made, "GetClipList") > 0 or #read_list(made, "GetSubFolderList") > 0 then
    return true -- somebody has put something into it
  end
  if is_in(root, wanted) then ask(media, "DeleteFolders", { made }) end
  return not is_in(root, wanted)
end

local function bin_of(media, name, journal)
  local root = read(media, "GetRootFolder")
  for _ = 1, 3 do
    local there = bin_named(root, name)
    if there then return there end
    ask(media, "AddSubFolder", root, name)
    local made = bin_named(root, name)
    if made then
      journal.begun("the bin " .. name, function() return drop_bin(media, root, made) end)
      return made
    end
  end
  telling.fail("The bin " .. name .. " cannot be made", asking.BUSY)
end

local function drop_clip(media, folder, clip, path)
  if find(folder, path) then ask(media, "DeleteClips", { clip }) end
  return find(folder, path) == nil
end

local function import(media, bin_name, path, journal)
  local folder = bin_of(media, bin_name, journal)
  for _ = 1, 2 do
    local there = find(folder, path)
    if there then return there end
    if not go_to(media, folder) then telling.fail("The bin " .. bin_name .. " cannot be opened", asking.BUSY) end
    ask(media, "ImportMedia", { path })
    local made = find(folder, path)
    if made then
      journal.begun("the import of " .. path:match("[^/\\]*$"), function()
        return drop_clip(media, folder, made, path)
      end)
      return made
    end
  end
  telling.fail("DaVinci Resolve does not import " .. path,
    "Import it by hand into the bin to see why, and run again.")
end

-- The clip of a file, found by its path or imported. The user's bin is the current one again afterwards.
function pool.import_file(media, bin_name, path, journal)
  local user = read(media, "GetCurrentFolder")
  local ok, found = pcall(import, media, bin_name, path, journal)
  local went, is_back = pcall(go_to, media, user)
  if not (went and is_back) then journal.borrowed("the bin", function() return go_to(media, user) end) end
  if not ok then error(found, 0) end
  if not went then error(is_back, 0) end
  return found
end

return pool
