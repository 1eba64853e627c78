-- What the session knows about music: tempo and bars, sections between markers, gain curves.
-- Positions are samples of the session's timeline.

local parts = ...
local music = {}

local LOOKS = 64 -- at a gain curve, to see whether it is flat

function music.rate ()
  return Session:nominal_sample_rate ()
end

-- The tempo at `position`, and where its bar begins in seconds from `first`.
function music.tempo (position, first)
  local map = Temporal.TempoMap.read ()
  local here = Temporal.timepos_t (position)
  local bar = Temporal.BBT_TIME (map:bbt_at (here).bars, 1, 0)
  local downbeat = map:sample_at_beats (map:quarters_at_bbt (bar))
  return {
    bpm = map:tempo_at (here):quarter_notes_per_minute (),
    beat_offset = (downbeat - first) / music.rate (),
  }
end

-- "bar 5" of a position, for names that people read.
function music.bar_name (position)
  return "bar " .. Temporal.TempoMap.read ():bbt_at (Temporal.timepos_t (position)).bars
end

-- Sections from the markers and the starts of ranges in [start, stop) of a clip [first, last), as
-- { label, seconds }. What no marker stands before asks for nothing, and has no label.
function music.sections (first, start, stop, last)
  local marks = {}
  for location in parts.each (Session:locations ():list ()) do
    local position = location:start ():samples ()
    local is_named = location:is_mark () or location:is_range_marker ()
    local is_ours = parts.watch.is_ours (location)
    if is_named and not is_ours and not location:is_hidden ()
      and position >= start and position < stop then
      marks[#marks + 1] = { position, location:name () }
    end
  end
  if #marks < 2 then
    parts.dialogs.stop ("Put a marker where each section of the selection begins, and give "
      .. "sections that shall sound alike the same name, such as A, B, A.")
  end
  table.sort (marks, function (a, b) return a[1] < b[1] end)
  local sections = {}
  local function add (label, from, to)
    if to > from then sections[#sections + 1] = { label, (to - from) / music.rate () } end
  end
  add ("", first, marks[1][1])
  for i, mark in ipairs (marks) do
    add (mark[2]:sub (1, 24), mark[1], marks[i + 1] and marks[i + 1][1] or stop)
  end
  add ("", stop, last)
  return sections
end

-- Ends the action where the region's gain curve says nothing about [start, stop).
function music.need_gain_curve (region, start, stop)
  local audio, begin = region:to_audioregion (), region:position ():samples ()
  local curve = audio:envelope ()
  local lowest, highest = math.huge, 0
  for i = 0, LOOKS do
    local at = Temporal.timepos_t (start + (stop - start) * i // LOOKS - begin)
    lowest, highest = math.min (lowest, curve:eval (at)), math.max (highest, curve:eval (at))
  end
  if not audio:envelope_active () or highest < 1.05 * lowest then
    parts.dialogs.stop ("The region's gain curve is flat, or off. Draw how loud the music shall be "
      .. "with the Draw tool, then do this again.")
  end
end

return music
