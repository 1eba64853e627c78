-- @noindex
-- Makes the selected part of each selected item anew.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").fill()
