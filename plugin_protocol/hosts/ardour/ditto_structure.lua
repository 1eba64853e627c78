ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Structure from markers",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Makes the selection anew in the form that its markers name: equal names sound alike.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("structure")
end end
