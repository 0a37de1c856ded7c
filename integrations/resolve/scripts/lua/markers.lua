-- Markers for cues, hits and ducks, told from the user's by their custom data.

local room = ...
local asking, edit, json, telling = room("asking"), room("edit"), room("json"), room("telling")
local ask, read_table = asking.ask, asking.read_table
local get = json.get

local markers = {}

local CUE, UNSURE, HIT, DUCK = "Blue", "Yellow", "Red", "Sand"
local SURE = 0.2 -- mean confidence of a cue's mood below which its marker is Yellow
local NEAR_FRAMES = 12 -- how far a marker may move from a frame that is taken
local ARROW = " \226\134\146 "

local function frame_at(found, time_s)
  return math.floor(time_s * (found.rate.num / found.rate.den) + 0.5)
end

-- How sure the analysis is of a stretch; 1 where it says nothing.
local function confidence(analysis, in_s, out_s)
  local curve = get(analysis, "curve")
  local times, values = get(curve, "times_s") or {}, get(curve, "confidence") or {}
  local sum, count = 0, 0
  for index = 1, math.min(#times, #values) do
    if in_s <= times[index] and times[index] < out_s then sum, count = sum + values[index], count + 1 end
  end
  return count > 0 and sum / count or 1
end

-- offset: frames from the timeline's start. data: what tells a marker, unlike any other's.
local function wanted_at(found, frame, colour, name, note, frames, data)
  local offset = math.min(math.max(frame, 0), found.frames - 1)
  local longest = math.max(1, math.min(frames, found.frames - offset))
  return { offset = found.first - found.start + offset, colour = colour, name = name, note = note, frames = longest,
    data = data }
end

-- What the score says, on the timeline's frames. Marks of the user's are there already and get none.
function markers.wanted(found, job, sheet, report, analysis)
  local all, cues = {}, get(sheet, "cues") or {}
  local lufs = get(get(report, "loudness"), "music_lufs")
  for number, cue in ipairs(cues) do
    local start, stop = frame_at(found, cue.in_s), frame_at(found, cue.out_s)
    local mood, after = tostring(get(cue, "mood") or ""), get(cues[number + 1], "mood")
    local told = {}
    for _, part in ipairs({ tostring(get(cue, "prompt") or ""), string.format("%g bpm", cue.bpm),
      tostring(get(cue, "key") or ""), type(lufs) == "number" and string.format("music %.1f LUFS", lufs) or "" }) do
      if part ~= "" then told[#told + 1] = part end
    end
    local colour = confidence(analysis, cue.in_s, cue.out_s) >= SURE and CUE or UNSURE
    local data = edit.OURS .. job .. ":" .. cue.id
    local name = cue.id:upper() .. " " .. mood .. (after and after ~= "" and after ~= mood and ARROW .. after or "")
    local note = table.concat(told, "; ")
    all[#all + 1] = wanted_at(found, start, colour, (name:gsub("%s+$", "")), note, stop - start, data)
    for index, hit in ipairs(get(cue, "hit_points") or {}) do
      local weight = get(hit, "weight") or 1
      if get(hit, "kind") ~= "manual" and weight > 0 then
        local note = string.format("%s at %s, weight %g", get(hit, "kind") or "hit", telling.clock(hit.time_s), weight)
        all[#all + 1] = wanted_at(found, frame_at(found, hit.time_s), HIT, "Hit", note, 1, data .. ":hit" .. index)
      end
    end
  end
  for index, duck in ipairs(get(get(report, "dialogue"), "ducks") or {}) do
    local start, stop = frame_at(found, duck.start_s), frame_at(found, duck.end_s)
    local note = string.format("the music is %.1f dB lower under speech", math.abs(get(duck, "depth_db") or 0))
    all[#all + 1] = wanted_at(found, start, DUCK, "Duck", note, stop - start, edit.OURS .. job .. ":duck" .. index)
  end
  return all
end

-- Offset to marker; Resolve counts offsets in floats.
local function markers_of(timeline)
  local found = {}
  for offset, marker in pairs(read_table(timeline, "GetMarkers")) do
    marker.customData = tostring(marker.customData or "")
    found[math.floor(tonumber(offset))] = marker
  end
  return found
end

-- The frame, or the next one near it that has no marker.
local function free(taken, offset, last)
  for at = offset, math.min(offset + NEAR_FRAMES, last) do
    if not taken[at] then return at end
  end
  return nil
end

local function missing(timeline, wanted)
  local now, left = markers_of(timeline), {}
  for _, one in ipairs(wanted) do
    if not now[one.offset] or now[one.offset].customData ~= one.data then left[#left + 1] = one end
  end
  return left
end

local function set(timeline, wanted)
  for _ = 1, 3 do
    for _, one in ipairs(missing(timeline, wanted)) do
      ask(timeline, "AddMarker", one.offset, one.colour, one.name, one.note, one.frames, one.data)
    end
  end
  local left = missing(timeline, wanted)
  if #left > 0 then
    telling.fail("The marker " .. left[1].name .. " cannot be set at frame " .. left[1].offset, asking.BUSY)
  end
end

-- Take these away, each only where its custom data says that it is it.
local function drop(timeline, ours)
  local data, left = {}, nil
  for _, one in ipairs(ours) do data[one.data] = true end
  for _ = 1, 4 do
    left = {}
    for offset, marker in pairs(markers_of(timeline)) do
      if data[marker.customData] then left[#left + 1] = offset end
    end
    if #left == 0 then return true end
    for _, offset in ipairs(left) do ask(timeline, "DeleteMarkerAtFrame", offset) end
  end
  return false
end

local function remove(timeline, earlier, journal)
  if #earlier == 0 then return end
  journal.begun("the earlier markers", function()
    set(timeline, earlier)
    return true
  end)
  if not drop(timeline, earlier) then telling.fail("Earlier markers of Cuesmith's cannot be removed", asking.BUSY) end
end

-- Our markers of the range are taken away, then these set. Nobody else's is touched. at: data to offset of what was
-- set; moved: how many; left_out: how many found no room.
function markers.set_all(timeline, found, wanted, journal)
  local first, last = found.first - found.start, found.last - found.start
  local earlier = {}
  for offset, marker in pairs(markers_of(timeline)) do
    if edit.is_ours(marker) and first <= offset and offset <= last then
      earlier[#earlier + 1] = { offset = offset, colour = tostring(marker.color or CUE),
        name = tostring(marker.name or ""), note = tostring(marker.note or ""),
        frames = math.floor(tonumber(marker.duration) or 1), data = marker.customData }
    end
  end
  table.sort(earlier, function(one, other) return one.offset < other.offset end)
  remove(timeline, earlier, journal)
  local taken, chosen, marked = markers_of(timeline), {}, { at = {}, moved = 0, left_out = 0 }
  for _, one in ipairs(wanted) do
    local offset = free(taken, one.offset, last)
    if offset then
      taken[offset] = true
      chosen[#chosen + 1] = { offset = offset, colour = one.colour, name = one.name, note = one.note,
        frames = math.min(one.frames, last + 1 - offset), data = one.data }
      marked.at[one.data] = offset
      if offset ~= one.offset then marked.moved = marked.moved + 1 end
    else
      marked.left_out = marked.left_out + 1
    end
  end
  journal.begun("the markers", function() return drop(timeline, chosen) end)
  set(timeline, chosen)
  return marked
end

-- Whether every marker that was set is there.
function markers.all_there(timeline, marked)
  local now = {}
  for offset, marker in pairs(markers_of(timeline)) do now[marker.customData] = offset end
  for data, offset in pairs(marked.at) do
    if now[data] ~= offset then return false end
  end
  return true
end

return markers
