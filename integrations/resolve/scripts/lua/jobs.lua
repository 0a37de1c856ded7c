-- A job of the service: ordered, remembered, followed, fetched.

local room = ...
local json, options, telling = room("json"), room("options"), room("telling")
local get = json.get

local jobs = {}

local STATE, SCHEMA = "cuesmith-state.json", "cuesmith.resolve/1"
local MUSIC, STEMS = "film.music.wav", "stems/"
local OVER = { failed = true, canceled = true, aborted = true, expired = true }
local MOST_ORDERS = 20
local POLL_S = 1

-- What tells one text from another: four remainders, 28 hexadecimal digits. It need not be safe against anybody, for
-- the service refuses a key that was used for another order.
function jobs.checksum(text)
  local parts = {}
  for _, prime in ipairs({ 67108859, 67108837, 67108819, 67108777 }) do
    local value = 7
    for index = 1, #text do value = (value * 257 + text:byte(index)) % prime end
    parts[#parts + 1] = string.format("%07x", value)
  end
  return table.concat(parts)
end

-- What was kept beside a timeline's files for the very same ask; empty where there is nothing, or it was for another.
function jobs.recall(machine, folder, asked)
  local text = machine.read(machine.join(folder, STATE))
  local kept = text and json.decode(text)
  if get(kept, "schema") == SCHEMA and kept.ask == asked then return kept end
  return {}
end

function jobs.remember(machine, folder, asked, job, is_placed)
  machine.write(machine.join(folder, STATE),
    json.encode({ schema = SCHEMA, ask = asked, job = job, is_placed = is_placed }))
end

-- Whether a job is there and has not failed.
function jobs.is_alive(service, id)
  local job = service.job(id)
  return job ~= nil and not OVER[job.state]
end

-- The id of the job for an order. same: what stands for film and order; asked again, the job is the same one. A job of
-- before that failed or is gone is not taken again: the next number is asked for.
function jobs.order(service, document, same)
  for number = 1, MOST_ORDERS do
    local taken = service.order(document, same .. "-" .. number)
    if taken and (not taken.was_there or jobs.is_alive(service, taken.id)) then return taken.id end
  end
  telling.fail("the service has too many jobs of this film that failed", "See `cuesmith serve`'s log.")
end

-- The job once it has ended well; nil when the time is up before.
function jobs.follow(service, id, wait_s, machine)
  local ends_s, told = machine.now() + wait_s, nil
  while true do
    local job = service.job(id)
    if not job then
      telling.fail("the service knows nothing of " .. id .. " any more", "Run again to have it scored anew.")
    end
    if job.state == "succeeded" then return job end
    if OVER[job.state] then
      local problem = get(job, "error")
      local what = get(problem, "what") or "the job " .. id .. " is " .. job.state
      telling.fail(what, get(problem, "advice") or "Run again.")
    end
    local line = string.format("%s, %.0f %%", job.state, 100 * (get(job, "progress") or 0))
    if line ~= told then telling.say(line) end
    told = line
    if machine.now() >= ends_s then return nil end
    machine.wait(POLL_S)
  end
end

-- The job's files, in names that only this job's have: Resolve keeps what it once imported under a path.
function jobs.fetch(service, done, folder, wants_stems, machine)
  local short, files, names = done.id:match("[^_]*$"):sub(1, 8), {}, {}
  for _, file in ipairs(get(done, "files") or {}) do
    files[file.name], names[#names + 1] = file, file.name
  end
  if not files[MUSIC] then
    telling.fail("the job " .. done.id .. " has no " .. MUSIC, "The service is older than this script: update it.")
  end
  local score = { job = done.id, music = machine.join(folder, "music " .. short .. ".wav"), stems = {} }
  service.fetch(done.id, files[MUSIC], score.music)
  table.sort(names)
  for _, name in ipairs(wants_stems and names or {}) do
    local stem = name:sub(1, #STEMS) == STEMS and name:match("^stems/([^/]+)%.flac$")
    if stem then
      local path = machine.join(folder, machine.name(options.safe_name(stem)) .. " " .. short .. ".flac")
      service.fetch(done.id, files[name], path)
      score.stems[#score.stems + 1] = { name = stem, path = path }
    end
  end
  score.sheet = service.document("/v1/jobs/" .. done.id .. "/cue-sheet")
  for _, name in ipairs({ "report", "analysis" }) do
    local file = files[name .. ".json"]
    score[name] = file and service.document("/v1/jobs/" .. done.id .. "/files/" .. file.name) or {}
  end
  return score
end

return jobs
