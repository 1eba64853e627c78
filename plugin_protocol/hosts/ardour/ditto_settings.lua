ardour {
  ["type"] = "EditorAction",
  name = "DITTO: Settings",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Prompt, quality, takes and so on; each session has its own.]]
}

function factory () return function ()
  local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
  local file = assert (io.open (folder .. "/begin.lua", "r"))
  local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
  file:close ()
  begin (folder).actions.run ("settings")
end end
