; Ask what runs beside Audacity (ditto_audacity.py listen) for something.

(setf ditto-folder (strcat (get '*system-dir* 'user-plug-in) "/ditto/"))
(setf ditto-alone "DITTO does not listen. In a terminal, run: python3 ditto_audacity.py listen")

; Return "", at which Audacity changes nothing, or what is to be shown.
(defun ditto-request (words)
  (let* ((path (strcat ditto-folder "request.txt")) (waiting (open path)))
    (if waiting
      (progn (close waiting) ditto-alone)
      (let ((request (open path :direction :output)))
        (format request "~a~%" words)
        (close request)
        ""))))

; Return the last thing that was said.
(defun ditto-status ()
  (let ((status (open (strcat ditto-folder "status.txt"))))
    (if status
      (let ((line (read-line status)))
        (close status)
        line)
      ditto-alone)))
