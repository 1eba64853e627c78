-- What the session remembers: `ditto/settings` in its folder, lines of name=value.

local DEFAULTS = {
  prompt = "",         -- the music in words; may be empty
  model = "embedded",
  quality = "normal",  -- draft, normal, best or paper
  takes = 1,           -- versions of each result, one playlist each
  seed = 0,            -- of the first take
  context = 4.0,       -- seconds that are heard on either side of what is made anew
  seconds = 4.0,       -- of new music when continuing
  strength = 0.5,      -- of reshaping: 0 keeps the music, 1 is all new
  tempo = "session",   -- whose tempo and bars: session, or clip to have them estimated
}

local parts = ...
local settings = {}

local function path ()
  return parts.jobs.root () .. "/settings"
end

function settings.read ()
  local values = {}
  for name, value in pairs (DEFAULTS) do values[name] = value end
  for name, text in (parts.jobs.text_of (path ()) or ""):gmatch ("([^\n=]+)=([^\n]*)") do
    if type (DEFAULTS[name]) == "string" then values[name] = text end
    if type (DEFAULTS[name]) == "number" then values[name] = tonumber (text) or values[name] end
  end
  return values
end

function settings.write (values)
  local lines = {}
  for name in pairs (DEFAULTS) do
    lines[#lines + 1] = name .. "=" .. tostring (values[name]):gsub ("%c", " ")
  end
  table.sort (lines)
  parts.jobs.make_folder (parts.jobs.root ())
  parts.jobs.write (path (), table.concat (lines, "\n") .. "\n")
end

-- Asks, and remembers the answer.
function settings.ask ()
  local now = settings.read ()
  local function same (...)
    local values = {}
    for _, name in ipairs ({ ... }) do values[name] = name end
    return values
  end
  local function number (key, title, most, digits)
    return { type = "number", key = key, title = title, default = now[key], min = 0, max = most,
      step = 10 ^ -digits, digits = digits }
  end
  local answer = LuaDialog.Dialog ("DITTO: Settings of this session", {
    { type = "entry", key = "prompt", title = "The music in words", default = now.prompt },
    { type = "dropdown", key = "quality", title = "Quality", default = now.quality,
      values = same ("draft", "normal", "best", "paper") },
    { type = "entry", key = "model", title = "Model", default = now.model },
    { type = "number", key = "takes", title = "Takes", default = now.takes, min = 1, max = 8 },
    number ("seed", "Seed of the first take", 2147483647, 0),
    number ("context", "Seconds heard on either side", 30, 1),
    number ("seconds", "Seconds to continue by", 60, 1),
    number ("strength", "Strength of reshaping", 1, 2),
    { type = "dropdown", key = "tempo", title = "Tempo and bars of the", default = now.tempo,
      values = same ("session", "clip") },
  }):run ()
  if answer then
    for name in pairs (DEFAULTS) do now[name] = answer[name] end
    settings.write (now)
  end
end

return settings
