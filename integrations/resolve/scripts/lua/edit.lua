-- The edit as the timeline has it: exact cuts, and the user's markers for the music to land on (cuesmith.edit/1).

local room = ...
local asking, facts, json = room("asking"), room("facts"), room("json")

local edit = {}

edit.OURS = "cuesmith:v1:" -- how the data of our own markers begins
local LONGEST_SHOT_S = 60 -- a longer piece may well be an edited film with cuts inside, which only detection finds
local NESTED = { "compound", "timeline", "multicam", "fusion" }

-- The frames of a table of markers, rising.
function edit.frames_of(markers)
  local frames = {}
  for frame in pairs(markers) do
    if tonumber(frame) then frames[#frames + 1] = frame end
  end
  table.sort(frames, function(a, b) return tonumber(a) < tonumber(b) end)
  return frames
end

-- Whether a marker is one that this script has set.
function edit.is_ours(marker)
  return tostring(marker.customData or ""):sub(1, #edit.OURS) == edit.OURS
end

-- The user's markers of a colour inside the range.
local function marks_of(found, timeline, colour)
  local marks, markers = json.array(), asking.read_table(timeline, "GetMarkers")
  for _, offset in ipairs(edit.frames_of(markers)) do
    local marker, frame = markers[offset], found.start + math.floor(tonumber(offset))
    if not edit.is_ours(marker) and marker.color == colour and found.first <= frame and frame <= found.last then
      marks[#marks + 1] = { time_s = facts.seconds(found, frame), name = tostring(marker.name or ""), colour = colour,
        note = tostring(marker.note or "") }
    end
  end
  return marks
end

-- What is seen at a frame: the topmost clip.
local function top(tracks, frame)
  local seen = nil
  for _, track in ipairs(tracks) do
    for _, item in ipairs(track.items) do
      if item.clip and item.is_enabled and item.start <= frame and frame < item.stop then seen = item end
    end
  end
  return seen
end

-- Whether the picture goes on as it was over a frame: the same clip, frame after frame.
local function goes_on(before, after, frame)
  if not before or not after then return before == after end
  local same = before.source + (frame - before.start) == after.source + (frame - after.start)
  return before.id == after.id or (before.clip_id == after.clip_id and same)
end

-- { frame, item } of each stretch in the range. A cut through one clip is none.
local function shots_of(found)
  local tracks, known, frames = {}, { [found.first] = true }, { found.first }
  for _, track in ipairs(found.tracks) do
    if track.kind == "video" and track.is_enabled then
      tracks[#tracks + 1] = track
      for _, item in ipairs(track.items) do
        for _, frame in ipairs({ item.start, item.stop }) do
          if found.first < frame and frame <= found.last and not known[frame] then
            known[frame] = true
            frames[#frames + 1] = frame
          end
        end
      end
    end
  end
  table.sort(frames)
  local shots = {}
  for _, frame in ipairs(frames) do
    local seen = top(tracks, frame)
    if #shots == 0 or not goes_on(shots[#shots].item, seen, frame) then
      shots[#shots + 1] = { frame = frame, item = seen }
    end
  end
  return shots
end

-- The transition over a cut: no clip, and neighbours that end and begin inside it.
local function transition(found, frame)
  for _, track in ipairs(found.tracks) do
    for _, item in ipairs(track.kind == "video" and track.items or {}) do
      if not item.clip and item.start <= frame and frame <= item.stop then
        for _, one in ipairs(track.items) do
          local function inside(edge) return item.start <= edge and edge <= item.stop end
          if one.clip and (inside(one.start) or inside(one.stop)) then return item end
        end
      end
    end
  end
  return nil
end

local function is_nested(item)
  for _, kind in ipairs(NESTED) do
    if item.kind:lower():sub(1, #kind) == kind then return true end
  end
  return false
end

-- Where one picture gives way to another; nil where the items do not tell. They do not for a single item, which may be
-- a whole film, for long ones, and for nested timelines.
function edit.cuts_of(found)
  local shots, longest = shots_of(found), 0
  for index, shot in ipairs(shots) do
    if shot.item and is_nested(shot.item) then return nil end
    local stop = shots[index + 1] and shots[index + 1].frame or found.last + 1
    longest = math.max(longest, stop - shot.frame)
  end
  if #shots < 2 or longest * found.rate.den / found.rate.num > LONGEST_SHOT_S then return nil end
  local cuts = json.array()
  for index = 2, #shots do
    local frame = shots[index].frame
    local cut, fade = { time_s = facts.seconds(found, frame) }, transition(found, frame)
    if fade then
      cut.kind = "dissolve"
      cut.start_s = math.max(0, facts.seconds(found, fade.start))
      cut.end_s = facts.seconds(found, math.min(fade.stop, found.last + 1))
    end
    cuts[#cuts + 1] = cut
  end
  return cuts
end

-- The document, zero being the range's first frame. Without cuts they are detected. colour: nil for no marks.
function edit.edit_of(found, timeline, colour)
  return {
    schema = "cuesmith.edit/1",
    source = found.name,
    duration_s = found.duration_s,
    marks = colour and marks_of(found, timeline, colour) or json.array(),
    cuts = edit.cuts_of(found),
  }
end

return edit
