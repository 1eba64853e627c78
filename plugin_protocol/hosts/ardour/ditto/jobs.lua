-- Job folders in `ditto` beside the session's own folders, and the process that works on them.
-- What is in them is written in JOB_FOLDERS.md; `place` is ours: where the result belongs.

local DITTO = os.getenv ("DITTO_COMMAND") or "@DITTO@"

local parts = ...
local jobs = {}

function jobs.root ()
  return Session:path () .. "/ditto"
end

function jobs.path (name, file)
  return jobs.root () .. "/" .. name .. "/" .. file
end

function jobs.text_of (path)
  local file = io.open (path, "r")
  if file == nil then return nil end
  local text = file:read ("a")
  file:close ()
  return text
end

-- Under another name first: whoever sees the file sees all of it.
function jobs.write (path, text)
  local file = assert (io.open (path .. ".part", "w"))
  file:write (text)
  file:close ()
  assert (os.rename (path .. ".part", path))
end

local function quoted (text)
  return "'" .. text:gsub ("'", "'\\''") .. "'"
end

-- Makes the folder, and those that it is in.
function jobs.make_folder (path)
  os.execute ("mkdir -p " .. quoted (path))
  if not ARDOUR.LuaAPI.file_test (path, ARDOUR.LuaAPI.FileTest.IsDir) then
    parts.dialogs.stop ("The folder " .. path .. " could not be made. Save the session where "
      .. "there is room and you may write.")
  end
end

-- The folder of a new job, which `kind` ends the name of.
function jobs.new (kind)
  local stem = os.date ("%Y%m%d-%H%M%S-") .. kind
  local name, number = stem, 1
  while jobs.text_of (jobs.path (name, "place")) do
    number = number + 1
    name = stem .. "-" .. number
  end
  jobs.make_folder (jobs.root () .. "/" .. name)
  return name
end

-- A new job with what was asked for by the one of that name.
function jobs.copy (name)
  local copy = jobs.new (name:match ("%a[%a_]*"))
  for _, file in ipairs ({ "clip.wav", "melody.wav", "place" }) do
    local source = io.open (jobs.path (name, file), "rb")
    if source then
      local target = assert (io.open (jobs.path (copy, file), "wb"))
      target:write (source:read ("a"))
      target:close ()
      source:close ()
    end
  end
  return copy
end

-- Names of the jobs that are waited for, the oldest first: one on each line of `waiting`.
function jobs.waiting ()
  local names = {}
  for name in (jobs.text_of (jobs.root () .. "/waiting") or ""):gmatch ("[^\n]+") do
    names[#names + 1] = name
  end
  return names
end

local function wait_for (names)
  jobs.write (jobs.root () .. "/waiting", table.concat (names, "\n") .. "\n")
end

function jobs.forget (name)
  local rest = {}
  for _, each in ipairs (jobs.waiting ()) do
    if each ~= name then rest[#rest + 1] = each end
  end
  wait_for (rest)
end

function jobs.remember (name)
  jobs.forget (name)
  local names = jobs.waiting ()
  names[#names + 1] = name
  wait_for (names)
end

-- Begins the job, or goes on with it; a job that runs already is left alone. Ardour's own
-- libraries, which it puts in everybody's way, must not be found by Python.
function jobs.start (name)
  for _, file in ipairs ({ "unstarted", "failed.json" }) do os.remove (jobs.path (name, file)) end
  local folder, command = quoted (jobs.root () .. "/" .. name), quoted (DITTO)
  os.execute ("unset LD_LIBRARY_PATH GTK_PATH; cd " .. folder .. " && { " .. command
    .. " job . >started 2>&1 </dev/null || mv started unstarted; } &")
end

-- "done", "failed" or "open", and what is to be told: a whole sentence, or the progress.
function jobs.state (name)
  local document = jobs.text_of (jobs.path (name, "done.json"))
  if document then return "done", parts.json.string_of (document, "message") end
  document = jobs.text_of (jobs.path (name, "failed.json"))
  if document then
    return "failed", parts.json.string_of (document, "message"),
      parts.json.string_of (document, "code")
  end
  local problem = jobs.text_of (jobs.path (name, "unstarted"))
  if problem then
    return "failed", DITTO .. " could not be started. Install DITTO, then `ditto hosts install "
      .. "ardour`. It said: " .. problem:sub (-300)
  end
  document = jobs.text_of (jobs.path (name, "progress.json"))
  return "open", document and parts.json.string_of (document, "message") or "starting",
    document and parts.json.number_of (document, "fraction")
end

-- Names of all jobs of this session that are not in it yet, whether they are waited for or not.
-- `ditto job --list` knows as much, but Ardour would stand still until Python has started.
function jobs.untaken ()
  local pipe = io.popen ("ls " .. quoted (jobs.root ()) .. " 2>/dev/null")
  local names = {}
  for name in pipe:lines () do
    if jobs.place_of (name) and not jobs.text_of (jobs.path (name, "taken")) then
      names[#names + 1] = name
    end
  end
  pipe:close ()
  return names
end

-- Where a result belongs, as lines of name=value.
function jobs.write_place (name, place)
  local lines = {}
  for key, value in pairs (place) do lines[#lines + 1] = key .. "=" .. value end
  jobs.write (jobs.path (name, "place"), table.concat (lines, "\n") .. "\n")
end

function jobs.place_of (name)
  local text = jobs.text_of (jobs.path (name, "place"))
  if text == nil then return nil end
  local place = {}
  for key, value in text:gmatch ("([^\n=]+)=([^\n]*)") do
    place[key] = math.tointeger (tonumber (value)) or value
  end
  return place
end

return jobs
