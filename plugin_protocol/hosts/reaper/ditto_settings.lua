-- @noindex
-- What is asked besides the selection. Kept in the project; these are the values of a new one.

local DEFAULTS = {
  { "prompt", "", "Prompt" },
  { "model", "embedded", "Model" },
  { "quality", "normal", "Quality: draft normal best" },
  { "takes", "1", "Takes (1 to 8)" },
  { "seed", "0", "Seed" },
  { "context", "4", "Context either side (seconds)" },
  { "bars", "2", "Continue by (bars)" },
  { "strength", "0.5", "Strength of change (0 to 1)" },
  { "tempo", "project", "Tempo from: project clip" },
  { "reading", "lead", "Melody: lead harmony" },
}

local WORDS = {
  quality = { draft = true, normal = true, best = true, paper = true },
  tempo = { project = true, clip = true },
  reading = { lead = true, harmony = true },
}

local RANGES = {
  takes = { 1, 8, whole = true },
  seed = { 0, 2 ^ 53 - 8, whole = true },
  context = { 0, 60 },
  bars = { 0.25, 64 },
  strength = { 0, 1 },
}

local settings = {}

-- The value of a setting as it is used, or an error that says what may be written.
local function checked(name, caption, text)
  local words, range = WORDS[name], RANGES[name]
  if words and not words[text] then
    error(('%s: "%s" is none of these words.'):format(caption, text), 0)
  elseif range then
    local number = tonumber(text)
    if not number or number < range[1] or number > range[2] then
      local words = '%s: "%s" is not a number from %g to %g.'
      error(words:format(caption, text, range[1], range[2]), 0)
    end
    return range.whole and math.floor(number) or number
  end
  return text
end

local function kept(project, name, default)
  local found, text = reaper.GetProjExtState(project, "ditto", name)
  return found > 0 and text or default
end

-- All settings of a project by name.
function settings.of(project)
  local values = {}
  for _, setting in ipairs(DEFAULTS) do
    local name, default, caption = table.unpack(setting)
    values[name] = checked(name, caption, kept(project, name, default))
  end
  return values
end

-- Show them to the producer and keep what is entered in the project.
function settings.ask(project)
  local captions, texts = {}, {}
  for i, setting in ipairs(DEFAULTS) do
    captions[i], texts[i] = setting[3], kept(project, setting[1], setting[2])
  end
  -- A prompt has commas, so lines separate the fields.
  local asked = table.concat(captions, ",") .. ",extrawidth=260,separator=\n"
  local is_ok, entered =
    reaper.GetUserInputs("DITTO settings", #DEFAULTS, asked, table.concat(texts, "\n"))
  if not is_ok then
    return
  end
  local i = 0
  local entries = {}
  for text in (entered .. "\n"):gmatch("(.-)\n") do
    i = i + 1
    entries[i] = text
    if DEFAULTS[i] then
      checked(DEFAULTS[i][1], DEFAULTS[i][3], text)
    end
  end
  for at, setting in ipairs(DEFAULTS) do
    reaper.SetProjExtState(project, "ditto", setting[1], entries[at] or setting[2])
  end
end

return settings
