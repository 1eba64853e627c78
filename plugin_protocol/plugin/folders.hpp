// Where the plugin's files are; each path is empty where the user has no home.
//
// With DITTO_HOME everything is there, as the daemon's things are.
#pragma once

#include <string>

namespace ditto {

// The file that is read at every Go: plugin.conf in $XDG_CONFIG_HOME/ditto or ~/.config/ditto, on
// macOS in ~/Library/Application Support/ditto.
std::string wishes_path();

// The folder with music that was made: plugin in $XDG_DATA_HOME/ditto or ~/.local/share/ditto, on
// macOS in ~/Library/Application Support/ditto.
std::string shelf_path();

}  // namespace ditto
