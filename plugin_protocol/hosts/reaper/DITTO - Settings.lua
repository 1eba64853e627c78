-- @description DITTO: fill, continue, loop and reshape items in place
-- @version 0.0.1
-- @author DITTO in the DAW
-- @about
--   # DITTO
--   Select an item, press a key, and hear it continued, filled in, looped or played otherwise, in
--   place: a new take, the original kept, one undo. The music is made on your own machine by DITTO,
--   which must be installed; `ditto hosts install reaper` tells these scripts where it is.
-- @provides
--   [main] DITTO - *.lua
--   ditto_*.lua

-- Shows and changes what is asked in this project besides the selection.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").settings()
