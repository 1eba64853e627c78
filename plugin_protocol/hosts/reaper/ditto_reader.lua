-- @noindex
-- An item's audio, read as it is heard from its take: after rate, pitch, reversing and looping of
-- the source, before the take's volume, pan and effects, the item's volume and its fades.
-- Everything here runs in a coroutine and yields after each piece, so that REAPER never waits.

local project = require("ditto_project")
local wav = require("ditto_wav")

local reader = {}

local ENVELOPE_STEP = 64 -- samples between two looks at an envelope

-- Multiply interleaved values by the take's volume envelope, from frame `first` of the item on;
-- not between the frames of `bare`.
local function shape(values, frames, facts, first, envelope, bare)
  local function gain(frame)
    if bare and first + frame >= bare[1] and first + frame < bare[2] then
      return 1
    end
    local time = facts.position + (first + frame) / facts.rate
    return project.value(envelope, facts, true, time, ENVELOPE_STEP)
  end
  local channels, here = facts.channels, gain(0)
  for step = 0, frames - 1, ENVELOPE_STEP do
    local size = math.min(ENVELOPE_STEP, frames - step)
    local there = gain(step + size)
    for i = 0, size - 1 do
      local factor = here + (there - here) * i / size
      for channel = 1, channels do
        local at = (step + i) * channels + channel
        values[at] = values[at] * factor
      end
    end
    here = there
  end
end

local function silence(file, values)
  for first = 1, values, 65536 do
    local count = math.min(65536, values - first + 1)
    local zeros = {}
    for i = 1, count do
      zeros[i] = 0.0
    end
    wav.append(file, zeros, count)
    coroutine.yield()
  end
end

-- Write the frames from `first` up to `last` of an item to `path`. Before its start and past its
-- end there is silence. With `envelope`, what the take's volume envelope makes of them; not so
-- between the two frames of `bare`.
function reader.read(facts, first, last, path, envelope, bare)
  local rate, channels = facts.rate, facts.channels
  local file = wav.create(path, channels, rate, last - first)
  local all = last - first
  silence(file, math.min(math.max(-first, 0), all) * channels)
  -- Pieces of half seconds begin at times that have no rounding error.
  local piece = rate % 2 == 0 and rate // 2 or rate
  local accessor = reaper.CreateTakeAudioAccessor(facts.take)
  local buffer = reaper.new_array(piece * channels)
  local at, stop = math.max(first, 0), math.max(math.min(last, facts.frames), 0)
  while at < stop do
    local frames = math.min(piece - at % piece, stop - at)
    if not reaper.ValidatePtr2(facts.project, facts.take, "MediaItem_Take*") then
      break
    end
    -- What lies past the item's end would keep what was there before.
    buffer.clear()
    local got = reaper.GetAudioAccessorSamples(accessor, rate, channels, at / rate, frames, buffer)
    if got < 0 then
      reaper.DestroyAudioAccessor(accessor)
      file:close()
      error(("%s: its audio cannot be read. Is its file offline?"):format(facts.name), 0)
    end
    local values = buffer.table(1, frames * channels)
    if envelope then
      shape(values, frames, facts, at, envelope, bare)
    end
    wav.append(file, values, frames * channels)
    at = at + frames
    coroutine.yield()
  end
  reaper.DestroyAudioAccessor(accessor)
  if at < stop then
    file:close()
    error(("%s was deleted while it was read."):format(facts.name), 0)
  end
  silence(file, math.min(math.max(last - facts.frames, 0), all) * channels)
  file:close()
end

return reader
