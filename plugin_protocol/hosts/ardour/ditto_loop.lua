ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Make loop",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Adds a bridge after the selected audio that leads back to its start, in full bars.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("loop")
end end
