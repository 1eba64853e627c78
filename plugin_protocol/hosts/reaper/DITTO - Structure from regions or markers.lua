-- @noindex
-- Plays each selected item anew, in the form that regions or markers say.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").structure()
