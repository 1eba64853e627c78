-- What every DITTO script of Ardour begins with: `load (text) (folder)` gives the parts that lie
-- in that folder, each read when it is first named. Ardour's Lua has neither `require` nor
-- `dofile`, and its scripts are single files; hence this.
--
--   each       lists that Ardour gives       json      tables as JSON
--   jobs       job folders, and `ditto`
--   dialogs    messages and questions        music     tempo, bars, sections, gain curves
--   settings   what the session remembers    selection where, on which track
--   clip       samples as a WAV file         takes     a result, placed in one undo step
--   actions    what the user may press       watch     what goes on without a press

local folder = ...
local parts = {}

return setmetatable (parts, { __index = function (_, name)
  local file = assert (io.open (folder .. "/" .. name .. ".lua", "r"))
  local text = file:read ("a")
  file:close ()
  parts[name] = assert (load (text, "=ditto/" .. name .. ".lua")) (parts)
  return parts[name]
end })
