-- A result becomes a region on top of its track, in one undo step; what it covers stays there.
-- A copy of the playlist as it was is kept beside it, and one more playlist for every other take.

local parts = ...
local takes = {}

local AUDIO = "audio"

-- The whole of an audio file, as a region that is on no track yet.
local function imported (path)
  local known = {}
  for _, region in pairs (ARDOUR.RegionFactory.regions ():table ()) do
    known[region:to_stateful ():id ():to_s ()] = true
  end
  local files = C.StringVector ()
  files:push_back (path)
  -- Within a step that is dropped, for else the import would be one, with nothing to undo.
  Session:begin_reversible_command ("DITTO")
  Editor:do_import (files, Editing.ImportMergeFiles, Editing.ImportAsRegion,
    ARDOUR.SrcQuality.SrcBest, ARDOUR.MidiTrackNameSource.SMFTrackName,
    ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, Temporal.timepos_t (0), ARDOUR.PluginInfo (),
    ARDOUR.Track (), false)
  Session:abort_reversible_command ()
  for _, region in pairs (ARDOUR.RegionFactory.regions ():table ()) do
    if region:whole_file () and not known[region:to_stateful ():id ():to_s ()] then
      return region
    end
  end
  parts.dialogs.stop ("Ardour could not import " .. path .. ". The music is there; import it "
    .. "by hand.")
end

local function put (whole, playlist, position, name)
  local region = ARDOUR.RegionFactory.clone_region (whole, false, false)
  region:set_name (name)
  -- The music joins what is around it to the sample; a fade would dip there.
  region:to_audioregion ():set_fade_in_active (false)
  region:to_audioregion ():set_fade_out_active (false)
  playlist:add_region (region, Temporal.timepos_t (position), 1, false, 0, 0, false)
  region:raise_to_top ()
end

-- Leaves the track with the playlist that it has, and a copy of it under `name` beside it.
local function copy_playlist (track, name)
  local id = track:playlist ():to_stateful ():id ()
  track:use_copy_playlist ()
  local copy = track:playlist ()
  copy:set_name (name)
  track:find_and_use_playlist (ARDOUR.DataType (AUDIO), id)
  return copy
end

local function put_all (name, track, place, document)
  local position = place.at + parts.json.integer_of (document, "start")
  local wholes = {}
  for file, seed in document:gmatch ('{"file": "([^"]+)", "seed": (%d+)}') do
    wholes[#wholes + 1] = { imported (parts.jobs.path (name, file)), seed }
  end
  copy_playlist (track, track:name () .. ", before " .. place.title)
  for i = #wholes, 2, -1 do
    local title = place.title .. ", take " .. i
    put (wholes[i][1], copy_playlist (track, track:name () .. ", " .. title), position,
      "DITTO " .. title .. ", seed " .. wholes[i][2])
  end
  local playlist = track:playlist ()
  Session:begin_reversible_command ("DITTO: " .. place.title)
  playlist:to_stateful ():clear_changes ()
  put (wholes[1][1], playlist, position, "DITTO " .. place.title .. ", seed " .. wholes[1][2])
  Session:add_stateful_diff_command (playlist:to_statefuldestructible ())
  Session:commit_reversible_command (nil)
end

-- Places all takes of a job that is done.
function takes.place (name)
  local place, document = parts.jobs.place_of (name), parts.jobs.text_of (
    parts.jobs.path (name, "done.json"))
  local route = Session:route_by_id (PBD.ID (tostring (place.track)))
  if route:isnil () then
    parts.dialogs.stop ("The track that '" .. place.title .. "' was made for is gone. The music "
      .. "is in " .. parts.jobs.root () .. "/" .. name .. "; import it by hand.")
  end
  put_all (name, route:to_track (), place, document)
end

return takes
