-- @noindex
-- What each action asks for. A request has the item's `facts`, the clip as frames `first` to `last`
-- of the item, and the `job` and `controls` of JOB_FOLDERS.md. Further members:
--   action, verb   what it is called in names of takes and to the producer
--   at             project time at which tempo and bar are read
--   within         the seconds of the clip that are made anew, where not all of it is
--   grows, loops   the item gets longer; it repeats
--   bare           frames of the item between which the clip is read without its volume envelope
--   melody         facts of the item whose tune is followed, and its `first` frame

local project = require("ditto_project")

local request = {}

local FADE_SECONDS = 0.01 -- in which DITTO leads from what was there to what is varied, and back
-- More than any model hears at a time; tempo and key are estimated from it too.
local CONTEXT_OF_AN_END = 30

local function bounds(facts)
  return facts.position, facts.position + facts.length
end

-- Where a clip begins and ends that has the settings' context around frames of the item.
local function around(part, facts, settings)
  local context = math.floor(settings.context * facts.rate)
  return math.max(part[1] - context, 0), math.min(part[2] + context, facts.frames)
end

-- Frames of the item as seconds of a clip that begins at frame `first`.
local function seconds(part, first, facts)
  return { start = (part[1] - first) / facts.rate, ["end"] = (part[2] - first) / facts.rate }
end

function request.fill(this, facts, settings)
  local regions = project.regions(this, facts)
  if #regions == 0 then
    error("Nothing of the item is selected. Select the time that shall be made anew.", 0)
  end
  local first, last = around({ regions[1][1], regions[#regions][2] }, facts, settings)
  local asked = {}
  for i, region in ipairs(regions) do
    asked[i] = seconds(region, first, facts)
  end
  return {
    action = "fill",
    verb = "Fill selection",
    at = facts.position + regions[1][1] / facts.rate,
    first = first,
    last = last,
    job = { kind = "inpaint", regions = asked },
  }
end

function request.continue_after(this, facts, settings)
  local _, stop = bounds(facts)
  local from, to = project.time_selection(this)
  local is_marked = from and from <= stop + 1e-6 and to > stop + 1e-6
  local length = is_marked and to - stop or settings.bars * project.bar_seconds(this, stop)
  return {
    action = "continue",
    verb = "Continue item",
    at = stop,
    first = math.max(facts.frames - CONTEXT_OF_AN_END * facts.rate, 0),
    last = facts.frames,
    grows = true,
    job = { kind = "outpaint", seconds = length, side = "after" },
  }
end

function request.continue_before(this, facts, settings)
  local start = bounds(facts)
  local from, to = project.time_selection(this)
  local is_marked = from and from < start - 1e-6 and to >= start - 1e-6
  local wanted = is_marked and start - from or settings.bars * project.bar_seconds(this, start)
  local length = math.min(wanted, start)
  if length < 0.1 then
    error("There is no room before the item. Move it to the right first.", 0)
  end
  for i = 0, reaper.CountTakes(facts.item) - 1 do
    local take = reaper.GetMediaItemTake(facts.item, i)
    if take and reaper.GetTakeNumStretchMarkers(take) > 0 then
      error("The item has stretch markers, which would lose their place. Glue it first.", 0)
    end
  end
  return {
    action = "lead-in",
    verb = "Lead into item",
    at = start,
    first = 0,
    last = math.min(facts.frames, CONTEXT_OF_AN_END * facts.rate),
    grows = true,
    job = { kind = "outpaint", seconds = length, side = "before" },
  }
end

function request.loop(_, facts)
  return {
    action = "loop",
    verb = "Make loop",
    at = facts.position,
    first = 0,
    last = facts.frames,
    grows = true,
    loops = true,
    job = { kind = "loop" },
  }
end

-- The selected part of the item, or all of it, made anew but not beyond recognition. Second: the
-- frames of that part.
local function varied(this, facts, settings)
  local regions = project.regions(this, facts)
  if #regions > 1 then
    error("Several parts of the item are selected. Select one.", 0)
  end
  local part = regions[1] or { 0, facts.frames }
  local asked = { job = { kind = "vary", strength = settings.strength } }
  asked.first, asked.last = around(part, facts, settings)
  asked.at = facts.position + part[1] / facts.rate
  if part[1] > 0 or part[2] < facts.frames then
    asked.within = seconds(part, asked.first, facts)
  end
  return asked, part
end

local function times(facts, asked)
  return facts.position + asked.first / facts.rate, facts.position + asked.last / facts.rate
end

function request.reshape(this, facts, settings)
  local asked, part = varied(this, facts, settings)
  local envelope, in_take = project.chosen_envelope(this, facts)
  local from, to = times(facts, asked)
  local points = project.curve(envelope, facts, in_take, from, to)
  asked.action, asked.verb = "reshape", "Reshape to envelope"
  if envelope == project.heard_envelope(facts.take) then
    -- The envelope becomes music; heard through it as well, it would count twice. Where DITTO fades
    -- to what is around, that is heard through it.
    local fade = asked.within and math.floor(FADE_SECONDS * facts.rate) or 0
    asked.bare = { part[1] + fade, part[2] - fade }
  end
  asked.controls = { { kind = "intensity", points = points, match = "gain" } }
  return asked
end

function request.structure(this, facts, settings)
  local asked = varied(this, facts, settings)
  local sections = project.sections(this, times(facts, asked))
  asked.action, asked.verb = "structure", "Structure from regions"
  asked.controls = { { kind = "structure", sections = sections } }
  return asked
end

-- `tune` are the facts of the item that has the melody. Where both lie at the same time they stay
-- together; elsewhere the tune begins with what is made anew.
function request.melody(this, facts, settings, tune)
  local asked, part = varied(this, facts, settings)
  local from, to = times(facts, asked)
  local tune_start, tune_stop = bounds(tune)
  local is_together = tune_start < facts.position + part[2] / facts.rate and tune_stop > asked.at
  local begins = is_together and tune_start or asked.at
  local first = math.floor((from - begins) * tune.rate + 0.5)
  asked.action, asked.verb = "melody", "Follow melody"
  asked.melody = {
    facts = tune,
    first = first,
    last = first + math.floor((to - from) * tune.rate + 0.5),
  }
  asked.controls =
    { { kind = "melody", reference = { path = "melody.wav" }, reading = settings.reading } }
  return asked
end

-- Complete what an action asked: `spec` and `title`.
function request.complete(this, facts, settings, asked)
  local start = facts.position + asked.first / facts.rate
  local spec = {
    schema = "ditto-spec/1",
    job = asked.job,
    clip = { path = "clip.wav" },
    prompt = settings.prompt,
    seed = settings.seed,
    takes = settings.takes,
    quality = settings.quality,
    model = settings.model,
    controls = asked.controls,
  }
  if settings.tempo == "project" then
    local music = project.music(this, asked.at)
    spec.music = { bpm = music.bpm, beat_offset = asked.at + music.beat_offset - start }
  end
  asked.facts, asked.spec = facts, spec
  local bar = project.bar_number(this, asked.at)
  asked.title = ("%s, %s, bar %d"):format(asked.verb, facts.name, bar)
  return asked
end

return request
