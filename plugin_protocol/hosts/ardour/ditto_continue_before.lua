ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Continue before",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Leads into the selected audio, before its start.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("continue_before")
end end
