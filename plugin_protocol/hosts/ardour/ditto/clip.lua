-- Samples of the session as a WAV file of 32-bit floats, which keeps every bit.

local parts = ...
local clip = {}

local BLOCK = 8192 -- samples of a channel that are read at once
local PACKED = 128 -- values that are turned into bytes at once

local function header (channels, samples)
  local rate, bytes = Session:nominal_sample_rate (), samples * channels * 4
  return "RIFF" .. string.pack ("<I4", 4 + 24 + 12 + 8 + bytes) .. "WAVE"
    .. "fmt " .. string.pack ("<I4I2I2I4I4I2I2", 16, 3, channels, rate // 1,
      rate * channels * 4 // 1, channels * 4, 32)
    .. "fact" .. string.pack ("<I4I4", 4, samples)
    .. "data" .. string.pack ("<I4", bytes)
end

local function interleaved (of_channel, count)
  local channels = #of_channel
  local values, bytes = {}, {}
  for i = 1, count do
    for c = 1, channels do values[(i - 1) * channels + c] = of_channel[c][i] end
  end
  for first = 1, #values, PACKED do
    local last = math.min (first + PACKED - 1, #values)
    bytes[#bytes + 1] = string.pack ("<" .. ("f"):rep (last - first + 1),
      table.unpack (values, first, last))
  end
  return table.concat (bytes)
end

local function channels_of (playlist)
  local channels = 1
  for region in parts.each (playlist:region_list ()) do
    channels = math.max (channels, math.min (2, region:to_audioregion ():n_channels ()))
  end
  return channels
end

-- What the track plays in [first, last): with gain and fades of its regions, before its fader and
-- plugins.
function clip.write (path, track, first, last)
  local playlist = track:playlist ():to_audioplaylist ()
  local channels = channels_of (track:playlist ())
  local memory = ARDOUR.DSP.DspShm (3 * BLOCK)
  local file = assert (io.open (path, "wb"))
  file:write (header (channels, last - first))
  for position = first, last - 1, BLOCK do
    local count = math.min (BLOCK, last - position)
    local of_channel = {}
    for channel = 1, channels do
      playlist:read (memory:to_float (0), memory:to_float (BLOCK), memory:to_float (2 * BLOCK),
        Temporal.timepos_t (position), Temporal.timecnt_t.from_samples (count), channel - 1)
      of_channel[channel] = memory:to_float (0):get_table (count)
    end
    file:write (interleaved (of_channel, count))
  end
  file:close ()
end

return clip
