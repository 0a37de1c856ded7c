-- The music on its own track: found by name or added, laid at an absolute frame, and looked at afterwards.

local room = ...
local asking, facts, pool, telling = room("asking"), room("facts"), room("pool"), room("telling")
local ask, read = asking.ask, asking.read

local placing = {}

local AUDIO = "audio"
local AUDIO_ONLY = 2 -- a clip info's mediaType
local LOCKED = "Unlock it and run again."

local function count_of(timeline)
  return asking.number(timeline, "GetTrackCount", AUDIO)
end

local function is_stereo(timeline, index)
  return not asking.has(timeline, "GetTrackSubType") or read(timeline, "GetTrackSubType", AUDIO, index) == "stereo"
end

-- The track that we added, as long as it is empty and named as we left it.
local function drop_track(timeline, index, count, names)
  if count_of(timeline) <= count then return true end
  local track = facts.track_at(timeline, AUDIO, index)
  if #track.items > 0 or not names[track.name] then return false end
  ask(timeline, "DeleteTrack", AUDIO, index)
  return count_of(timeline) == count
end

local function add_track(timeline, name, count, journal)
  local index = count + 1
  local names = { [name] = true, ["Audio " .. index] = true } -- ours, and what Resolve calls a new one
  journal.begun("the track " .. name, function() return drop_track(timeline, index, count, names) end)
  for _ = 1, 3 do
    if count_of(timeline) == count then ask(timeline, "AddTrack", AUDIO, "stereo") end
  end
  if count_of(timeline) ~= index then telling.fail("DaVinci Resolve adds no audio track", asking.BUSY) end
  names[read(timeline, "GetTrackName", AUDIO, index)] = true
  if not is_stereo(timeline, index) then
    telling.fail("DaVinci Resolve added a track that is not stereo", "Add a stereo track named " .. name .. " by hand.")
  end
  for _ = 1, 3 do
    if read(timeline, "GetTrackName", AUDIO, index) == name then return index end
    ask(timeline, "SetTrackName", AUDIO, index, name)
  end
  if read(timeline, "GetTrackName", AUDIO, index) ~= name then
    telling.fail("The new track cannot be named " .. name, asking.BUSY)
  end
  return index
end

-- The number of our stereo track of a name, added at the end where there is none. Never a track of the user's.
function placing.own_track(timeline, name, journal)
  local count = count_of(timeline)
  for index = 1, count do
    if read(timeline, "GetTrackName", AUDIO, index) == name and is_stereo(timeline, index) then
      if read(timeline, "GetIsTrackLocked", AUDIO, index) then
        telling.fail("The track " .. name .. " is locked", LOCKED)
      end
      return index
    end
  end
  return add_track(timeline, name, count, journal)
end

local function find(timeline, index, start, clip_id)
  for _, item in ipairs(facts.track_at(timeline, AUDIO, index).items) do
    if item.start == start and item.clip_id == clip_id then return item end
  end
  return nil
end

local function find_id(timeline, index, id)
  for _, item in ipairs(facts.track_at(timeline, AUDIO, index).items) do
    if item.id == id then return item end
  end
  return nil
end

-- How many frames of a clip fill so many of the timeline's: the most that, rounded down, are not more.
function placing.source_frames(frames, rate, clip_rate)
  local over, under = (frames + 1) * clip_rate.num * rate.den, clip_rate.den * rate.num
  return math.max(1, math.ceil(over / under) - 1)
end

-- Whether an item shows a file that we fetched for this timeline.
function placing.is_ours(item, folder)
  local parent = pool.plain(item.path):match("^(.*)/[^/]*$")
  return parent ~= nil and parent == pool.plain(folder):gsub("/$", "")
end

-- A clip's own rate: a sound has the project's of the moment it was imported, which may not be the timeline's.
local function rate_of(clip, rate)
  local told = asking.read_maybe(clip, "GetClipProperty", "FPS")
  return told and told ~= "" and facts.rate_of(told) or rate
end

local function info_of(clip, source, frames, rate, index, record)
  local clip_rate = rate_of(clip, rate)
  return {
    mediaPoolItem = clip, startFrame = source, endFrame = source + placing.source_frames(frames, rate, clip_rate),
    mediaType = AUDIO_ONLY, trackIndex = index, recordFrame = record,
  }
end

local function remove(media, timeline, found, track, item, journal)
  journal.begun("the earlier music", function()
    if not find(timeline, track.index, item.start, item.clip_id) then
      local info = info_of(item.clip, item.source, item.stop - item.start, found.rate, track.index, item.start)
      ask(media, "AppendToTimeline", { info })
    end
    return find(timeline, track.index, item.start, item.clip_id) ~= nil
  end)
  for _ = 1, 3 do
    if not find_id(timeline, track.index, item.id) then return end
    ask(timeline, "DeleteClips", { item.item }, false)
  end
  if find_id(timeline, track.index, item.id) then
    telling.fail("The earlier music on " .. track.name .. " cannot be taken off", LOCKED)
  end
end

local function take_off(timeline, index, start, clip_id)
  if count_of(timeline) < index then return true end
  local there = find(timeline, index, start, clip_id)
  if there then ask(timeline, "DeleteClips", { there.item }, false) end
  return find(timeline, index, start, clip_id) == nil
end

-- Tracks above the count that have nothing but our clip on them.
local function drop_unasked(timeline, count, clip_id)
  for at = count_of(timeline), count + 1, -1 do
    local things = {}
    for _, item in ipairs(facts.track_at(timeline, AUDIO, at).items) do
      if item.clip_id ~= clip_id then return false end
      things[#things + 1] = item.item
    end
    if #things > 0 then ask(timeline, "DeleteClips", things, false) end
    if #facts.track_at(timeline, AUDIO, at).items == 0 then ask(timeline, "DeleteTrack", AUDIO, at) end
  end
  return count_of(timeline) == count
end

-- Append the clip and look for it: for a ghost, a drop, a locked track, a track made unasked.
function placing.lay(media, timeline, found, index, clip, journal)
  local clip_id = asking.id_of(clip)
  local info = info_of(clip, 0, found.frames, found.rate, index, found.first)
  local count = count_of(timeline)
  journal.begun("the music on the track", function() return take_off(timeline, index, found.first, clip_id) end)
  for _ = 1, 2 do
    local there = find(timeline, index, found.first, clip_id)
    if not there then
      ask(media, "AppendToTimeline", { info })
      there = find(timeline, index, found.first, clip_id)
    end
    if count_of(timeline) ~= count then
      journal.begun("a track added unasked", function() return drop_unasked(timeline, count, clip_id) end)
      telling.fail("DaVinci Resolve put the music on a track that it added itself", asking.BUSY)
    end
    if there then
      return { track = index, start = there.start, frames = there.stop - there.start, clip_id = clip_id }
    end
  end
  if read(timeline, "GetIsTrackLocked", AUDIO, index) then
    telling.fail("The track " .. tostring(read(timeline, "GetTrackName", AUDIO, index)) .. " is locked", LOCKED)
  end
  telling.fail("DaVinci Resolve did not put the music on its track", asking.BUSY)
end

-- Lay a clip over the range. What of ours was there goes; what is the user's stays, and is an error. The item that is
-- there then: track, start, frames as read back, clip_id, removed (how many of ours it took the place of).
function placing.place(media, timeline, found, index, clip, folder, journal)
  local track, there = facts.track_at(timeline, AUDIO, index), {}
  for _, item in ipairs(track.items) do
    if item.start < found.first + found.frames and found.first < item.stop then there[#there + 1] = item end
  end
  for _, item in ipairs(there) do
    if not placing.is_ours(item, folder) then
      telling.fail("The track " .. track.name .. " has a clip of yours where the music goes, "
        .. (item.path ~= "" and item.path or item.id), "Move it to another track and run again.")
    end
  end
  for _, item in ipairs(there) do remove(media, timeline, found, track, item, journal) end
  local placed = placing.lay(media, timeline, found, index, clip, journal)
  placed.removed = #there
  return placed
end

-- Whether a placed item is there as it was.
function placing.is_there(timeline, placed)
  local found = find(timeline, placed.track, placed.start, placed.clip_id)
  return found ~= nil and found.stop - found.start == placed.frames
end

-- Disable a track.
function placing.mute(timeline, index)
  for _ = 1, 3 do
    if read(timeline, "GetIsTrackEnabled", AUDIO, index) == false then return end
    ask(timeline, "SetTrackEnable", AUDIO, index, false)
  end
  if read(timeline, "GetIsTrackEnabled", AUDIO, index) ~= false then
    telling.fail("A track for stems cannot be muted", asking.BUSY)
  end
end

return placing
