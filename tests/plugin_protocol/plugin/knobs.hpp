// The plugin's knobs and lamps by their names in LV2, in their order, and how they begin.
#pragma once

#include <array>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <string>

inline constexpr std::array<const char*, 18> knob_symbols = {
    "lv2_enabled", "capture",   "mark", "task", "go",  "finish", "cancel",   "bars",  "strength",
    "follow",      "intensity", "seed", "take", "mix", "status", "progress", "takes", "captured"};
inline constexpr std::array<float, 18> knob_values = {1, 0, 0, 1, 0, 0, 0, 2, 0.5f, 0, 0, 0, 1, 1};
inline constexpr std::array<const char*, 3> buttons = {"go", "finish", "cancel"};

inline size_t knob_index(const std::string& symbol) {
    for (size_t i = 0; i < knob_symbols.size(); ++i)
        if (symbol == knob_symbols[i]) return i;
    std::cerr << "no knob " << symbol << std::endl;
    std::exit(4);
}
