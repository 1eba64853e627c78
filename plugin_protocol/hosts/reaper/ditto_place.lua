-- @noindex
-- A finished job becomes takes of its item, in one undo step. The takes that were there stay what
-- and where they are; a take of ours holds the audio of the whole item, with the new music in it.

local folder = require("ditto_folder")
local json = require("ditto_json")
local project = require("ditto_project")
local wav = require("ditto_wav")

local place = {}

local ITEMS = 4 -- UNDO_STATE_ITEMS
local BUILD_PEAKS = 40047 -- Peaks: Build any missing peaks

-- What `done.json` says about the takes: pairs of file and seed.
local function made(done)
  local takes = {}
  for file, seed in done:gmatch('\n%s*{"file": "([^"]+)", "seed": (%d+)}') do
    takes[#takes + 1] = { file = file, seed = tonumber(seed) }
  end
  return takes
end

-- Whether any take repeats its source within the item.
local function repeats(item, length)
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, i)
    local source = take and reaper.GetMediaItemTake_Source(take)
    if source then
      local rate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
      local offset = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
      local in_source, is_in_beats = reaper.GetMediaSourceLength(source)
      if is_in_beats or offset < 0 or offset + length * rate > in_source + 1e-6 then
        return true
      end
    end
  end
  return false
end

-- Take envelopes count from the item's start: they move along when it moves away from the music.
local function move_envelopes(take, seconds)
  for i = 0, reaper.CountTakeEnvelopes(take) - 1 do
    local envelope = reaper.GetTakeEnvelope(take, i)
    for point = 0, reaper.CountEnvelopePoints(envelope) - 1 do
      local _, time, value, shape, tension, is_selected = reaper.GetEnvelopePoint(envelope, point)
      reaper.SetEnvelopePoint(
        envelope, point, time + seconds, value, shape, tension, is_selected, true
      )
    end
    reaper.Envelope_SortPoints(envelope)
  end
end

-- Let the item begin `seconds` earlier, and all that is in it sound where it did.
local function grow_left(item, seconds)
  local function add(name, change)
    reaper.SetMediaItemInfo_Value(item, name, reaper.GetMediaItemInfo_Value(item, name) + change)
  end
  add("D_POSITION", -seconds)
  add("D_LENGTH", seconds)
  if reaper.GetMediaItemInfo_Value(item, "D_SNAPOFFSET") > 0 then
    add("D_SNAPOFFSET", seconds)
  end
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, i)
    if take then
      local rate = reaper.GetMediaItemTakeInfo_Value(take, "D_PLAYRATE")
      local offset = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
      reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset - seconds * rate)
      move_envelopes(take, seconds * rate)
    end
  end
end

local function count_named(item, prefix)
  local count = 0
  for i = 0, reaper.CountTakes(item) - 1 do
    local take = reaper.GetMediaItemTake(item, i)
    if take and reaper.GetTakeName(take):sub(1, #prefix) == prefix then
      count = count + 1
    end
  end
  return count
end

-- Add a take which begins at `offset` of a source, and sounds like `like` otherwise.
local function add_take(item, source, offset, like)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, source)
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset)
  reaper.SetMediaItemTakeInfo_Value(take, "D_PLAYRATE", 1)
  if like then
    for _, name in ipairs({ "D_VOL", "D_PAN" }) do
      local value = reaper.GetMediaItemTakeInfo_Value(like, name)
      reaper.SetMediaItemTakeInfo_Value(take, name, value)
    end
    for i = 0, reaper.TakeFX_GetCount(like) - 1 do
      reaper.TakeFX_CopyToTake(like, i, take, i, false)
    end
  end
  return take
end

-- What a take says about itself, on one line: REAPER keeps such texts by the line.
local function memory(path, audio, seed)
  local name = folder.name(path)
  local said = {
    folder = name,
    audio = audio,
    seed = seed,
    request = name .. "/job.json",
    manifest = name .. "/result.ditto.json",
  }
  return (json.write(said):gsub("\n", " "))
end

-- A take's folder, the folder of its audio, and its seed; nil where it is none of ours.
function place.remembered(take)
  local _, text = reaper.GetSetMediaItemTakeInfo_String(take, "P_EXT:ditto", "", false)
  local name, audio = text:match('"folder": "([^"]+)"'), text:match('"audio": "([^"]+)"')
  if name then
    return name, audio, tonumber(text:match('"seed": (%d+)'))
  end
end

local function insert(this, item, path, takes, put)
  local like = reaper.GetMediaItemTakeByGUID(this, put.take)
  -- Where the item begins in its old audio may have changed since that was read.
  local offset = like and reaper.GetMediaItemTakeInfo_Value(like, "D_STARTOFFS") or put.offset
  local start = put.before / put.rate + (offset - put.offset) / put.playrate
  if math.abs(start) < 1e-9 then
    start = 0.0
  end
  if put.grows then
    local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
    if not repeats(item, length) then
      reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 0)
    end
    local earlier = math.min(start, reaper.GetMediaItemInfo_Value(item, "D_POSITION"))
    if put.before > 0 and earlier > 0 then
      grow_left(item, earlier)
      start, length = start - earlier, length + earlier
    end
    if put.before == 0 and put.frames / put.rate - start > length then
      reaper.SetMediaItemInfo_Value(item, "D_LENGTH", put.frames / put.rate - start)
    end
    if put.loops then
      reaper.SetMediaItemInfo_Value(item, "B_LOOPSRC", 1)
    end
  end
  local number, first = count_named(item, "DITTO " .. put.action), nil
  for i, each in ipairs(takes) do
    local take = add_take(item, each.source, start, like)
    local name = ("DITTO %s %d (seed %d)"):format(put.action, number + i, each.seed)
    reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", name, true)
    local said = memory(path, put.audio, each.seed)
    reaper.GetSetMediaItemTakeInfo_String(take, "P_EXT:ditto", said, true)
    first = first or take
  end
  reaper.SetActiveTake(first)
  reaper.UpdateItemInProject(item)
end

-- Put the music of a folder that is done into the project.
function place.put(this, path)
  local done, said = folder.read(path, "done.json"), folder.read(path, "place.json")
  local put = {}
  for _, name in ipairs({
    "item", "take", "action", "verb", "audio", "first", "offset", "playrate", "grows", "loops",
  }) do
    put[name] = json.member(said, name)
  end
  local item = project.item(this, put.item)
  if not item then
    error(("The item is no longer in the project. The music is in %s."):format(path), 0)
  end
  -- Whose audio is used lies beside it.
  local _, root = folder.name(path)
  local audio = root .. "/" .. put.audio
  put.rate = json.member(done, "sample_rate")
  local at = put.first + json.member(done, "start")
  local takes = made(done)
  for i, take in ipairs(takes) do
    local file = ("%s/take-%d.wav"):format(path, i)
    put.before, put.frames =
      wav.splice(audio .. "/item.wav", at, path .. "/" .. take.file, file)
    take.source = reaper.PCM_Source_CreateFromFile(file)
    if not take.source then
      error(("REAPER cannot open %s."):format(file), 0)
    end
  end
  reaper.Undo_BeginBlock2(this)
  reaper.PreventUIRefresh(1)
  local is_ok, why = pcall(insert, this, item, path, takes, put)
  reaper.PreventUIRefresh(-1)
  reaper.Undo_EndBlock2(this, "DITTO: " .. put.verb, ITEMS)
  if not is_ok then
    error(why, 0)
  end
  reaper.UpdateArrange()
  reaper.Main_OnCommandEx(BUILD_PEAKS, 0, this)
  folder.write(path, "taken", "")
end

return place
