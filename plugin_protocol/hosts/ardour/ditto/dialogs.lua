-- Messages and questions. Ardour reads their text as markup.

local dialogs = {}

local TITLE = "DITTO"

local function plain (text)
  return (text:gsub ("&", "&amp;"):gsub ("<", "&lt;"):gsub (">", "&gt;"))
end

function dialogs.say (text)
  LuaDialog.Message (TITLE, plain (text), LuaDialog.MessageType.Info,
    LuaDialog.ButtonType.Close):run ()
end

function dialogs.warn (text)
  LuaDialog.Message (TITLE, plain (text), LuaDialog.MessageType.Warning,
    LuaDialog.ButtonType.Close):run ()
end

function dialogs.agrees (question)
  return LuaDialog.Message (TITLE, plain (question), LuaDialog.MessageType.Question,
    LuaDialog.ButtonType.Yes_No):run () == LuaDialog.Response.Yes
end

-- One of `choices`, a list of { label, value }; without asking where there is only one, nil
-- where the user cancels.
function dialogs.choose (title, choices)
  if #choices == 1 then return choices[1][2] end
  local values = {}
  for _, choice in ipairs (choices) do values[choice[1]] = choice[2] end
  local answer = LuaDialog.Dialog (TITLE, {
    { type = "dropdown", key = "choice", title = title, values = values, default = choices[1][1] },
  }):run ()
  return answer and answer["choice"]
end

-- Ends the action and tells the user why: what is wrong, and what to do.
function dialogs.stop (sentence)
  error ({ sentence = sentence }, 0)
end

-- Calls `act`, and shows what it has to say where it cannot go on. Nothing may escape: Ardour
-- takes a script that fails out of its slot.
function dialogs.guard (act, ...)
  local ok, problem = pcall (act, ...)
  if ok then return true end
  if type (problem) == "table" and problem.sentence then
    dialogs.warn (problem.sentence)
  else
    dialogs.warn ("DITTO's script failed, and nothing was changed. Please report this: "
      .. tostring (problem))
  end
  return false
end

return dialogs
