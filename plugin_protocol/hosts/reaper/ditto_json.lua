-- @noindex
-- As much JSON as job folders need: any value is written, single members are read by their line.

local json = {}

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }
local UNESCAPES = { n = "\n", r = "\r", t = "\t", b = "\b", f = "\f" }

local function quoted(text)
  local escaped = text:gsub('[%c"\\]', function(c)
    return ESCAPES[c] or ("\\u%04x"):format(c:byte())
  end)
  return '"' .. escaped .. '"'
end

local function number(value)
  if math.type(value) == "integer" then
    return ("%d"):format(value)
  end
  -- A locale may have put a comma where JSON wants a point.
  return (("%.17g"):format(value):gsub(",", "."))
end

-- Lists are tables with a first element; all others are objects, one member on a line.
function json.write(value)
  local kind = type(value)
  if kind == "string" then
    return quoted(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "boolean" then
    return tostring(value)
  end
  local parts = {}
  if value[1] ~= nil then
    for i, element in ipairs(value) do
      parts[i] = json.write(element)
    end
    return "[" .. table.concat(parts, ", ") .. "]"
  end
  local names = {}
  for name in pairs(value) do
    names[#names + 1] = name
  end
  table.sort(names)
  for i, name in ipairs(names) do
    parts[i] = quoted(name) .. ": " .. json.write(value[name])
  end
  return "{\n" .. table.concat(parts, ",\n") .. "\n}"
end

local function unquoted(text)
  -- Backslashes that mean themselves stand aside, so that none is read twice.
  local plain = text:gsub("\\\\", "\0"):gsub("\\u(%x%x%x%x)", function(hex)
    return utf8.char(tonumber(hex, 16))
  end)
  plain = plain:gsub("\\(.)", function(c)
    return UNESCAPES[c] or c
  end)
  return (plain:gsub("\0", "\\"))
end

-- The value of the first member of that name which begins a line: a string, a number, a boolean.
function json.member(text, name)
  local value = ("\n" .. text):match('\n%s*"' .. name .. '": ([^\n]*)')
  if not value then
    return nil
  end
  local string = value:match('^"(.*)",?$')
  if string then
    return unquoted(string)
  end
  value = value:gsub(",$", "")
  if value == "true" or value == "false" then
    return value == "true"
  end
  return tonumber(value)
end

return json
