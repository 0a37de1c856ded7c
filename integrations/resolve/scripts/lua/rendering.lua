-- The picture for the service: the clip's own file where the timeline is that clip whole, else a small render.

local room = ...
local asking, facts, pool, telling = room("asking"), room("facts"), room("pool"), room("telling")
local ask, read, read_maybe = asking.ask, asking.read, asking.read_maybe
local read_list, read_table = asking.read_list, asking.read_table

local rendering = {}

local POLL_S = 1
local QUIET_POLLS = 10 -- so often a job may neither render nor have ended before it is given up
local LIMIT_S = 600 -- for a render, and ten times the film's length on top
local HEIGHT = 540 -- enough for what is looked at
local PRESETS = { "H.264 Master", "YouTube - 1080p", "ProRes 422 HQ", "H.265 Master" }
local CODECS = { { "mp4", "H264" }, { "mov", "H264" }, { "mov", "ProRes422LT" }, { "mov", "ProRes422P" },
  { "mov", "DNxHRLB" }, { "mov", "DNxHRSQ" }, { "mov", "ProRes422" }, { "mov", "ProRes422HQ" }, { "mp4", "H265" } }
local MOST_CHOICES = 3
local READABLE = { "mp4", "mov", "m4v", "mkv", "mxf", "avi", "webm", "mts", "m2ts", "mpg" } -- no camera raw
local KEPT_PRESET = "Cuesmith keeps your settings here"

local function is_among(value, list)
  for _, one in pairs(list) do
    if one == value then return true end
  end
  return false
end

-- The file of the timeline's one untouched clip; nil where it takes a render to see the timeline. One clip on one video
-- track from the first frame to the last at its own rate, with nothing else in picture or sound. A grade is not seen:
-- it changes the music little.
local function whole_clip(found, own, machine)
  local pictures, sounds = {}, {}
  for _, track in ipairs(found.tracks) do
    if track.is_enabled and not facts.is_own(track, own) then
      local into = track.kind == "video" and pictures or sounds
      for _, item in ipairs(track.items) do into[#into + 1] = item end
    end
  end
  local one = pictures[1]
  if found.is_marked or #pictures ~= 1 or not one.clip then return nil end
  for _, sound in ipairs(sounds) do
    if sound.clip_id ~= one.clip_id or sound.start ~= one.start or sound.stop ~= one.stop or sound.source ~= 0
      or not sound.is_enabled then
      return nil
    end
  end
  local length = tonumber(read_maybe(one.clip, "GetClipProperty", "Frames"))
  local rate = tonumber(tostring(read_maybe(one.clip, "GetClipProperty", "FPS") or ""):match("^%S+"))
  local is_whole = one.start == found.start and one.source == 0 and length == found.frames
  local is_same_rate = rate and math.abs(rate - found.rate.num / found.rate.den) < 0.005
  -- A clip with sound of which the timeline has none would be scored as if it were heard.
  local is_heard = #sounds > 0 or one.kind:lower():sub(-5) ~= "audio"
  local is_readable = is_among((one.path:match("%.(%w+)$") or ""):lower(), READABLE)
  if is_whole and is_same_rate and is_heard and is_readable and one.is_enabled and one.is_plain
    and machine.is_usable(one.path) and machine.size(one.path) then
    return one.path
  end
  return nil
end

-- What puts back: each looks whether it is done, and does it where it is not ------------------------

local function show_page(program, page)
  if ask(program, "GetCurrentPage") ~= page then ask(program, "OpenPage", page) end
  return ask(program, "GetCurrentPage") == page
end

local function presets_of(project)
  return read_list(project, "GetRenderPresetList")
end

local function drop_preset(project)
  if is_among(KEPT_PRESET, presets_of(project)) then ask(project, "DeleteRenderPreset", KEPT_PRESET) end
  return not is_among(KEPT_PRESET, presets_of(project))
end

local function is_same(one, other)
  return one.format == other.format and one.codec == other.codec
end

local function restore_settings(project, used, mode)
  if is_among(KEPT_PRESET, presets_of(project)) then ask(project, "LoadRenderPreset", KEPT_PRESET) end
  local now = read_table(project, "GetCurrentRenderFormatAndCodec")
  if used.format and not is_same(now, used) then
    ask(project, "SetCurrentRenderFormatAndCodec", used.format, used.codec)
    now = read_table(project, "GetCurrentRenderFormatAndCodec")
  end
  if mode and ask(project, "GetCurrentRenderMode") ~= mode then ask(project, "SetCurrentRenderMode", mode) end
  return (not used.format or is_same(now, used)) and (not mode or ask(project, "GetCurrentRenderMode") == mode)
end

local function job_ids(project)
  local ids = {}
  for _, job in ipairs(read_list(project, "GetRenderJobList")) do
    if job.JobId then ids[#ids + 1] = tostring(job.JobId) end
  end
  return ids
end

-- The jobs into our folder that were not there before.
local function drop_jobs(project, before, folder)
  for _ = 1, 2 do
    local is_clean = true
    for _, row in ipairs(read_list(project, "GetRenderJobList")) do
      local is_ours = pool.plain(tostring(row.TargetDir or "")) == pool.plain(folder)
      if is_ours and not is_among(tostring(row.JobId), before) then
        is_clean = false
        ask(project, "DeleteRenderJob", row.JobId)
      end
    end
    if is_clean then return true end
  end
  return false
end

local function are_marked(timeline, marks)
  local now = read_table(timeline, "GetMarkInOut")
  for _, kind in ipairs({ "video", "audio" }) do
    local before, after = marks[kind] or {}, now[kind] or {}
    if before["in"] ~= after["in"] or before["out"] ~= after["out"] then return false end
  end
  return true
end

-- SetMarkInOut keeps a number as it is given, so what was read is what is set.
local function restore_marks(timeline, marks)
  if are_marked(timeline, marks) then return true end
  if asking.has(timeline, "ClearMarkInOut") then
    ask(timeline, "ClearMarkInOut", "all")
    for kind, edges in pairs(marks) do
      if edges["in"] and edges["out"] then ask(timeline, "SetMarkInOut", edges["in"], edges["out"], kind) end
    end
  end
  return are_marked(timeline, marks)
end

local function mute(timeline, track, journal)
  journal.borrowed("the track " .. track.name, function()
    if not ask(timeline, "GetIsTrackEnabled", "audio", track.index) then
      ask(timeline, "SetTrackEnable", "audio", track.index, true)
    end
    return ask(timeline, "GetIsTrackEnabled", "audio", track.index) == true
  end)
  for _ = 1, 2 do
    ask(timeline, "SetTrackEnable", "audio", track.index, false)
    if read(timeline, "GetIsTrackEnabled", "audio", track.index) == false then return end
  end
  telling.fail("The track " .. track.name .. " cannot be muted for the render", asking.BUSY)
end

-- Remember what a render changes: page, settings, marks; and keep our own music out of the film's sound.
local function borrow(place, found, journal, own)
  local project, timeline, program = place.project, place.timeline, place.resolve
  local page = read_maybe(program, "GetCurrentPage")
  if page then journal.borrowed("the page", function() return show_page(program, page) end) end
  local used = read_table(project, "GetCurrentRenderFormatAndCodec")
  local mode = read_maybe(project, "GetCurrentRenderMode")
  journal.borrowed("a render preset of ours", function() return drop_preset(project) end)
  if asking.has(timeline, "GetMarkInOut") then
    local marks = read_table(timeline, "GetMarkInOut")
    journal.borrowed("the marked range", function() return restore_marks(timeline, marks) end)
  end
  drop_preset(project) -- one that a crash left would bring back settings of then
  journal.borrowed("the render settings", function() return restore_settings(project, used, mode) end)
  -- Settings cannot be read, but a preset keeps them.
  if asking.has(project, "SaveAsNewRenderPreset") and asking.has(project, "DeleteRenderPreset") then
    for _ = 1, 2 do
      if not is_among(KEPT_PRESET, presets_of(project)) then ask(project, "SaveAsNewRenderPreset", KEPT_PRESET) end
    end
  end
  for _, track in ipairs(found.tracks) do
    if facts.is_own(track, own) and track.is_enabled and #track.items > 0 then mute(timeline, track, journal) end
  end
  local presets = presets_of(project)
  for _, name in ipairs(PRESETS) do
    if is_among(name, presets) and ask(project, "LoadRenderPreset", name) then break end
  end
  ask(project, "SetCurrentRenderMode", 1)
end

-- A small size of the timeline's shape, even numbers; nothing where the shape is not known.
local function small_size(timeline)
  local width = tonumber(ask(timeline, "GetSetting", "timelineResolutionWidth")) or 0
  local height = tonumber(ask(timeline, "GetSetting", "timelineResolutionHeight")) or 0
  if width < 2 or height <= HEIGHT then return {} end
  return { FormatWidth = math.floor(width * HEIGHT / height / 2) * 2, FormatHeight = HEIGHT }
end

-- The id of a job with our settings; on the Deliver page where it is not made on the user's.
local function new_job(place, before, folder, settings)
  for _, page in ipairs({ "", "", "deliver" }) do
    if page ~= "" then ask(place.resolve, "OpenPage", page) end
    local answer = ask(place.project, "AddRenderJob")
    local after = job_ids(place.project)
    for index = #after, 1, -1 do
      if not is_among(after[index], before) then return after[index] end
    end
    if answer and answer ~= "" and #after == 0 then return tostring(answer) end
    ask(place.project, "SetRenderSettings", settings) -- maybe they were not taken
  end
  telling.fail("DaVinci Resolve makes no render job into " .. folder,
    "Render once on the Deliver page, and run again.")
end

local function wait_for(project, job, found, machine)
  local ends_s = machine.now() + LIMIT_S + 10 * found.duration_s
  ask(project, "StartRendering", { job })
  local quiet, told = 0, -1
  while true do
    local status = read_table(project, "GetRenderJobStatus", job)
    local state = tostring(status.JobStatus or ""):lower()
    local share = math.floor(tonumber(status.CompletionPercentage) or 0)
    if state:sub(1, 8) == "complete" then return end
    if state:sub(1, 4) == "fail" or state:sub(1, 6) == "cancel" then
      telling.fail("The render has " .. state, tostring(status.Error or "Render once by hand to see why."))
    end
    if share >= told + 10 then
      told = share
      telling.say("renders, " .. share .. " %")
    end
    quiet = ask(project, "IsRenderingInProgress") and 0 or quiet + 1
    if quiet == 3 and (state == "" or state == "ready") then ask(project, "StartRendering", { job }) end
    if quiet > QUIET_POLLS or machine.now() > ends_s then
      ask(project, "StopRendering")
      telling.fail('The render does not end: it is "' .. state .. '" at ' .. share .. " %", asking.BUSY)
    end
    machine.wait(POLL_S)
  end
end

local count = 0

local function one_render(place, found, folder, journal, choice, machine)
  local project = place.project
  for _ = 1, 2 do
    ask(project, "SetCurrentRenderFormatAndCodec", choice[1], choice[2])
    if read_table(project, "GetCurrentRenderFormatAndCodec").codec == choice[2] then break end
  end
  count = count + 1
  local name = "picture " .. machine.now() .. "-" .. count
  local settings = { SelectAllFrames = false, MarkIn = found.first, MarkOut = found.last, TargetDir = folder,
    CustomName = name, ExportVideo = true, ExportAudio = true }
  if not ask(project, "SetRenderSettings", settings) then ask(project, "SetRenderSettings", settings) end
  local small = small_size(place.timeline)
  if small.FormatWidth then ask(project, "SetRenderSettings", small) end
  local before = job_ids(project)
  journal.borrowed("the render job", function() return drop_jobs(project, before, folder) end)
  wait_for(project, new_job(place, before, folder, settings), found, machine)
  drop_jobs(project, before, folder)
  for _, ending in ipairs({ choice[1], "mp4", "mov", "wav" }) do
    local path = machine.join(folder, name .. "." .. ending)
    if (machine.size(path) or 0) > 0 then return path end
  end
  telling.fail("DaVinci Resolve says that it rendered, and there is no file in " .. folder, asking.BUSY)
end

local function render(place, found, folder, journal, own, machine)
  local project = place.project
  if ask(project, "IsRenderingInProgress") then
    telling.fail("DaVinci Resolve is rendering", "Wait until it has finished, and run again.")
  end
  borrow(place, found, journal, own)
  local choices = {}
  for _, choice in ipairs(CODECS) do
    if #choices < MOST_CHOICES and is_among(choice[2], read_table(project, "GetRenderCodecs", choice[1])) then
      choices[#choices + 1] = choice
    end
  end
  if #choices == 0 then
    telling.fail("DaVinci Resolve offers no format that can be sent", "Set render to never, and score whole clips.")
  end
  local why
  for _, choice in ipairs(choices) do
    telling.say(string.format("renders %.1f s as %s, %s", found.duration_s, choice[1], choice[2]))
    local path = one_render(place, found, folder, journal, choice, machine)
    local film = machine.film(path)
    local length_s = film and film.picture_s
    if not film then return path end
    if length_s and math.abs(length_s - found.duration_s) * found.rate.num / found.rate.den <= 1.5 then return path end
    why = "The render has no picture, whatever was asked for"
    if length_s then
      why = string.format("The render lasts %.2f s, and %.2f s were asked for", length_s, found.duration_s)
    end
    machine.remove(path)
  end
  telling.fail(why, "Load a video preset on the Deliver page, and run again.")
end

-- A file with the range's picture and sound, and whether it was rendered, so that it may be deleted. What the render
-- changed is put back before this returns.
function rendering.picture_of(place, found, options, folder, journal, machine)
  local path = options.render ~= "always" and whole_clip(found, options.track, machine)
  if path then
    telling.say("takes " .. path)
    return { path = path, is_ours = false }
  end
  if options.render == "never" then
    telling.fail("The timeline is not one untouched clip, and rendering is off",
      'Set "render" to "auto" in cuesmith.json, or score the whole of one clip.')
  end
  local ok, made = pcall(render, place, found, folder, journal, options.track, machine)
  local left = journal.put_back()
  if #left > 0 then telling.say("could not put back: " .. table.concat(left, ", ")) end
  if not ok then error(made, 0) end
  return { path = made, is_ours = true }
end

return rendering
