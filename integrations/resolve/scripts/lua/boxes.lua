-- What a rendered file is, read from the boxes of MP4 and QuickTime: whether it has a picture, and how long.

local LARGEST_MOOV = 64 * 2 ^ 20

local function number(bytes)
  local value = 0
  for index = 1, #bytes do value = value * 256 + bytes:byte(index) end
  return value
end

-- The next box in a text: its kind, its body, where the one after it begins; nil where there is none.
local function box(data, at)
  if at + 7 > #data then return nil end
  local length, head = number(data:sub(at, at + 3)), 8
  if length == 1 then length, head = number(data:sub(at + 8, at + 15)), 16 end
  if length == 0 then length = #data - at + 1 end
  if length < head then return nil end
  return data:sub(at + 4, at + 7), data:sub(at + head, at + length - 1), at + length
end

local function inside(data)
  local found, at = {}, 1
  while true do
    local kind, body, after = box(data, at)
    if not kind then return found end
    found[kind], at = body, after
  end
end

local function moov_of(file)
  local size, at = file:seek("end"), 0
  while at + 8 <= size do
    file:seek("set", at)
    local start = file:read(16) or ""
    local length, kind, head = number(start:sub(1, 4)), start:sub(5, 8), 8
    if length == 1 then length, head = number(start:sub(9, 16)), 16 end
    if length == 0 then length = size - at end
    if length < head then return nil end
    if kind == "moov" then
      if length > LARGEST_MOOV then return nil end
      file:seek("set", at + head)
      return file:read(length - head)
    end
    at = at + length
  end
  return nil
end

local function picture_s(moov)
  local at = 1
  while true do
    local kind, track, after = box(moov, at)
    if not kind then return nil end
    local media = kind == "trak" and inside(inside(track).mdia or "") or {}
    local head = media.mdhd
    if head and (media.hdlr or ""):sub(9, 12) == "vide" then
      local new = head:byte(1) == 1
      local scale = number(new and head:sub(21, 24) or head:sub(13, 16))
      local duration = number(new and head:sub(25, 32) or head:sub(17, 20))
      if scale == 0 then error("a track without a scale", 0) end
      return duration / scale
    end
    at = after
  end
end

-- { picture_s }, nil inside without a picture; nil for a file that cannot be read, which says nothing against it.
return function(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local ok, moov = pcall(moov_of, file)
  file:close()
  if not ok or not moov then return nil end
  local good, length_s = pcall(picture_s, moov)
  return good and { picture_s = length_s } or nil
end
