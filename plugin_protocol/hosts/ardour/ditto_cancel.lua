ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Cancel",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Ends what is being made, without a result.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("cancel")
end end
