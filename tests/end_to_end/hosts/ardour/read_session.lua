-- ardour7-lua read_session.lua FOLDER SAMPLES: prints playlists and regions of a saved session, and
-- writes what each track plays in [0, SAMPLES) into FOLDER/TRACK.f32, two channels one after the
-- other.
local folder, samples = arg[1], math.tointeger (tonumber (arg[2]))
AudioEngine:set_backend ("None (Dummy)", "Unit-Test", "")
local session = load_session (folder, "song")
local function tell (...)
  print (table.concat ({ ... }, "\t"))
end
local tracks = session:get_tracks () -- kept: the iterator does not
for route in tracks:iter () do
  local track = route:to_track ()
  local active = track:playlist ():name ()
  local playlists = session:playlists ():playlists_for_track (track)
  for playlist in playlists:iter () do
    local kind = playlist:name () == active and "active" or "other"
    tell ("playlist", track:name (), kind, playlist:name ())
    local regions = playlist:region_list ()
    for region in regions:iter () do
      tell ("region", track:name (), kind, region:position ():samples (),
        region:length ():samples (), region:layer (), region:name ())
    end
  end
  local file = io.open (folder .. "/" .. track:name () .. ".f32", "wb")
  local memory, block = ARDOUR.DSP.DspShm (3 * 8192), 8192
  for channel = 0, 1 do
    for position = 0, samples - 1, block do
      local count = math.min (block, samples - position)
      track:playlist ():to_audioplaylist ():read (memory:to_float (0), memory:to_float (block),
        memory:to_float (2 * block), Temporal.timepos_t (position),
        Temporal.timecnt_t.from_samples (count), channel)
      for _, value in ipairs (memory:to_float (0):get_table (count)) do
        file:write (string.pack ("<f", value))
      end
    end
  end
  file:close ()
end
close_session ()
quit ()
