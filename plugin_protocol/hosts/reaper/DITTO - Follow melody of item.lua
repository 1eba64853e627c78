-- @noindex
-- Plays one of two selected items anew, with the other one's tune.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").melody()
