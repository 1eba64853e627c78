$nyquist plug-in
$version 4
$type tool
$name "DITTO Cancel"
$author "DITTO"
$release 1
$copyright "Apache-2.0"

(load (strcat (get '*system-dir* 'user-plug-in) "/ditto/request.lsp"))
(ditto-request "cancel")
