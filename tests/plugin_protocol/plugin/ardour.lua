-- The plugin on a track of Ardour's, fed by its noise generator: what it hears it makes new, and a
-- session that is opened again (with PART=again, by another run) plays it. Everything is exported, as
-- producers do it.

local RATE, START, LENGTH = 48000, 10000, 96000
local FLOAT_WAV = "5e1f0a52-9d1c-4c55-8b70-2d1770000001"
local CAPTURE, TASK, GO, RESHAPE = 1, 3, 4, 4

local function export(session, name, length)
  local it = session:simple_export()
  it:set_name(name)
  it:set_folder(".")
  it:set_range(START, START + length)
  assert(it:set_preset(FLOAT_WAV))
  assert(it:run_export())
end

-- Lamps cannot be read from here: files are there before the music is heard, by PATIENCE seconds.
local function wait_for_music()
  for _ = 1, 600 do
    local listing = io.popen("ls \"$DITTO_HOME\"/plugin/*/place 2>/dev/null")
    local found = listing:read("l")
    listing:close()
    if found then break end
    os.execute("sleep 0.1")
  end
  os.execute("sleep $PATIENCE")
end

AudioEngine:set_backend("None (Dummy)", "Unit-Test", "")
AudioEngine:set_sample_rate(RATE)

local function make()
  local session = create_session("./song", "song", RATE)
  session:new_audio_track(2, 2, nil, 1, "Clip", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
  local track = session:route_by_name("Clip")
  for i = 0, 1 do
    track:output():nth(i):connect("Master/audio_in " .. (i + 1))
  end
  local noise = ARDOUR.LuaAPI.new_luaproc(session, "ACE Noise")
  local ditto = ARDOUR.LuaAPI.new_plugin(session, "urn:ditto:plugin", ARDOUR.PluginType.LV2, "")
  assert(not noise:isnil() and not ditto:isnil())
  track:add_processor_by_index(ditto, 0, nil, true)
  track:add_processor_by_index(noise, 0, nil, true)

  local function turn(knob, value)
    assert(ARDOUR.LuaAPI.set_processor_param(ditto, knob, value))
  end

  turn(TASK, RESHAPE)
  turn(CAPTURE, 1)
  export(session, "dry", LENGTH)
  turn(CAPTURE, 0)
  os.execute("sleep 0.3")
  turn(GO, 1)
  wait_for_music()
  export(session, "wet", LENGTH + RATE)
  session:save_state("", false, false, false)
end

local function again()
  local session = load_session("./song", "song")
  wait_for_music()
  export(session, "again", LENGTH)
end

if os.getenv("PART") == "again" then again() else make() end
close_session()
quit()
