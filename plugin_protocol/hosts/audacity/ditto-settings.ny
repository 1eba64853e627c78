$nyquist plug-in
$version 4
$type tool
$name "DITTO Settings"
$author "DITTO"
$release 1
$copyright "Apache-2.0"

$control prompt "Words for the music" string "" ""
$control quality "Quality" choice "draft,normal,best,paper" 1
$control takes "Takes" int "" 1 1 8
$control seconds "Seconds of new music (Continue, Lead in)" float "" 4 0.5 30
$control handles "Seconds heard around a selection" float "" 4 0 12
$control strength "How much Reshape, Structure and Melody change" float "" 0.5 0.1 1

(load (strcat (get '*system-dir* 'user-plug-in) "/ditto/request.lsp"))
(ditto-request (format nil
  "settings~%prompt=~a~%quality=~a~%takes=~a~%seconds=~a~%handles=~a~%strength=~a"
  prompt (nth quality (list "draft" "normal" "best" "paper")) takes seconds handles strength))
