-- @noindex
-- The window: what each job is doing, how far it is, and the buttons that end it. It can be docked,
-- and closed: the jobs go on.

local window = {}

local WIDTH, ROW, MARGIN = 420, 84, 12
local BUTTON_WIDTH, BUTTON_HEIGHT, BAR_HEIGHT = 96, 24, 8
local LINE = 18

local is_open, was_pressed = false, false

local function gray(level)
  gfx.set(level, level, level, 1)
end

local function text(words, x, y, level)
  gray(level)
  gfx.x, gfx.y = x, y
  gfx.drawstr(words)
end

-- Draw a button and return whether it was clicked.
local function button(words, x, y, is_clicked)
  local is_over = gfx.mouse_x >= x
    and gfx.mouse_x < x + BUTTON_WIDTH
    and gfx.mouse_y >= y
    and gfx.mouse_y < y + BUTTON_HEIGHT
  gray(is_over and 0.42 or 0.32)
  gfx.rect(x, y, BUTTON_WIDTH, BUTTON_HEIGHT, 1)
  local width = gfx.measurestr(words)
  text(words, x + (BUTTON_WIDTH - width) / 2, y + 4, 0.95)
  return is_over and is_clicked
end

local function bar(fraction, x, y, width)
  gray(0.28)
  gfx.rect(x, y, width, BAR_HEIGHT, 1)
  gfx.set(0.95, 0.55, 0.15, 1)
  gfx.rect(x, y, width * math.min(math.max(fraction, 0), 1), BAR_HEIGHT, 1)
end

function window.open(jobs)
  if not is_open then
    gfx.init("DITTO", WIDTH, math.max(1, jobs) * ROW + MARGIN, 0)
    gfx.setfont(1, "Arial", 15)
    is_open = true
  end
end

function window.close()
  if is_open then
    gfx.quit()
    is_open = false
  end
end

-- Draw the jobs, each with `title`, `message`, `fraction`, and call `wish(job, name)` for a click.
function window.draw(jobs, wish)
  if not is_open then
    return
  end
  if gfx.getchar() < 0 then
    window.close()
    return
  end
  local is_pressed = gfx.mouse_cap % 2 == 1
  local is_clicked = is_pressed and not was_pressed
  was_pressed = is_pressed
  gray(0.2)
  gfx.rect(0, 0, gfx.w, gfx.h, 1)
  local width = gfx.w - 2 * MARGIN
  for i, job in ipairs(jobs) do
    local y = (i - 1) * ROW + MARGIN
    text(job.title, MARGIN, y, 0.95)
    bar(job.fraction or 0, MARGIN, y + LINE + 2, width)
    text(job.message, MARGIN, y + LINE + BAR_HEIGHT + 6, 0.75)
    local x, below = gfx.w - MARGIN - BUTTON_WIDTH, y + LINE + BAR_HEIGHT + 24
    if button("Cancel", x, below, is_clicked) then
      wish(job, "cancel")
    end
    if button("Finish now", x - BUTTON_WIDTH - 8, below, is_clicked) then
      wish(job, "finish")
    end
  end
  gfx.update()
end

return window
