ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Fill selection",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Makes the selected range or regions anew, fitting what is around them.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("fill")
end end
