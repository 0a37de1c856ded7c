-- The score for the open timeline, from the first look to the last. docs/resolve.md says what it does.

local room, installed = ...
local asking, companion, edit, entering = room("asking"), room("companion"), room("edit"), room("entering")
local facts, jobs, journal_of, json = room("facts"), room("jobs"), room("journal"), room("json")
local markers, options_of, placing, pool = room("markers"), room("options"), room("placing"), room("pool")
local rendering, shell, telling = room("rendering"), room("shell"), room("telling")
local ask, several = asking.ask, telling.several

local UNTITLED = "Untitled Project" -- saving one opens a dialogue that blocks everything after it
local HIT, DUCK = "Red", "Sand"

-- Where rendered pictures and received music of a timeline are kept.
local function film_folder(options, place, found, machine)
  local folder = options.folder and machine.expand(options.folder) or machine.films_folder()
  for _, name in ipairs({ place.project_name, found.name }) do
    folder = machine.join(folder, machine.name(options_of.safe_name(name)))
  end
  if not machine.is_usable(folder) then
    telling.fail("The folder " .. folder .. " has letters that this Lua cannot use",
      "Name one of plain letters as folder in cuesmith.json.")
  end
  machine.make_folder(folder)
  return folder
end

local function order_of(found, place, options)
  local document = edit.edit_of(found, place.timeline, options.hit_colour)
  local wish = { music = true, starts_at_s = found.starts_at_s, engine = options.engine, loudness = options.loudness,
    dialogue = options.dialogue, style = options.style, stems = options.stems or nil }
  return { kind = "score", wish = wish, texts = { edit = json.encode(document) } }
end

-- What tells whether the timeline and the order are as they were: the range, and every item of the user's.
local function asked_of(order, found, own)
  local seen = { order, found.id, found.start, found.first, found.frames, found.rate_text }
  for _, track in ipairs(found.tracks) do
    for _, item in ipairs(facts.is_own(track, own) and {} or track.items) do
      seen[#seen + 1] = json.array({ track.kind, track.index, track.is_enabled, item.start, item.stop,
        item.path ~= "" and item.path or item.clip_id, item.source, item.is_enabled })
    end
  end
  return "lua-" .. jobs.checksum(json.encode(seen))
end

-- The job for this timeline as it is: the one of before where nothing changed, else a new one.
local function job_of(place, found, order, asked, options, folder, service, journal, machine)
  local kept = jobs.recall(machine, folder, asked)
  local is_wanted = kept.job and not (options.render == "always" and kept.is_placed)
  if is_wanted and jobs.is_alive(service, kept.job) then
    telling.say("collects job " .. kept.job)
    return kept.job
  end
  service.document("/v1/jobs?limit=1") -- a service that is away or refuses the key is told of before a long render
  local picture = rendering.picture_of(place, found, options, folder, journal, machine)
  local ok, job = pcall(function()
    local upload = service.upload(picture.path)
    order.source = { upload = upload.id }
    return jobs.order(service, order, upload.sha256:sub(1, 32) .. "-" .. jobs.checksum(json.encode(order)))
  end)
  if picture.is_ours then machine.remove(picture.path) end
  if not ok then error(job, 0) end
  jobs.remember(machine, folder, asked, job, false)
  telling.say("ordered job " .. job)
  return job
end

-- Where the music goes: the current timeline, if that is still the one, and as it was.
local function same_place(before, found)
  local now = entering.enter(before.resolve)
  if asking.id_of(now.timeline) ~= found.id then
    telling.fail("Another timeline was opened meanwhile; the score is for " .. found.name, "Open it and run again.")
  end
  local rate_text = tostring(asking.read(now.timeline, "GetSetting", "timelineFrameRate"))
  if asking.number(now.timeline, "GetStartFrame") ~= found.start or rate_text ~= found.rate_text then
    telling.fail("The timeline's start or rate was changed meanwhile", "Run again to have it scored as it is now.")
  end
  return now
end

local function check(place, laid, marked)
  for _, one in ipairs(laid) do
    if not placing.is_there(place.timeline, one.placed) then
      telling.fail("The music is not on its track after saving", "Run again, or lay it by hand from its bin.")
    end
  end
  if not markers.all_there(place.timeline, marked) then
    telling.fail("Markers are missing after saving", "Run again.")
  end
end

-- Save and look again: items of an append that went wrong vanish when the project is saved.
local function save(place, found, laid, marked, saves, journal)
  if place.project_name == UNTITLED then
    check(place, laid, marked)
    return false
  end
  local function saved()
    return ask(place.manager, "SaveProject") == true or ask(place.manager, "SaveProject") == true
  end
  saves[1] = true
  local is_saved, is_gone = saved(), false
  for _, one in ipairs(laid) do
    if not placing.is_there(place.timeline, one.placed) then
      placing.lay(place.pool, place.timeline, found, one.placed.track, one.clip, journal)
      is_gone = true
    end
  end
  if is_gone then is_saved = saved() end
  check(place, laid, marked)
  return is_saved
end

-- One paragraph.
local function told_of(found, score, options, folder, laid, wanted, marked, is_saved)
  local music, all, of = laid[1].placed, 0, { [HIT] = 0, [DUCK] = 0 }
  for _, one in ipairs(wanted) do
    if marked.at[one.data] then
      all = all + 1
      if of[one.colour] then of[one.colour] = of[one.colour] + 1 end
    end
  end
  local cues, hits, ducks = several(all - of[HIT] - of[DUCK], "cue"), several(of[HIT], "hit"), several(of[DUCK], "duck")
  local parts = { string.format(
    "the music for %s lies on audio track %d, %s, from frame %d for %s (%.2f s), with %s, %s and %s marked",
    found.name, music.track, options.track, music.start, several(music.frames, "frame"),
    music.frames * found.rate.den / found.rate.num, cues, hits, ducks) }
  local function add(applies, text) if applies then parts[#parts + 1] = text end end
  add(music.frames ~= found.frames,
    "the range has " .. several(found.frames, "frame") .. ": the clip's own rate is another")
  add(#laid > 1, several(#laid - 1, "stem") .. " on muted tracks")
  add(music.removed > 0, "it took the place of the earlier music there")
  add(marked.moved > 0, several(marked.moved, "marker") .. " moved to a free frame beside")
  add(marked.left_out > 0, several(marked.left_out, "marker") .. " found no free frame")
  add(found.note ~= "", found.note)
  add(true, is_saved and "the project is saved" or "the project is NOT saved: save it yourself")
  add(true, "job " .. score.job .. ", files in " .. folder)
  return table.concat(parts, "; ") .. "."
end

local function lay_all(place, found, score, options, folder, journal)
  local laid, saves = {}, {}
  pool.keep_bin(place.pool, journal)
  journal.begun("the project on disk", function() return not saves[1] or ask(place.manager, "SaveProject") == true end)
  local function lay(path, name)
    local clip = pool.import_file(place.pool, options.bin, path, journal)
    local index = placing.own_track(place.timeline, name, journal)
    local placed = placing.place(place.pool, place.timeline, found, index, clip, folder, journal)
    laid[#laid + 1] = { clip = clip, placed = placed }
    return index
  end
  lay(score.music, options.track)
  for _, stem in ipairs(score.stems) do
    placing.mute(place.timeline, lay(stem.path, options.track .. " " .. stem.name))
  end
  local wanted = markers.wanted(found, score.job, score.sheet, score.report, score.analysis)
  local marked = markers.set_all(place.timeline, found, wanted, journal)
  local is_saved = save(place, found, laid, marked, saves, journal)
  return told_of(found, score, options, folder, laid, wanted, marked, is_saved)
end

local function score_timeline(place, options, journal, machine)
  local service = machine.service(options)
  local found = facts.look(place.timeline, options.range, options.track)
  local folder = film_folder(options, place, found, machine)
  local order = order_of(found, place, options)
  local asked = asked_of(order, found, options.track)
  local job = job_of(place, found, order, asked, options, folder, service, journal, machine)
  local done = jobs.follow(service, job, options.wait_s, machine)
  if not done then
    return "the score is being made (job " .. job .. "). Run the script again to collect it."
  end
  local score = jobs.fetch(service, done, folder, options.stems, machine)
  local told = lay_all(same_place(place, found), found, score, options, folder, journal)
  jobs.remember(machine, folder, asked, job, true)
  return told
end

-- Score the open timeline and lay the music on it; what is to be said of it. Whatever goes wrong, what was begun is
-- taken back: tracks, clips, items, markers, bin, page and render settings.
local function run(program, options, machine)
  local journal, place = journal_of(), entering.enter(program)
  local ok, told = pcall(score_timeline, place, options, journal, machine)
  local left = ok and journal.put_back() or journal.take_back()
  if #left > 0 and ok then told = told .. " Could not put back: " .. table.concat(left, ", ") .. "." end
  if #left > 0 and not ok then telling.say("could not take back: " .. table.concat(left, ", ")) end
  if not ok then error(told, 0) end
  return told
end

-- Run from the menu: everything that is to be said goes to the console, and to the companion where there is one.
local machine
local ok, told = pcall(function()
  local program = entering.find_resolve()
  machine = shell.is_here() and shell.open(installed) or companion.open(installed, program)
  return run(program, options_of.read(machine.options_text(), installed.options), machine)
end)
pcall(telling.say, ok and told or telling.line_of(told))
if machine then pcall(machine.finish) end
