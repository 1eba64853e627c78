-- What the user may press. Each `actions.NAME ()` is one script of the same name beside this folder.

local parts = ...
local actions = {}

local HOOK = "DITTO: Place results"

local function seconds (samples)
  return samples / parts.music.rate ()
end

-- With `reach` seconds on either side of [start, stop), as far as the track has audio.
local function with_context (target, start, stop, reach)
  local samples = math.floor (reach * parts.music.rate ())
  return math.min (start, math.max (target.first, start - samples)),
    math.max (stop, math.min (target.last, stop + samples))
end

local function is_hook_on ()
  local text = parts.jobs.text_of (ARDOUR.user_config_directory (-1) .. "/ui_scripts")
  return text and text:find ('name="' .. HOOK .. '"', 1, true)
end

local function begin (name)
  parts.jobs.remember (name)
  parts.jobs.start (name)
  parts.watch.show (name)
end

-- Writes the folder of a job and starts it. `order`: kind, title, target, job; first, last: of the
-- clip; from, to: of what is made anew; and where wanted controls, melody (a track), and within.
local function submit (order)
  local wishes = parts.settings.read ()
  local title = order.title .. ", " .. parts.music.bar_name (order.from)
  local name = parts.jobs.new (order.kind)
  local track = order.target.track
  parts.clip.write (parts.jobs.path (name, "clip.wav"), track, order.first, order.last)
  if order.melody then
    parts.clip.write (parts.jobs.path (name, "melody.wav"), order.melody, order.first, order.last)
  end
  local spec = {
    schema = "ditto-spec/1", job = order.job, clip = { path = "clip.wav" },
    prompt = wishes.prompt, seed = math.floor (wishes.seed), takes = math.floor (wishes.takes),
    quality = wishes.quality, model = wishes.model, controls = order.controls,
  }
  if wishes.tempo == "session" then
    spec.music = parts.music.tempo (order.from, order.first)
  end
  parts.jobs.write_place (name, {
    track = track:to_stateful ():id ():to_s (), at = order.first, title = title,
    from = order.from, to = order.to,
  })
  parts.jobs.write (parts.jobs.path (name, "job.json"), parts.json.encode ({
    schema = "ditto-job/1", deliver = "new", title = title .. ", " .. track:name (), spec = spec,
    within = order.within,
  }))
  begin (name)
  parts.jobs.write (parts.jobs.root () .. "/last", name)
end

local function stretch (order, start, stop)
  return { start = seconds (start - order.first), ["end"] = seconds (stop - order.first) }
end

local function fill (target, order)
  order.target, order.from, order.to = target, target.start, target.stop
  order.first, order.last = with_context (target, target.start, target.stop,
    parts.settings.read ().context)
  local regions = {}
  for _, span in ipairs (target.spans) do
    regions[#regions + 1] = stretch (order, span[1], span[2])
  end
  order.job = { kind = "inpaint", regions = regions }
  submit (order)
end

function actions.fill ()
  for _, target in ipairs (parts.selection.targets ()) do
    fill (target, { kind = "fill", title = "Fill selection" })
  end
end

function actions.melody ()
  for _, target in ipairs (parts.selection.targets ()) do
    local others = parts.selection.others (target, target.start, target.stop)
    if #others == 0 then
      parts.dialogs.stop ("No other track has audio there. Put the melody on another track, at "
        .. "the place of the selection, then do this again.")
    end
    local other = parts.dialogs.choose ("Follow the melody of", others)
    if other == nil then return end
    fill (target, { kind = "melody", title = "Follow melody", melody = other,
      controls = { { kind = "melody", reference = { path = "melody.wav" } } } })
  end
end

local function continue (side)
  local wishes = parts.settings.read ()
  local new = math.floor (wishes.seconds * parts.music.rate ())
  for _, target in ipairs (parts.selection.targets ()) do
    local start, stop = math.max (target.start, target.first), math.min (target.stop, target.last)
    local first, last = with_context (target, start, stop, wishes.context)
    local order = { kind = "continue", target = target,
      job = { kind = "outpaint", seconds = seconds (new), side = side } }
    if side == "after" then
      order.title, order.first, order.last = "Continue after", first, stop
      order.from, order.to = stop, stop + new
    else
      if start < new then
        parts.dialogs.stop (string.format ("There are %.2f s before the selection, and %.2f s of "
          .. "music are to be put there. Move it later, or ask for less in DITTO's settings.",
          seconds (start), seconds (new)))
      end
      order.title, order.first, order.last = "Continue before", start, last
      order.from, order.to = start - new, start
    end
    submit (order)
  end
end

function actions.continue_after () continue ("after") end

function actions.continue_before () continue ("before") end

function actions.loop ()
  for _, target in ipairs (parts.selection.targets ()) do
    local start, stop = math.max (target.start, target.first), math.min (target.stop, target.last)
    submit ({ kind = "loop", title = "Make loop", target = target, first = start,
      last = stop, from = start, to = stop, job = { kind = "loop" } })
  end
end

-- Makes [start, stop) anew, more or less like it was. `control_of (first, last)`: of that clip.
local function vary (target, kind, title, start, stop, control_of)
  local wishes = parts.settings.read ()
  local order = { kind = kind, title = title, target = target, from = start, to = stop,
    job = { kind = "vary", strength = wishes.strength } }
  order.first, order.last = with_context (target, start, stop, wishes.context)
  order.within = stretch (order, start, stop)
  order.controls = { control_of (order.first, order.last) }
  submit (order)
end

-- What is heard of the selection has its gain curve in it already: no louder or softer than that.
function actions.reshape ()
  for _, target in ipairs (parts.selection.targets ()) do
    for _, span in ipairs (parts.selection.regions_of (target)) do
      local start, stop, region = table.unpack (span)
      parts.music.need_gain_curve (region, start, stop)
      vary (target, "reshape", "Reshape", start, stop, function (first, last)
        return { kind = "intensity", match = "gain",
          points = { { 0.0, 0.0 }, { seconds (last - first), 0.0 } } }
      end)
    end
  end
end

function actions.structure ()
  for _, target in ipairs (parts.selection.targets ()) do
    local start, stop = target.start, target.stop
    vary (target, "structure", "Structure from markers", start, stop, function (first, last)
      return { kind = "structure", sections = parts.music.sections (first, start, stop, last) }
    end)
  end
end

-- The newest request once more, with the seeds after its own.
function actions.another_take ()
  local last = parts.jobs.text_of (parts.jobs.root () .. "/last")
  local request = last and parts.jobs.text_of (parts.jobs.path (last, "job.json"))
  if request == nil then
    parts.dialogs.stop ("Nothing was made in this session yet. Make something first.")
  end
  local takes = parts.json.integer_of (request, "takes")
  local name = parts.jobs.copy (last)
  parts.jobs.write (parts.jobs.path (name, "job.json"), (request:gsub ('"seed": (%d+)',
    function (seed) return '"seed": ' .. math.tointeger (seed) + takes end)))
  begin (name)
  parts.jobs.write (parts.jobs.root () .. "/last", name)
end

-- Asks which of the jobs under way is meant where there are several.
local function wish (file, question)
  local choices = {}
  for _, name in ipairs (parts.jobs.waiting ()) do
    if parts.jobs.state (name) == "open" then
      choices[#choices + 1] = { parts.jobs.place_of (name).title .. " (" .. name .. ")", name }
    end
  end
  if #choices == 0 then parts.dialogs.stop ("DITTO is not making anything for this session.") end
  local name = parts.dialogs.choose (question, choices)
  if name then parts.jobs.write (parts.jobs.path (name, file), "") end
end

function actions.cancel () wish ("cancel", "End without a result") end

function actions.finish_now () wish ("finish", "Keep the best so far of") end

function actions.settings ()
  parts.settings.ask ()
end

-- Everything of this session that is not in it yet, whoever lost sight of it.
function actions.collect_results ()
  local count, is_waiting = { done = 0, open = 0, failed = 0 }, {}
  for _, name in ipairs (parts.jobs.waiting ()) do is_waiting[name] = true end
  for _, name in ipairs (parts.jobs.untaken ()) do
    local state = parts.jobs.state (name)
    -- What is done and waited for is placed already, in a session that was not saved since.
    if state ~= "done" or not is_waiting[name] then count[state] = count[state] + 1 end
    if state ~= "failed" and not is_waiting[name] then parts.jobs.remember (name) end
    if state == "open" then parts.jobs.start (name) end
  end
  parts.dialogs.say (string.format ("%d finished, to be placed now; %d under way; %d that came to "
    .. "nothing.", count.done, count.open, count.failed))
end

-- Runs one of them, and says what keeps its results from being placed.
function actions.run (name)
  local ok = parts.dialogs.guard (actions[name])
  if ok and not is_hook_on () then
    parts.dialogs.warn ("Results cannot be placed by themselves yet. In Edit > Lua Scripts > "
      .. "Script Manager, Action Hooks, add '" .. HOOK .. "' once.")
  end
end

return actions
