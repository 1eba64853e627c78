"""What a producer has done in Ardour before DITTO is asked, and what is pressed then."""

from tests.end_to_end.hosts.ardour_program import RATE

AT = 44100
"""Where the clip lies on every track."""
GESTURES = {
    "Fill": "DITTO: Fill selection",
    "Continue": "DITTO: Continue after",
    "Loop": "DITTO: Make loop",
    "Reshape": "DITTO: Reshape to region gain",
}
IMPORT = """
local files = C.StringVector ()
files:push_back ("{clip}")
for route in each (Session:get_tracks ()) do
  local track = route:to_track ()
  Editor:do_import (files, Editing.ImportMergeFiles, Editing.ImportToTrack,
    ARDOUR.SrcQuality.SrcBest, ARDOUR.MidiTrackNameSource.SMFTrackName,
    ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, Temporal.timepos_t ({at}),
    ARDOUR.PluginInfo (), track, false)
  for region in each (track:playlist ():region_list ()) do
    region:to_audioregion ():set_fade_in_active (false)
    region:to_audioregion ():set_fade_out_active (false)
  end
end
Editor:access_action ("Editor", "zoom-to-session")
"""
CRESCENDO = """
for region in each (Session:route_by_name ("Reshape"):to_track ():playlist ():region_list ()) do
  region:to_audioregion ():set_envelope_active (true)
  local curve = region:to_audioregion ():envelope ()
  curve:clear_list ()
  for i = 0, 10 do
    curve:add (Temporal.timepos_t (region:length ():samples () * i // 10), (1 + i) / 11, false,
      true)
  end
end
"""


FORM = f"""
for i, name in ipairs ({{ "A", "B" }}) do
  local start = {AT} + (i - 1) * {2 * RATE}
  Session:locations ():add_range (Temporal.timepos_t (start),
    Temporal.timepos_t (start + {RATE})):set_name (name)
end
"""
