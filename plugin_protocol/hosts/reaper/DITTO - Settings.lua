-- @noindex
-- Shows and changes what is asked in this project besides the selection.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").settings()
