// The client on a leash: a program whose standard input says what to do, for tests.
//
// Every mode reads a line for each thing to do, and writes a line of JSON for each that happened.
#pragma once

#include <string>

#include "bytes.hpp"
#include "request.hpp"
#include "value.hpp"

namespace ditto::probe {

// A JSON value for each line of input; ends the program where a line is no JSON.
bool next_line(Value& into);

Bytes from_hex(const std::string& digits);
std::string to_hex(View bytes);

// {"job": ..., "kind": "outpaint_after", "seconds": 3, "clip": {"sample_rate", "channels",
// "frames", "file"}, ...}, the file raw as on the wire; what is left out has its default.
Request request_of(const Value& told);

int run_session();    // {"do": "submit", ...}, attach, cancel, finish, drain, quit
int run_sessions();   // one for each line {"do": "submit", ...}, each in its own thread
int write_headers();  // {"ask": "blob.put", "i": 3, ...} -> {"frames": [hex, hex]}
int read_frames();    // {"frames": [hex, ...]} -> {"reading": "fine", "type": ..., "re": ...}
int read_values();    // {"msgpack": hex} -> {"value": ...}, or {} where it is none
int name_blobs();     // {"bytes": hex, "parts": [length, ...]} -> {"sha": hex}
int find_daemons();   // {"file": path} -> {"socket": path, "sentence": ...}
int make_ids();       // {"ids": 3} -> {"ids": [...]}
int fuzz();           // {"frames": [hex, ...]} as seeds, {"inputs": n, "seed": s} -> {"inputs": n}

}  // namespace ditto::probe
