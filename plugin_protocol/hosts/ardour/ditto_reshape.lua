ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Reshape to region gain",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Makes the region anew, louder and softer as its gain curve says.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("reshape")
end end
