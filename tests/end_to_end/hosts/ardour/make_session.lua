-- ardour7-lua make_session.lua FOLDER RATE TRACK...
local folder, rate = arg[1], math.tointeger (tonumber (arg[2]))
AudioEngine:set_backend ("None (Dummy)", "Unit-Test", "")
AudioEngine:set_sample_rate (rate)
local session = create_session (folder, "song", rate)
for i = 3, #arg do
  session:new_audio_track (2, 2, nil, 1, arg[i], ARDOUR.PresentationInfo.max_order,
    ARDOUR.TrackMode.Normal, true)
end
session:save_state ("", false, false, false)
close_session ()
quit ()
