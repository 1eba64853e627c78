ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Follow melody of track",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Makes the selection anew with the melody that another track has there.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("melody")
end end
