-- @noindex
-- A request becomes a job folder. Runs in a coroutine and yields between the pieces.
--
-- Beside the files of JOB_FOLDERS.md a folder holds item.wav, the whole item, from which the takes
-- are made, and place.json, which says where they belong, also to a REAPER that is started later.

local folder = require("ditto_folder")
local json = require("ditto_json")
local project = require("ditto_project")
local reader = require("ditto_reader")
local wav = require("ditto_wav")

local export = {}

-- Write the request into the folder and begin the work.
function export.run(path, asked)
  local facts = asked.facts
  local heard = project.heard_envelope(facts.take)
  local item = path .. "/item.wav"
  reader.read(facts, 0, facts.frames, item, heard)
  if asked.bare and heard then
    reader.read(facts, asked.first, asked.last, path .. "/clip.wav", heard, asked.bare)
  else
    wav.cut(item, asked.first, asked.last, path .. "/clip.wav")
  end
  if asked.melody then
    local tune = asked.melody
    reader.read(tune.facts, tune.first, tune.last, path .. "/melody.wav")
  end
  local place = {
    item = facts.guid,
    take = facts.take_guid,
    action = asked.action,
    verb = asked.verb,
    title = asked.title,
    audio = folder.name(path),
    first = asked.first,
    offset = facts.offset,
    playrate = facts.playrate,
    grows = asked.grows or false,
    loops = asked.loops or false,
  }
  folder.write(path, "place.json", json.write(place))
  local job = {
    schema = "ditto-job/1",
    deliver = "new",
    title = asked.title,
    within = asked.within,
    spec = asked.spec,
  }
  folder.write(path, "job.json", json.write(job))
  folder.start(path)
end

-- A folder that asks for one more take of the job in `old`, with that seed.
function export.again(path, old, seed)
  local place, job = folder.read(old, "place.json"), folder.read(old, "job.json")
  local audio = json.member(place, "audio")
  -- The audio stays where it is: the paths of another folder's files.
  local function elsewhere(name)
    return '"path": "../' .. audio .. "/" .. name .. '"'
  end
  job = job:gsub('"path": "([%w.]+)"', elsewhere)
  job = job:gsub('\n"seed": %d+', '\n"seed": ' .. ("%d"):format(seed))
  job = job:gsub('\n"takes": %d+', '\n"takes": 1')
  folder.write(path, "place.json", place)
  folder.write(path, "job.json", job)
  folder.start(path)
end

return export
