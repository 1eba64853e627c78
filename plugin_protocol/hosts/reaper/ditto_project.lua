-- @noindex
-- What the project knows: items, the selection, tempo and bars, envelopes, regions and markers.
-- Times are seconds of the project unless it is said otherwise; frames count from an item's start.

local project = {}

local TOUCHING = 1e-6
local MOST_POINTS = 400
local LABEL_CHARACTERS = 24
local QUIETEST_DB = -60
local RANGE_DB = 30 -- what the whole range of a curve that is no volume means

function project.current()
  return (reaper.EnumProjects(-1))
end

function project.is_open(this)
  return reaper.ValidatePtr2(0, this, "ReaProject*")
end

-- Sample rate and channels of a source; a section or a reversed one has those of what it plays.
local function format_of(source)
  while source do
    local rate = reaper.GetMediaSourceSampleRate(source)
    local channels = reaper.GetMediaSourceNumChannels(source)
    if rate > 0 and channels > 0 then
      return rate, channels
    end
    source = reaper.GetMediaSourceParent(source)
  end
  error("The selected item's file cannot be read. Is it offline?", 0)
end

-- How many channels a take makes of those of its source.
local function channels_of(take, of_source)
  local mode = reaper.GetMediaItemTakeInfo_Value(take, "I_CHANMODE")
  if mode < 2 then
    return of_source -- as they are, or swapped
  end
  return mode <= 66 and 1 or 2
end

-- What is to know of an item: its active take, where it lies, and the format it is heard in.
function project.facts(this, item)
  local take = reaper.GetActiveTake(item)
  if not take or reaper.TakeIsMIDI(take) then
    error("The selected item holds no audio. Select an audio item, or render it first.", 0)
  end
  local rate, of_source = format_of(reaper.GetMediaItemTake_Source(take))
  local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
  local _, guid = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
  local _, take_guid = reaper.GetSetMediaItemTakeInfo_String(take, "GUID", "", false)
  return {
    project = this,
    item = item,
    take = take,
    guid = guid,
    take_guid = take_guid,
    name = reaper.GetTakeName(take),
    position = reaper.GetMediaItemInfo_Value(item, "D_POSITION"),
    length = length,
    rate = rate,
    channels = channels_of(take, of_source),
    -- Never shorter than the item, which would play the beginning again at its end.
    frames = math.ceil(length * rate - 1e-6),
    offset = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS"),
    playrate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE"),
  }
end

-- The facts of all selected items, or an error that says what to select.
function project.selected(this)
  local found = {}
  for i = 0, reaper.CountSelectedMediaItems(this) - 1 do
    found[#found + 1] = project.facts(this, reaper.GetSelectedMediaItem(this, i))
  end
  if #found == 0 then
    error("No item is selected. Select the audio item that DITTO shall work on.", 0)
  end
  return found
end

-- The item of that GUID, or nil.
function project.item(this, guid)
  for i = 0, reaper.CountMediaItems(this) - 1 do
    local item = reaper.GetMediaItem(this, i)
    local _, its = reaper.GetSetMediaItemInfo_String(item, "GUID", "", false)
    if its == guid then
      return item
    end
  end
end

-- The time selection; nil where there is none.
function project.time_selection(this)
  local from, to = reaper.GetSet_LoopTimeRange2(this, false, false, 0, 0, false)
  if to - from > TOUCHING then
    return from, to
  end
end

local function razor_edits(item)
  local track = reaper.GetMediaItem_Track(item)
  local _, text = reaper.GetSetMediaTrackInfo_String(track, "P_RAZOREDITS", "", false)
  local found = {}
  -- Areas of envelopes have a GUID between the quotes.
  for from, to in text:gmatch('(%S+) (%S+) ""') do
    found[#found + 1] = { tonumber(from), tonumber(to) }
  end
  return found
end

-- The parts of an item that are selected, as pairs of frames: razor edits on its track, else the
-- time selection. Empty where neither meets the item.
function project.regions(this, facts)
  local chosen = razor_edits(facts.item)
  if #chosen == 0 then
    chosen = { { project.time_selection(this) } }
  end
  local regions = {}
  for _, region in ipairs(chosen) do
    local from, to = table.unpack(region)
    local first = from and math.floor((from - facts.position) * facts.rate + 0.5) or 0
    local last = to and math.floor((to - facts.position) * facts.rate + 0.5) or 0
    first, last = math.max(first, 0), math.min(last, facts.frames)
    if first < last then
      regions[#regions + 1] = { first, last }
    end
  end
  table.sort(regions, function(a, b)
    return a[1] < b[1]
  end)
  return regions
end

-- Tempo, and where the bar begins that `time` lies in, counted from `time`.
function project.music(this, time)
  local _, _, bpm = reaper.TimeMap_GetTimeSigAtTime(this, time)
  local _, measure = reaper.TimeMap2_timeToBeats(this, time)
  return { bpm = bpm, beat_offset = reaper.TimeMap2_beatsToTime(this, 0, measure) - time }
end

-- The number that the ruler shows for the bar at `time`.
function project.bar_number(this, time)
  local _, measure = reaper.TimeMap2_timeToBeats(this, time)
  return measure + 1
end

-- How long a bar is at `time`, in seconds. Tempo counts quarter notes, whatever the meter.
function project.bar_seconds(this, time)
  local beats, unit, bpm = reaper.TimeMap_GetTimeSigAtTime(this, time)
  return beats * 4 / unit * 60 / bpm
end

local function is_active(envelope)
  local _, active = reaper.GetSetEnvelopeInfo_String(envelope, "ACTIVE", "", false)
  return active ~= "0"
end

-- The take's volume envelope if it is heard, else nil.
function project.heard_envelope(take)
  local envelope = reaper.GetTakeEnvelopeByName(take, "Volume")
  return envelope and is_active(envelope) and envelope or nil
end

-- The envelope to follow, and whether it is the take's: the selected one if it is of the take or of
-- its track, else the take's volume, else a selected one of another track.
function project.chosen_envelope(this, facts)
  local selected = reaper.GetSelectedEnvelope(this)
  local of_take = selected and reaper.Envelope_GetParentTake(selected)
  if of_take and of_take == facts.take then
    return selected, true
  end
  local own = reaper.GetTakeEnvelopeByName(facts.take, "Volume")
  if selected and not of_take then
    -- REAPER leaves an envelope selected for long after it was of use.
    local track = reaper.Envelope_GetParentTrack(selected)
    if not own or track == reaper.GetMediaItem_Track(facts.item) then
      return selected, false
    end
  end
  if not own then
    error("There is no envelope to follow. Draw a take volume envelope, or select any envelope.", 0)
  end
  return own, true
end

-- An envelope's value at a time of the project, and how much it changes in each of `samples`.
function project.value(envelope, facts, in_take, time, samples)
  local at = in_take and (time - facts.position) * facts.playrate or time
  local _, raw = reaper.Envelope_Evaluate(envelope, at, facts.rate, samples)
  return reaper.ScaleFromEnvelopeMode(reaper.GetEnvelopeScalingMode(envelope), raw)
end

-- The envelope between two times as pairs of seconds from the first and dB.
function project.curve(envelope, facts, in_take, from, to)
  local _, name = reaper.GetEnvelopeName(envelope)
  local count = math.min(MOST_POINTS, math.ceil((to - from) / 0.05) + 1)
  local times, values, lowest, highest = {}, {}, math.huge, -math.huge
  for i = 1, count do
    times[i] = (to - from) * (i - 1) / math.max(count - 1, 1)
    values[i] = project.value(envelope, facts, in_take, from + times[i], 1)
    lowest, highest = math.min(lowest, values[i]), math.max(highest, values[i])
  end
  if highest - lowest < 1e-9 then
    error("The envelope is flat here: there is no rise and fall to follow.", 0)
  end
  local points = {}
  for i = 1, count do
    local level
    if name:find("Volume") then
      level = values[i] > 0 and 20 * math.log(values[i], 10) or QUIETEST_DB
    else
      level = RANGE_DB * ((values[i] - lowest) / (highest - lowest) - 1)
    end
    points[i] = { times[i], math.min(math.max(level, QUIETEST_DB), 12.0) }
  end
  return points
end

local function label_of(name)
  local cut = utf8.len(name) and utf8.offset(name, LABEL_CHARACTERS + 1)
  return cut and name:sub(1, cut - 1) or name
end

local function marks(this, want_regions)
  local found = {}
  local count = reaper.CountProjectMarkers(this)
  for i = 0, count - 1 do
    local _, is_region, from, to, name = reaper.EnumProjectMarkers3(this, i)
    if is_region == want_regions then
      local stop = is_region and to or math.huge
      found[#found + 1] = { from = from, to = stop, label = label_of(name) }
    end
  end
  table.sort(found, function(a, b)
    return a.from < b.from
  end)
  return found
end

-- The form between two times as pairs of label and seconds: regions, or where there are none
-- markers, each until the next. Between regions nothing is asked.
function project.sections(this, from, to)
  for _, want_regions in ipairs({ true, false }) do
    local sections, at, labels = {}, from, 0
    local found = marks(this, want_regions)
    local function add(label, stop)
      stop = math.min(stop, to)
      if stop - at > TOUCHING then
        sections[#sections + 1] = { label, stop - at }
        labels = labels + (label ~= "" and 1 or 0)
        at = stop
      end
    end
    for i, mark in ipairs(found) do
      add("", mark.from)
      local next_one = found[i + 1]
      add(mark.label, math.min(mark.to, next_one and next_one.from or math.huge))
    end
    if labels > 0 then
      add("", to)
      return sections
    end
  end
  error("No named region or marker lies here. Name two parts, A and B or verse and chorus.", 0)
end

return project
