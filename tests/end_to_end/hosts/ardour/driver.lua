-- Runs the Lua that lies in $DITTO_TEST_DRIVER/ask.lua and writes what it prints into `answer`.
ardour {
  ["type"] = "EditorHook",
  name = "Test driver",
}

function signals ()
  return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerDS] = true })
end

function factory () return function ()
  local folder = os.getenv ("DITTO_TEST_DRIVER")
  local file = io.open (folder .. "/ask.lua", "r")
  if file == nil then return end
  local text = file:read ("a")
  file:close ()
  os.remove (folder .. "/ask.lua")
  -- As in each.lua of the product, and for its reason.
  local function each (list)
    local items, i = {}, 0
    for item in list:iter () do items[#items + 1] = item end
    return function () i = i + 1 return items[i] end
  end
  local lines = {}
  local function tell (...)
    local words = table.pack (...)
    for i = 1, words.n do words[i] = tostring (words[i]) end
    lines[#lines + 1] = table.concat (words, "\t") .. "\n"
  end
  local ok, problem = pcall (function () assert (load (text)) (tell, each) end)
  if not ok then tell ("FAILED", problem) end
  local answer = io.open (folder .. "/answer.part", "w")
  answer:write (table.concat (lines))
  answer:close ()
  os.rename (folder .. "/answer.part", folder .. "/answer")
end end
