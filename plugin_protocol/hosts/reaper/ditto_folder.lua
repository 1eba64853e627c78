-- @noindex
-- Job folders: where they are, what lies in them, and the process that works on one.
-- The contract is JOB_FOLDERS.md of DITTO's plugin protocol.

local DITTO = "@DITTO@"

local json = require("ditto_json")

local folder = {}

-- Scripts that ReaPack fetched know no path; those that `ditto hosts` put into REAPER do.
local function path_of_others()
  local file = io.open(reaper.GetResourcePath() .. "/Scripts/DITTO/ditto_folder.lua")
  local text = file and file:read("a") or ""
  if file then
    file:close()
  end
  return text:match('\nlocal DITTO = "([^@"]+)"') or "it is not installed"
end

-- The program that makes the music, or an error that says how to get it.
function folder.command()
  local command = os.getenv("DITTO_COMMAND") or DITTO
  if command:sub(1, 1) == "@" then
    command = path_of_others()
  end
  if not reaper.file_exists(command) then
    local words = "DITTO is not there: %s.\n"
      .. "Install it, then run `ditto hosts install reaper` in a terminal."
    error(words:format(command), 0)
  end
  return command
end

local function project_file(project)
  for i = 0, math.huge do
    local each, file = reaper.EnumProjects(i)
    if not each then
      return ""
    elseif each == project then
      return file
    end
  end
end

local function users_root()
  local home = os.getenv("HOME") or ""
  if reaper.GetOS():match("^OSX") or reaper.GetOS():match("^macOS") then
    return home .. "/Library/Application Support/ditto/jobs/reaper"
  end
  return (os.getenv("XDG_DATA_HOME") or home .. "/.local/share") .. "/ditto/jobs/reaper"
end

-- Where a project's jobs may be: beside it, and with the user while it has not been saved.
function folder.roots(project)
  local beside = project_file(project):match("^(.*)[/\\]")
  if beside then
    return { beside .. "/ditto", users_root() }
  end
  return { users_root() }
end

-- A new folder for a job of that action, in `root` or where the project keeps its jobs.
function folder.create(project, action, root)
  root = root or folder.roots(project)[1]
  local name = os.date("%Y%m%d-%H%M%S-") .. action
  local path, again = root .. "/" .. name, 1
  while reaper.file_exists(path .. "/place.json") do
    again = again + 1
    path = ("%s/%s-%d"):format(root, name, again)
  end
  reaper.RecursiveCreateDirectory(path, 0)
  -- Held at once, so that two jobs of one second get two folders.
  folder.write(path, "place.json", "{}\n")
  return path
end

-- The folder that a take came from; nil if it is gone. A project that was saved elsewhere leaves
-- its folders where they were, and the takes know their files.
function folder.of(project, take, name)
  local source = reaper.GetMediaItemTake_Source(take)
  local file = source and reaper.GetMediaSourceFileName(source) or ""
  local candidates = folder.roots(project)
  for i, root in ipairs(candidates) do
    candidates[i] = root .. "/" .. name
  end
  table.insert(candidates, 1, file:match("^(.*)[/\\]"))
  for _, path in ipairs(candidates) do
    if folder.has(path, "job.json") then
      return path
    end
  end
end

-- The last part of a folder's path, and what is before it.
function folder.name(path)
  return path:match("([^/\\]+)$"), path:match("^(.*)[/\\]")
end

-- All folders of a project that hold a job, oldest first.
function folder.all(project)
  local found = {}
  for _, root in ipairs(folder.roots(project)) do
    -- -1 has REAPER read the disk again.
    reaper.EnumerateSubdirectories(root, -1)
    for i = 0, math.huge do
      local name = reaper.EnumerateSubdirectories(root, i)
      if not name then
        break
      end
      if reaper.file_exists(root .. "/" .. name .. "/job.json") then
        found[#found + 1] = root .. "/" .. name
      end
    end
  end
  table.sort(found, function(a, b)
    return folder.name(a) < folder.name(b)
  end)
  return found
end

-- "done", "taken", "failed", or "open": somebody works on it, or should.
function folder.state(path)
  if folder.has(path, "taken") then
    return "taken"
  elseif folder.has(path, "done.json") then
    return "done"
  end
  return folder.has(path, "failed.json") and "failed" or "open"
end

function folder.has(path, name)
  return reaper.file_exists(path .. "/" .. name)
end

-- The text of a file; nil where there is none.
function folder.read(path, name)
  local file = io.open(path .. "/" .. name, "rb")
  if not file then
    return nil
  end
  local text = file:read("a")
  file:close()
  return text
end

-- Under another name first: whoever sees a file sees all of it.
function folder.write(path, name, text)
  local whole = path .. "/" .. name
  local file, why = io.open(whole .. ".part", "wb")
  if not file then
    error(("%s cannot be written: %s."):format(whole, why), 0)
  end
  file:write(text)
  file:close()
  assert(os.rename(whole .. ".part", whole))
end

-- Ask for the end of a job: "cancel", or "finish" to keep the best so far.
function folder.wish(path, name)
  folder.write(path, name, "")
end

-- One member of a JSON file, or nil.
function folder.member(path, name, member)
  local text = folder.read(path, name)
  return text and json.member(text, member)
end

-- Begin the job, or go on with it. Returns at once; a job that is under way is not disturbed.
function folder.start(path)
  reaper.ExecProcess(('"%s" job "%s"'):format(folder.command(), path), -2)
end

return folder
