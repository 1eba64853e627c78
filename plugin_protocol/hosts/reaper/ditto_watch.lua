-- @noindex
-- Follows the jobs of all open projects until they are over: shows them, and places what is made.
-- The script that was started last follows all; one that was started earlier keeps what it reads.

local export = require("ditto_export")
local folder = require("ditto_folder")
local json = require("ditto_json")
local place = require("ditto_place")
local project = require("ditto_project")
local window = require("ditto_window")

local watch = {}

local READ_SECONDS = 0.01 -- of each thirtieth of a second that REAPER gives to scripts
local LOOK_SECONDS = 0.1
local SILENT_SECONDS = 60
local YES, NO = 6, 7

local jobs = {}
local looked = 0
local newest

local function say(sentence)
  reaper.ShowMessageBox(sentence, "DITTO", 0)
end

-- Run `work` and show the sentence of an error; whether there was none.
function watch.guarded(work, ...)
  local is_ok, why = pcall(work, ...)
  if not is_ok then
    say(tostring(why))
  end
  return is_ok
end

local function job_of(this, path, title)
  return {
    project = this,
    path = path,
    title = title,
    message = "starting",
    since = reaper.time_precise(),
  }
end

-- Begin what a request asks for.
function watch.begin(this, asked)
  folder.command()
  local path = folder.create(this, asked.action)
  local job = job_of(this, path, asked.title)
  job.message = "reading the item"
  job.export = coroutine.create(function()
    export.run(path, asked)
  end)
  jobs[#jobs + 1] = job
end

-- Begin one more take of the job in the folder `old`.
function watch.again(this, old, seed)
  folder.command()
  -- Beside the folder whose audio it uses.
  local _, root = folder.name(old)
  local path = folder.create(this, "again", root)
  export.again(path, old, seed)
  jobs[#jobs + 1] = job_of(this, path, folder.member(path, "place.json", "title") or "Another take")
end

local function is_ours(this, path)
  return project.item(this, folder.member(path, "place.json", "item")) ~= nil
end

local function offer(this, path)
  local title = folder.member(path, "place.json", "title") or path
  local words = ('"%s" has been finished: %s.\n\nPut it into the project now?'):format(
    title, folder.member(path, "done.json", "message") or "new music"
  )
  local answer = reaper.ShowMessageBox(words, "DITTO", 3)
  if answer == YES then
    watch.guarded(place.put, this, path)
  elseif answer == NO then
    folder.write(path, "taken", "")
  end
end

local function offer_again(this, path)
  local code = folder.member(path, "failed.json", "code")
  if code ~= "STOPPED" and code ~= "UNREACHABLE" then
    return false
  end
  local words = ('"%s" was interrupted: %s\n\nGo on with it?'):format(
    folder.member(path, "place.json", "title") or path,
    folder.member(path, "failed.json", "message") or ""
  )
  local answer = reaper.ShowMessageBox(words, "DITTO", 3)
  if answer == NO then
    folder.write(path, "taken", "")
  elseif answer == YES then
    os.remove(path .. "/failed.json")
  end
  return answer == YES
end

-- What earlier scripts, or an earlier REAPER, left: offer what is done, follow what is under way.
function watch.take_over()
  for i = 0, math.huge do
    local this = reaper.EnumProjects(i)
    if not this then
      return
    end
    for _, path in ipairs(folder.all(this)) do
      local state = folder.state(path)
      if state ~= "taken" and is_ours(this, path) then
        if state == "done" then
          offer(this, path)
        elseif state == "open" or offer_again(this, path) then
          -- Does nothing where the work is under way.
          folder.start(path)
          local title = folder.member(path, "place.json", "title") or path
          jobs[#jobs + 1] = job_of(this, path, title)
        end
      end
    end
  end
end

-- All folders of a project whose job is not over.
function watch.under_way(this)
  local found = {}
  for _, path in ipairs(folder.all(this)) do
    if folder.state(path) == "open" and is_ours(this, path) then
      found[#found + 1] = path
    end
  end
  return found
end

-- Some steps of reading the item; whether the job is still to be followed.
local function go_on_reading(job)
  local enough = reaper.time_precise() + READ_SECONDS
  repeat
    local is_ok, why = coroutine.resume(job.export)
    if not is_ok then
      say(tostring(why))
      return false
    end
    if coroutine.status(job.export) == "dead" then
      job.export, job.message, job.since = nil, "starting", reaper.time_precise()
    end
  until not job.export or reaper.time_precise() >= enough
  return true
end

-- See what has become of a job; whether it is still to be followed.
local function look_after(job)
  if not project.is_open(job.project) then
    return false -- its tab was closed: offered when the project is opened again
  end
  local state = folder.state(job.path)
  if state == "done" then
    watch.guarded(place.put, job.project, job.path)
    return false
  elseif state == "failed" then
    if folder.member(job.path, "failed.json", "code") ~= "CANCELLED" then
      say(folder.member(job.path, "failed.json", "message") or "The job has failed.")
    end
    return false
  elseif state == "taken" then
    return false
  end
  local progress, now = folder.read(job.path, "progress.json"), reaper.time_precise()
  if progress and progress ~= job.progress then
    job.progress, job.since = progress, now
    job.message = json.member(progress, "message") or job.message
    job.fraction = json.member(progress, "fraction") or job.fraction
  elseif now - job.since > SILENT_SECONDS then
    if not job.progress then
      say(("%s did not start. Run `ditto doctor` in a terminal."):format(folder.command()))
      return false
    end
    -- Whoever was at work may have died; where it has not, nothing happens.
    folder.start(job.path)
    job.since = now
  end
  return true
end

local function follow(is_still_followed)
  local left = {}
  for _, job in ipairs(jobs) do
    if is_still_followed(job) then
      left[#left + 1] = job
    end
  end
  jobs = left
end

local function step()
  follow(function(job)
    return not job.export or go_on_reading(job)
  end)
  local now = reaper.time_precise()
  if now - looked >= LOOK_SECONDS then
    looked = now
    follow(function(job)
      return job.export ~= nil or look_after(job)
    end)
  end
  window.draw(jobs, function(job, wish)
    if not job.export then
      folder.wish(job.path, wish)
      job.message = wish == "cancel" and "cancelling" or "finishing"
    end
  end)
end

local function finish_reading()
  for _, job in ipairs(jobs) do
    while job.export and go_on_reading(job) do
    end
  end
end

-- The script that has taken over follows every job that had begun; those still read are not begun.
local function hand_over()
  newest = reaper.GetExtState("ditto", "watcher")
  follow(function(job)
    return job.export ~= nil
  end)
end

local function tick()
  if reaper.GetExtState("ditto", "watcher") ~= newest then
    hand_over()
  end
  if #jobs > 0 and watch.guarded(step) and #jobs > 0 then
    reaper.defer(tick)
  else
    window.close()
  end
end

-- Follow all jobs until the last is over.
function watch.follow()
  if #jobs == 0 then
    return
  end
  newest = reaper.genGuid("")
  reaper.SetExtState("ditto", "watcher", newest, false)
  reaper.atexit(finish_reading)
  window.open(#jobs)
  tick()
end

return watch
