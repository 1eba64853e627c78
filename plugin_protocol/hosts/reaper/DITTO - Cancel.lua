-- @noindex
-- Ends all jobs of the project; nothing is changed.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").cancel()
