-- @noindex
-- Plays each selected item anew, as loud and soft as an envelope says.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").reshape()
