-- HTTP by curl, which Windows 10, macOS and most Linux systems have. Everything that curl is told stands in a file in a
-- folder that only its owner can read: nothing is left to a shell's quoting, and the key is in no list of processes.

local room = ...
local json, telling = room("json"), room("telling")

local TRIES = 4
local BUSY = { [429] = true, [502] = true, [503] = true, [504] = true }
local TUS = "Tus-Resumable: 1.0.0"

-- A value of curl's own settings file.
local function quoted(text)
  local escapes = { ["\\"] = "\\\\", ['"'] = '\\"', ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
  return '"' .. text:gsub('[\\"\n\r\t]', escapes) .. '"'
end

-- A path as a part of an address.
local function in_address(path)
  return (path:gsub("[^%w%-._~/]", function(char) return string.format("%%%02X", char:byte()) end))
end

-- The service as its HTTP API has it. disk: files, and run(command). settings: server, key, key_from (its
-- file), private (a folder), wait.
return function(disk, settings)
  local service, count = {}, 0

  -- One answer: status, body, headers. status nil: none came, and body is why.
  local function try(method, path, more)
    count = count + 1
    local stem = disk.join(settings.private, "ask-" .. os.time() .. "-" .. count)
    local files = {}
    for _, name in ipairs({ "config", "body", "head", "errors" }) do files[name] = stem .. "." .. name end
    local lines = {
      "silent", "show-error", "globoff", 'proto = "=http,https"', 'noproxy = "*"', "connect-timeout = 10",
      "speed-limit = 1", "speed-time = 120", "request = " .. method, "url = " .. quoted(settings.server .. path),
      "header = " .. quoted("Authorization: Bearer " .. settings.key), "header = " .. quoted("Expect:"),
      "output = " .. quoted(more.to or files.body), "dump-header = " .. quoted(files.head),
      "stderr = " .. quoted(files.errors),
    }
    for _, header in ipairs(more.headers or {}) do lines[#lines + 1] = "header = " .. quoted(header) end
    if method == "HEAD" then lines[#lines + 1] = "head" end
    if more.film then
      lines[#lines + 1] = "upload-file = " .. quoted(more.film)
      if more.offset > 0 then lines[#lines + 1] = "continue-at = " .. string.format("%.0f", more.offset) end
    end
    if more.text then
      files.sent = stem .. ".json"
      disk.write(files.sent, more.text)
      lines[#lines + 1] = "data-binary = " .. quoted("@" .. files.sent)
    end
    disk.write(files.config, table.concat(lines, "\n") .. "\n")
    disk.run("curl -q -K " .. disk.quoted(files.config))
    local head, body, errors = disk.read(files.head), disk.read(files.body), disk.read(files.errors)
    for _, file in pairs(files) do disk.remove(file) end
    if not head and not errors then telling.fail("curl is not on this machine", "Install curl and run again.") end
    local status
    for code in (head or ""):gmatch("HTTP/[%d.]+ (%d%d%d)") do status = tonumber(code) end
    local why = (errors or ""):match("curl: [^\r\n]+")
    if not status or why then return nil, why or "no answer", head or "" end
    return status, body or "", head
  end

  -- One answer; asked again while none comes or the service is busy.
  local function ask(method, path, more)
    local status, body, head
    for attempt = 1, TRIES do
      if attempt > 1 then settings.wait(attempt - 1) end
      status, body, head = try(method, path, more or {})
      if status and not BUSY[status] then return status, body, head end
    end
    if status then return status, body, head end
    telling.fail("the Cuesmith service does not answer at " .. settings.server .. " (" .. body .. ")",
      "Start it with `cuesmith serve`, and run again.")
  end

  local function refuse(status, body)
    if status == 401 then
      telling.fail("the service refuses the key in " .. settings.key_from,
        "Start `cuesmith serve` on this machine, or name a file with a good key as key_file.")
    end
    local problem = json.decode(body)
    local what, advice = json.get(problem, "detail"), json.get(problem, "advice")
    if type(what) == "string" then telling.fail(what, type(advice) == "string" and advice or "") end
    telling.fail(settings.server .. " answers with status " .. status,
      "Is this the address of a Cuesmith service? See server in cuesmith.json.")
  end

  local function document_of(status, body)
    local found = status < 300 and json.decode(body)
    if type(found) ~= "table" then refuse(status, body) end
    return found
  end

  -- A film, sent: its id and its SHA-256. It is carried on where the connection broke.
  function service.upload(path)
    local size = disk.size(path)
    local length = "Upload-Length: " .. string.format("%.0f", size)
    local status, body, head = ask("POST", "/v1/uploads", { text = "", headers = { TUS, length } })
    local where = head:match("\n[Ll]ocation: *([^\r\n]+)")
    if status >= 300 or not where then refuse(status, body) end
    where = where:gsub("^https?://[^/]*", "")
    local offset, broken = 0, 0
    while offset < size do
      local headers = { TUS, "Upload-Offset: " .. string.format("%.0f", offset),
        "Content-Type: application/offset+octet-stream" }
      status, body = try("PATCH", where, { film = path, offset = offset, headers = headers })
      if status and status >= 300 and not BUSY[status] then refuse(status, body) end
      if status and status < 300 then break end
      broken = broken + 1
      if broken >= TRIES then telling.fail("the film could not be sent: " .. body, "Run again.") end
      settings.wait(1)
      _, _, head = ask("HEAD", where, { headers = { TUS } })
      offset = tonumber(head:match("\n[Uu]pload%-[Oo]ffset: *(%d+)")) or 0
    end
    local shown = document_of(ask("GET", where))
    if shown.state ~= "complete" then telling.fail("the film arrived otherwise than it was sent", "Run again.") end
    return shown
  end

  -- A job asked for: its id, and whether it was there; the same one when asked again with the same key. nil where the
  -- key was used for something else.
  function service.order(order, same)
    local headers = { "Content-Type: application/json", "Idempotency-Key: " .. same }
    local status, body = ask("POST", "/v1/jobs", { text = json.encode(order), headers = headers })
    if status == 409 then return nil end
    return document_of(status, body)
  end

  -- A job as it is now; nil where there is none any more.
  function service.job(id)
    local status, body = ask("GET", "/v1/jobs/" .. id)
    if status == 404 or status == 410 then return nil end
    return document_of(status, body)
  end

  -- A JSON document at an address below the service's own.
  function service.document(path)
    return document_of(ask("GET", path))
  end

  -- A file of a job, whole, in its place.
  function service.fetch(id, file, to)
    if disk.size(to) == file.size_bytes then return end -- its name is this job's alone
    local part = to .. ".part"
    local path = "/v1/jobs/" .. id .. "/files/" .. in_address(file.name)
    local status = ask("GET", path, { to = part })
    if status >= 300 then
      local body = disk.read(part)
      disk.remove(part)
      refuse(status, body or "")
    end
    local size = disk.size(part)
    if size ~= file.size_bytes then
      disk.remove(part)
      telling.fail(file.name .. " arrived with " .. tostring(size) .. " of " .. file.size_bytes .. " bytes",
        "Run again.")
    end
    disk.remove(to) -- nothing is renamed over a file on Windows
    if not disk.rename(part, to) then telling.fail(to .. " cannot be written", "Check its folder and run again.") end
  end

  return service
end
