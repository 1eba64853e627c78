-- The tables `reaper` and `gfx` as a script sees them. A name that the list of functions does not
-- have, a missing, superfluous or wrong argument, and a result of another type than documented are
-- errors. Pointers are opaque; pointers to the same object are equal.

local signatures, perform, number_of, gfx_variables = ...

local handles, objects, kinds = {}, {}, {}
local opaque = {
  __index = function()
    error("a pointer has no members", 2)
  end,
}

local function handle_of(object, kind)
  local number = number_of(object)
  if not handles[number] then
    local handle = setmetatable({}, opaque)
    handles[number], objects[handle], kinds[handle] = handle, object, kind
  end
  return handles[number]
end

local BASIC = { string = true, boolean = true, number = true, ["function"] = true }

local function fits(value, kind)
  if kind == "integer" then
    return math.type(value) == "integer"
  elseif BASIC[kind] then
    return type(value) == kind
  elseif kind == "ReaProject" and value == 0 then
    return true
  elseif kind == "identifier" then
    return kinds[value] ~= nil
  end
  return type(value) == "table" and kinds[value] == kind
end

local function checked_argument(name, i, value, argument)
  if value == nil and argument.optional then
    return nil
  elseif not fits(value, argument.kind) then
    local words = "%s: argument %d is %s (%s), documented is %s"
    error(words:format(name, i, tostring(value), math.type(value) or type(value), argument.kind), 3)
  end
  -- Arrays and functions are the script's own; for all other tables there is an object.
  return argument.kind ~= "reaper.array" and objects[value] or value
end

local function checked_result(name, i, value, result)
  if value == nil and result.optional then
    return nil
  elseif BASIC[result.kind] or result.kind == "integer" then
    if not fits(value, result.kind) then
      error(("the pretend %s: result %d is no %s"):format(name, i, result.kind))
    end
    return value
  end
  return handle_of(value, result.kind)
end

local ARRAY = "reaper.array"

-- Uninitialized, as memory is.
local function new_array(size)
  local values = {}
  for i = 1, size do
    values[i] = 1e9
  end
  local array = {}
  function array.clear()
    for i = 1, size do
      values[i] = 0.0
    end
  end
  function array.table(offset, count)
    assert(offset >= 1 and offset + count - 1 <= size, "outside of the array")
    return table.move(values, offset, offset + count - 1, 1, {})
  end
  kinds[array] = ARRAY
  objects[array] = values
  return array
end

local function fill(array, bytes)
  local values, position = objects[array], 1
  assert(#bytes // 4 <= #values, "more samples than the array holds")
  for i = 1, #bytes // 4 do
    values[i], position = ("<f"):unpack(bytes, position)
  end
end

local function wrapped(module, name, signature)
  return function(...)
    local given = table.pack(...)
    if given.n > #signature.arguments then
      error(("%s: %d arguments, %d are documented"):format(name, given.n, #signature.arguments), 2)
    end
    local passed = {}
    for i, argument in ipairs(signature.arguments) do
      passed[i] = checked_argument(name, i, given[i], argument)
    end
    local got = table.pack(perform(module .. "." .. name, table.unpack(passed, 1, #signature.arguments)))
    if name == "new_array" then
      return new_array(passed[1])
    elseif name == "GetAudioAccessorSamples" then
      fill(given[6], got[2])
      got[2] = nil
    end
    local results = {}
    for i, result in ipairs(signature.results) do
      results[i] = checked_result(name, i, got[i], result)
    end
    return table.unpack(results, 1, #signature.results)
  end
end

local function strict(module, more)
  local functions = {}
  for name, signature in pairs(signatures[module]) do
    functions[name] = wrapped(module, name, signature)
  end
  return setmetatable({}, {
    __index = function(_, name)
      if more and more[name] ~= nil then
        return more[name]
      end
      return functions[name] or error(("%s.%s is not documented"):format(module, name), 2)
    end,
    __newindex = function(_, name, value)
      if not more or more[name] == nil or type(value) ~= "number" then
        error(("%s.%s cannot be set"):format(module, name), 2)
      end
      more[name] = value
    end,
  })
end

reaper = strict("reaper")
gfx = strict("gfx", gfx_variables)
