-- @noindex
-- The actions, each called by a file of its own.

local folder = require("ditto_folder")
local place = require("ditto_place")
local project = require("ditto_project")
local request = require("ditto_request")
local settings = require("ditto_settings")
local watch = require("ditto_watch")

local actions = {}

local YES, CANCEL = 6, 2
local END_AND_START_ANEW = 3

-- Have `work` done in the current project, and follow what it began.
local function run(work)
  -- REAPER 7.03 and newer; older ones ask what to do with the script that still watches.
  if reaper.set_action_options then
    reaper.set_action_options(END_AND_START_ANEW)
  end
  watch.guarded(watch.take_over)
  watch.guarded(work, project.current())
  watch.follow()
end

-- One job for each selected item.
local function for_each_item(ask)
  run(function(this)
    local values, asked = settings.of(this), {}
    -- All are asked for before one begins: an error begins nothing.
    for i, facts in ipairs(project.selected(this)) do
      asked[i] = request.complete(this, facts, values, ask(this, facts, values))
    end
    for _, each in ipairs(asked) do
      watch.begin(this, each)
    end
  end)
end

function actions.fill()
  for_each_item(request.fill)
end

function actions.continue_after()
  for_each_item(request.continue_after)
end

function actions.continue_before()
  for_each_item(request.continue_before)
end

function actions.loop()
  for_each_item(request.loop)
end

function actions.reshape()
  for_each_item(request.reshape)
end

function actions.structure()
  for_each_item(request.structure)
end

function actions.melody()
  run(function(this)
    local found = project.selected(this)
    if #found ~= 2 then
      error("Select two items: the one that shall change and the one that has the melody.", 0)
    end
    local changed, tune = found[1], found[2]
    local answer = reaper.ShowMessageBox(
      ('Shall "%s" follow the melody of "%s"?\n\nNo: the other way round.'):format(
        changed.name, tune.name
      ),
      "DITTO", 3
    )
    if answer == CANCEL then
      return
    elseif answer ~= YES then
      changed, tune = tune, changed
    end
    local values = settings.of(this)
    local asked = request.melody(this, changed, values, tune)
    watch.begin(this, request.complete(this, changed, values, asked))
  end)
end

-- The folder of the newest take of ours, and the first seed that no take of the same audio has.
local function newest(this, item)
  local made = reaper.GetActiveTake(item)
  local name, audio = place.remembered(made)
  local seeds = {}
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, i)
    if take then
      local other, its_audio, seed = place.remembered(take)
      if other then
        if not name then
          made, name, audio = take, other, its_audio
        end
        seeds[its_audio] = math.max(seeds[its_audio] or 0, seed)
      end
    end
  end
  if not name then
    error("No take of this item was made by DITTO. Make one first, with any other action.", 0)
  end
  local path = folder.of(this, made, name)
  if not path then
    error(("The folder %s is gone, and with it the request."):format(name), 0)
  end
  return path, seeds[audio] + 1
end

function actions.another_take()
  run(function(this)
    for _, facts in ipairs(project.selected(this)) do
      watch.again(this, newest(this, facts.item))
    end
  end)
end

local function wish(name)
  watch.guarded(function()
    local this = project.current()
    local under_way = watch.under_way(this)
    if #under_way == 0 then
      error("DITTO is not at work in this project.", 0)
    end
    for _, path in ipairs(under_way) do
      folder.wish(path, name)
      -- In case nobody is at work on it any more.
      folder.start(path)
    end
  end)
end

function actions.cancel()
  wish("cancel")
end

function actions.finish()
  wish("finish")
end

function actions.settings()
  watch.guarded(function()
    settings.ask(project.current())
  end)
end

return actions
