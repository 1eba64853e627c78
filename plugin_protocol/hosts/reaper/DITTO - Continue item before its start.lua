-- @noindex
-- Leads into each selected item.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])")
package.path = here .. "?.lua;" .. package.path
require("ditto_actions").continue_before()
