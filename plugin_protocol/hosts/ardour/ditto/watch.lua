-- What goes on without a press, once a second: progress is shown, results are placed, errors told.
--
-- Progress is the name of a range marker where the music will be: there it disturbs nobody. It goes
-- when the job is over, and is in nobody's undo history.

local parts = ...
local watch = {}

local PREFIX = "DITTO: "
local WIDTH = 720 -- pixels that the marker has at least: Ardour writes its name at either end of it

local is_first = true
local late = {}       -- jobs that were done before the session was opened
local unsaved = {}    -- jobs that are placed in a session that was not saved since; a crash would
                      -- lose them, so they are waited for until it is

function watch.is_ours (location)
  return location:is_range_marker () and location:name ():sub (1, #PREFIX) == PREFIX
end

-- The marker of a job. Found anew every time, as the user may remove it.
local function marker_at (position)
  for location in parts.each (Session:locations ():list ()) do
    if watch.is_ours (location) and location:start ():samples () == position then
      return location
    end
  end
end

local function hide (name)
  local marker = marker_at (parts.jobs.place_of (name).from)
  if marker then Session:locations ():remove (marker) end
end

function watch.show (name)
  local place = parts.jobs.place_of (name)
  local _, message, fraction = parts.jobs.state (name)
  local percent = fraction and string.format ("%d %%, ", fraction * 100 // 1) or ""
  local text = PREFIX .. percent .. message
  local marker = marker_at (place.from)
  if marker == nil then
    local to = math.max (place.to, place.from + Editor:pixel_to_sample (WIDTH))
    marker = Session:locations ():add_range (Temporal.timepos_t (place.from),
      Temporal.timepos_t (to))
  end
  if marker:name () ~= text then marker:set_name (text) end
end

local function is_wanted (name)
  return parts.dialogs.agrees ("'" .. parts.jobs.place_of (name).title .. "' is finished, and not "
    .. "in this session yet. Place it now? It stays in the session's folder either way.")
end

local function settle (name)
  parts.jobs.write (parts.jobs.path (name, "taken"), "")
  parts.jobs.forget (name)
end

local function take (name)
  hide (name)
  if late[name] and not is_wanted (name) then
    settle (name)
  else
    parts.takes.place (name)
    unsaved[name] = true
  end
end

local function tell (name, message, code)
  hide (name)
  local title = parts.jobs.place_of (name).title
  if code == "STOPPED" or code == "UNREACHABLE" then
    if parts.dialogs.agrees (title .. ": " .. message .. " Go on with it?") then
      return parts.jobs.start (name)
    end
  elseif code ~= "CANCELLED" then
    parts.dialogs.warn (title .. ": " .. message)
  end
  parts.jobs.forget (name)
end

-- Whether the session can be changed now: nobody records or is in the middle of an edit.
local function is_free ()
  return not Session:actively_recording () and not Session:collected_undo_commands ()
end

local function look (name)
  local state, message, more = parts.jobs.state (name)
  if is_first and state == "open" then parts.jobs.start (name) end
  if is_first and state == "done" then late[name] = true end
  if state == "open" then
    watch.show (name)
  elseif state == "failed" then
    tell (name, message, more)
  elseif is_free () then
    take (name)
  end
end

function watch.tick ()
  for _, name in ipairs (parts.jobs.waiting ()) do
    if not unsaved[name] and not parts.dialogs.guard (look, name) then
      parts.jobs.forget (name)
    end
  end
  is_first = false
end

-- The session is saved with what was placed: nobody has to be asked about it again.
function watch.saved ()
  for name in pairs (unsaved) do settle (name) end
  unsaved = {}
end

return watch
