-- Tables as JSON: an array where there is a first element, else an object with sorted names.

local json = {}

local function number (value)
  if math.type (value) == "integer" then return tostring (value) end
  -- A tenth of a nanosecond: far below half a sample. A comma of the user's locale is no JSON.
  return (string.format ("%.10f", value):gsub (",", "."))
end

local function text (value)
  return '"' .. value:gsub ('[%c"\\]', function (c)
    return string.format ("\\u%04x", c:byte ())
  end) .. '"'
end

function json.encode (value)
  if type (value) == "number" then return number (value) end
  if type (value) == "string" then return text (value) end
  if type (value) ~= "table" then return tostring (value) end
  local members = {}
  if value[1] ~= nil then
    for _, each in ipairs (value) do members[#members + 1] = json.encode (each) end
    return "[" .. table.concat (members, ", ") .. "]"
  end
  for name, each in pairs (value) do
    members[#members + 1] = text (name) .. ": " .. json.encode (each)
  end
  table.sort (members)
  return "{" .. table.concat (members, ",\n") .. "}"
end

-- The string that a member of a document of DITTO has; each stands on a line of its own.
function json.string_of (document, name)
  local found = document:match ('"' .. name .. '": "([^\n]*)",?\r?\n')
  return found and found:gsub ('\\u(%x%x%x%x)', function (hex)
    return utf8.char (tonumber (hex, 16))
  end):gsub ("\\n", "\n"):gsub ("\\(.)", "%1")
end

function json.integer_of (document, name)
  return math.tointeger (tonumber (document:match ('"' .. name .. '": (%-?%d+)')))
end

function json.number_of (document, name)
  return tonumber (document:match ('"' .. name .. '": ([%d.]+)'))
end

return json
