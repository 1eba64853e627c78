ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Collect results",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Places what was finished meanwhile, and goes on with what was not.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("collect_results")
end end
