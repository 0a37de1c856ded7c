-- The timeline as it is: its rate, its tracks and items, the range that is to be scored. Frames are absolute.

local room = ...
local asking, telling = room("asking"), room("telling")
local read_maybe = asking.read_maybe

local facts = {}

local OUR_FILE = " " .. ("%x"):rep(8) .. "%.%a+$" -- "music 1f3a5c7e.wav": whoever fetched it

-- The exact rate of a setting, { num, den }: "29.97 DF" is 30000/1001.
function facts.rate_of(text)
  text = tostring(text)
  local number = tonumber(text:match("^%s*(%S+)") or "") or 0
  if number <= 0 or number ~= number or number == math.huge then
    telling.fail('the timeline\'s frame rate is "' .. text .. '"', "Choose one in the timeline's settings.")
  end
  local whole = math.floor(number + 0.5)
  if math.abs(number - whole) > 0.005 and math.abs(number - whole * 1000 / 1001) < 0.01 then
    return { num = whole * 1000, den = 1001 }
  end
  local best, best_off = nil, math.huge
  for den = 1, 1001 do
    local num = math.floor(number * den + 0.5)
    local off = math.abs(number - num / den)
    if off < best_off then best, best_off = { num = num, den = den }, off end
  end
  return best
end

-- A frame's time in the range, seconds.
function facts.seconds(found, frame)
  return (frame - found.first) * found.rate.den / found.rate.num
end

-- Whether an audio track is ours: called "Cuesmith" or "Cuesmith strings", and nothing but our files on it.
function facts.is_own(track, own)
  local is_called_so = track.name == own or track.name:sub(1, #own + 1) == own .. " "
  if track.kind ~= "audio" or not is_called_so then return false end
  for _, item in ipairs(track.items) do
    if not item.path:find(OUR_FILE) then return false end
  end
  return true
end

-- An item's facts; nil for a ghost, which has no id and is not there. stop: the frame after its last. source: where in
-- its clip it begins. clip: nil for what is no clip.
function facts.item_of(item)
  local id = read_maybe(item, "GetUniqueId")
  if not id or id == "" then return nil end
  local clip = read_maybe(item, "GetMediaPoolItem")
  local start = asking.number(item, "GetStart")
  local found = { item = item, id = tostring(id), start = start, stop = start + asking.number(item, "GetDuration"),
    source = 0, clip = clip, clip_id = "", kind = "", path = "" }
  if clip then
    found.source = asking.number(item, "GetLeftOffset")
    found.kind = tostring(read_maybe(clip, "GetClipProperty", "Type") or "")
    found.path = tostring(read_maybe(clip, "GetClipProperty", "File Path") or "")
    found.clip_id = tostring(asking.read(clip, "GetUniqueId"))
  end
  found.is_enabled = read_maybe(item, "GetClipEnabled") ~= false
  found.is_plain = (tonumber(read_maybe(item, "GetFusionCompCount") or 0) or 0) == 0
  return found
end

-- One track as it is now; index counts from 1.
function facts.track_at(timeline, kind, index)
  local items = {}
  for _, item in ipairs(asking.read_list(timeline, "GetItemListInTrack", kind, index)) do
    items[#items + 1] = facts.item_of(item)
  end
  return {
    kind = kind,
    index = index,
    name = tostring(asking.read(timeline, "GetTrackName", kind, index)),
    is_enabled = asking.read(timeline, "GetIsTrackEnabled", kind, index) == true,
    items = items,
  }
end

-- Every track of a kind.
function facts.tracks_of(timeline, kind)
  local tracks = {}
  for index = 1, asking.number(timeline, "GetTrackCount", kind) do
    tracks[index] = facts.track_at(timeline, kind, index)
  end
  return tracks
end

-- In and out, out being the last frame inside; nil where none is set. Resolve answers offsets from the start, but what
-- a script has set stands as it was given: above the start's frame it is taken as absolute.
local function marks_of(timeline, start)
  local marks = asking.read_table(timeline, "GetMarkInOut")
  local edges = marks.video or marks.audio or {}
  local function absolute(edge)
    edge = tonumber(edge)
    if not edge then return nil end
    edge = math.floor(edge)
    return start > 0 and edge >= start and edge or edge + start
  end
  return absolute(edges["in"]), absolute(edges["out"])
end

-- The facts. wanted: marked or timeline. own: the name of our track, whose length does not count.
function facts.look(timeline, wanted, own)
  local rate_text = tostring(asking.read(timeline, "GetSetting", "timelineFrameRate"))
  local rate = facts.rate_of(rate_text)
  local start = asking.number(timeline, "GetStartFrame")
  local tracks = facts.tracks_of(timeline, "video")
  for _, track in ipairs(facts.tracks_of(timeline, "audio")) do tracks[#tracks + 1] = track end
  local stop, has_picture = start, false
  for _, track in ipairs(tracks) do
    if not facts.is_own(track, own) then
      has_picture = has_picture or track.kind == "video" and #track.items > 0
      for _, item in ipairs(track.items) do stop = math.max(stop, item.stop) end
    end
  end
  if not has_picture then telling.fail("The timeline has no picture", "Put a clip on it and run again.") end
  local first, last, note = start, stop - 1, ""
  if wanted == "marked" then
    if asking.has(timeline, "GetMarkInOut") then
      local mark_in, mark_out = marks_of(timeline, start)
      first, last = mark_in or first, math.min(mark_out or last, last)
    else
      note = "this version cannot say which range is marked, so the whole timeline was scored"
    end
  end
  if first > last or first < start then
    telling.fail("The marked range holds nothing of the timeline", "Set In and Out anew and run again.")
  end
  return {
    name = tostring(asking.read(timeline, "GetName")),
    id = asking.id_of(timeline),
    rate = rate,
    rate_text = rate_text,
    start = start,
    first = first,
    last = last,
    frames = last - first + 1,
    is_marked = first ~= start or last ~= stop - 1,
    tracks = tracks,
    note = note,
    starts_at_s = first * rate.den / rate.num, -- real seconds from midnight, as a BWF file counts
    duration_s = (last - first + 1) * rate.den / rate.num,
  }
end

return facts
