-- @noindex
-- Float WAV files: written in pieces, cut, and joined sample by sample. All positions are frames.

local wav = {}

local SAMPLE_BYTES = 4
local VALUES_AT_ONCE = 4096 -- string.pack takes its values from the stack, which is not endless
local COPY_BYTES = 2 ^ 20
local MOST_BYTES = 2 ^ 32 - 100
local FULL = ("<" .. ("f"):rep(VALUES_AT_ONCE))

local function header(channels, rate, frames)
  local frame_bytes = channels * SAMPLE_BYTES
  local bytes = frames * frame_bytes
  if bytes > MOST_BYTES then
    error("The item is too long for a WAV file of 4 GB. Split it around the selection first.", 0)
  end
  return "RIFF"
    .. ("<I4"):pack(bytes + 50)
    .. "WAVEfmt "
    .. ("<I4I2I2I4I4I2I2I2"):pack(18, 3, channels, rate, rate * frame_bytes, frame_bytes, 32, 0)
    .. "fact"
    .. ("<I4I4"):pack(4, frames)
    .. "data"
    .. ("<I4"):pack(bytes)
end

local function opened(path, mode)
  local file, why = io.open(path, mode)
  if not file then
    error(("%s cannot be opened: %s."):format(path, why), 0)
  end
  return file
end

-- A file of `frames` frames; `wav.append` must then be given all of them.
function wav.create(path, channels, rate, frames)
  local file = opened(path, "wb")
  file:write(header(channels, rate, frames))
  return file
end

-- Append `count` interleaved values of a table.
function wav.append(file, values, count)
  for first = 1, count, VALUES_AT_ONCE do
    local last = math.min(first + VALUES_AT_ONCE - 1, count)
    local size = last - first + 1
    local format = size == VALUES_AT_ONCE and FULL or "<" .. ("f"):rep(size)
    file:write(format:pack(table.unpack(values, first, last)))
  end
end

-- What a float WAV file is: `channels`, `rate`, `frames`, and where its samples are.
function wav.open(path)
  local file = opened(path, "rb")
  local sound = { file = file, path = path }
  local is_float
  if (file:read(12) or ""):match("^RIFF....WAVE$") then
    while true do
      local chunk = file:read(8)
      if not chunk or #chunk < 8 then
        break
      end
      local name, size = ("<c4I4"):unpack(chunk)
      if name == "fmt " then
        local format = file:read(size)
        local tag, channels, rate, _, frame_bytes = ("<I2I2I4I4I2"):unpack(format)
        -- An extensible format says at byte 25 what it is.
        tag = tag == 0xFFFE and ("<I2"):unpack(format, 25) or tag
        is_float = tag == 3 and frame_bytes == channels * SAMPLE_BYTES
        sound.channels, sound.rate, sound.frame_bytes = channels, rate, frame_bytes
      elseif name == "data" then
        sound.data, sound.frames = file:seek(), size // sound.frame_bytes
        break
      else
        file:seek("cur", size + size % 2)
      end
    end
  end
  if not (is_float and sound.frames) then
    file:close()
    error(path .. " is no WAV file of 32-bit floats.", 0)
  end
  return sound
end

-- Copy the frames from `first` up to `last` to the end of `target`.
local function copy(sound, first, last, target)
  sound.file:seek("set", sound.data + first * sound.frame_bytes)
  local left = (last - first) * sound.frame_bytes
  while left > 0 do
    local bytes = sound.file:read(math.min(left, COPY_BYTES))
    if not bytes then
      error(sound.path .. " is shorter than it says.", 0)
    end
    target:write(bytes)
    left = left - #bytes
  end
end

-- A new file of the frames from `first` up to `last`.
function wav.cut(source, first, last, path)
  local sound = wav.open(source)
  local target = wav.create(path, sound.channels, sound.rate, last - first)
  copy(sound, first, last, target)
  target:close()
  sound.file:close()
end

-- The source with `new` from frame `at` on, written to `path`. Where `at` is negative or `new`
-- reaches past the end, the result is longer.
-- Returns how many frames were put before the source's first, and how many there are in all.
function wav.splice(source, at, new, path)
  local old, fresh = wav.open(source), wav.open(new)
  if old.channels ~= fresh.channels or old.rate ~= fresh.rate then
    error(new .. " does not fit the item: another sample rate or number of channels.", 0)
  end
  local stop = at + fresh.frames
  local total = math.max(stop, old.frames) - math.min(at, 0)
  local target = wav.create(path, old.channels, old.rate, total)
  copy(old, 0, math.max(at, 0), target)
  copy(fresh, 0, fresh.frames, target)
  copy(old, math.max(stop, 0), math.max(stop, old.frames), target)
  target:close()
  old.file:close()
  fresh.file:close()
  return math.max(-at, 0), total
end

return wav
