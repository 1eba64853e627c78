-- `for item in parts.each (list) do`: over a list that Ardour gives. Its own iterators do not keep
-- the list that they go through: where nothing else does, Lua may free it on the way, and Ardour
-- crashes.

return function (list)
  local items, i = {}, 0
  for item in list:iter () do items[#items + 1] = item end
  return function ()
    i = i + 1
    return items[i]
  end
end
