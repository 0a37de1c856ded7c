-- What the script says: progress, and the one line that says what is wrong and what to do.

local telling = { sink = nil }

-- The text without line breaks or control characters.
function telling.one_line(text)
  return (text:gsub("%c+", " "):gsub("  +", " "):gsub("^ ", ""):gsub(" $", ""))
end

-- Say a line in the console, and wherever else the machine shows it.
function telling.say(text)
  local line = telling.one_line(text)
  print("Cuesmith: " .. line)
  if telling.sink then telling.sink(line) end
end

-- End with one line: what is wrong, and what to do.
function telling.fail(what, fix)
  error({ line = telling.one_line(what:gsub("%.+$", "") .. ". " .. fix) }, 0)
end

-- The line of an error; one that is not ours is to be reported.
function telling.line_of(problem)
  if type(problem) == "table" and problem.line then return problem.line end
  return telling.one_line("The script broke: " .. tostring(problem) .. ". Please report this line.")
end

-- "1 hit", "2 hits".
function telling.several(count, thing)
  return count .. " " .. thing .. (count == 1 and "" or "s")
end

-- "1:05.2".
function telling.clock(time_s)
  local tenths = math.floor(time_s * 10 + 0.5)
  return string.format("%d:%02d.%d", math.floor(tenths / 600), math.floor(tenths / 10) % 60, tenths % 10)
end

return telling
