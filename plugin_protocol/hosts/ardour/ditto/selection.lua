-- What is selected: a range on tracks, else regions. Each track is a target of its own.
-- Positions are samples of the session's timeline.

local parts = ...
local selection = {}

local function track_of (region)
  for route in parts.each (Session:get_tracks ()) do
    local track = route:to_track ()
    local found = track:playlist ():region_by_id (region:to_stateful ():id ())
    if not found:isnil () then return track end
  end
end

local function is_audio (track)
  return not track:isnil () and not track:to_audio_track ():isnil ()
end

-- Where the track has audio: from the first region's start to the last one's end.
local function bounds_of (track)
  local first, last = math.huge, 0
  for region in parts.each (track:playlist ():region_list ()) do
    local start = region:position ():samples ()
    first, last = math.min (first, start), math.max (last, start + region:length ():samples ())
  end
  return first, last
end

local function target_of (track)
  local first, last = bounds_of (track)
  return { track = track, spans = {}, first = first, last = last }
end

local function in_ranges (selected)
  local targets = {}
  for route in parts.each (selected.tracks:routelist ()) do
    local track = route:to_track ()
    if is_audio (track) then
      local target = target_of (track)
      target.spans[1] = { selected.time:start_sample (), selected.time:end_sample () }
      targets[#targets + 1] = target
    end
  end
  return targets
end

local function in_regions (selected)
  local targets, by_name = {}, {}
  for region in parts.each (selected.regions:regionlist ()) do
    local track = track_of (region)
    if track and is_audio (track) then
      local name = track:name ()
      if not by_name[name] then
        by_name[name] = target_of (track)
        targets[#targets + 1] = by_name[name]
      end
      local start = region:position ():samples ()
      local spans = by_name[name].spans
      spans[#spans + 1] = { start, start + region:length ():samples (), region }
    end
  end
  for _, target in ipairs (targets) do
    table.sort (target.spans, function (a, b) return a[1] < b[1] end)
  end
  return targets
end

-- A target for each selected track: { track, spans, start, stop, first, last }. `spans` are
-- { start, stop, region or nil } in order; the track has audio from `first` to `last`.
function selection.targets ()
  local selected = Editor:get_selection ()
  local has_range = selected.time:size () > 0
  local targets = has_range and in_ranges (selected) or in_regions (selected)
  if #targets == 0 then
    parts.dialogs.stop (has_range
      and "No audio track is selected. Select the track as well as the range, then do this again."
      or "Nothing is selected. Select a range on an audio track, or an audio region, then do "
        .. "this again.")
  end
  for _, target in ipairs (targets) do
    target.start, target.stop = target.spans[1][1], target.spans[1][2]
    for _, span in ipairs (target.spans) do target.stop = math.max (target.stop, span[2]) end
    if target.start >= target.last or target.stop <= target.first then
      parts.dialogs.stop ("There is no audio on " .. target.track:name () .. " in the selection.")
    end
  end
  return targets
end

-- The regions of a target that gain curves are read from, and where: { start, stop, region }.
function selection.regions_of (target)
  local found = {}
  for _, span in ipairs (target.spans) do
    local region = span[3]
    if region == nil then
      local middle = Temporal.timepos_t ((span[1] + span[2]) // 2)
      region = target.track:playlist ():top_region_at (middle)
    end
    if not region:isnil () and not region:to_audioregion ():isnil () then
      local start = region:position ():samples ()
      found[#found + 1] = { math.max (span[1], start),
        math.min (span[2], start + region:length ():samples ()), region }
    end
  end
  return found
end

-- The other audio tracks that have audio in [first, last), as { name, track }.
function selection.others (target, first, last)
  local found = {}
  for route in parts.each (Session:get_tracks ()) do
    local track = route:to_track ()
    if is_audio (track) and track:name () ~= target.track:name () then
      local begins, ends = bounds_of (track)
      if begins < last and ends > first then found[#found + 1] = { track:name (), track } end
    end
  end
  return found
end

return selection
