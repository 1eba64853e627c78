-- @noindex
-- Leads the end of each selected item back to its start, so that it loops.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").loop()
