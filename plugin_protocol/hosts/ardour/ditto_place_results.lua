ardour {
  ["type"] = "EditorHook",
  name = "DITTO: Place results",
  license = "Apache-2.0",
  author = "DITTO",
  description = [[Shows DITTO's progress and places its results. Wanted once; works in every session.]]
}

function signals ()
  return LuaSignal.Set ():add ({ [LuaSignal.LuaTimerS] = true, [LuaSignal.StateSaved] = true })
end

function factory ()
  local watch
  return function (signal)
    if watch == nil then
      local folder = ARDOUR.user_config_directory (-1) .. "/scripts/ditto"
      local file = io.open (folder .. "/begin.lua", "r")
      if file == nil then return end -- removed; the hook may stay
      local begin = assert (load (file:read ("a"), "=ditto/begin.lua"))
      file:close ()
      watch = begin (folder).watch
    end
    if signal == LuaSignal.StateSaved then watch.saved () else watch.tick () end
  end
end
