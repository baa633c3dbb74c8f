;; What a person does in Emacs, without one: open model.py, look at its diagnostics, take the first quick fix, save.
;; Loaded behind the set-up that `bufferlint editor emacs` prints. What was seen goes to seen.json.
(require 'eglot)
(require 'flymake)
(require 'json)
(setq eglot-sync-connect t eglot-autoshutdown t flymake-no-changes-timeout 0.1 make-backup-files nil)

(defun wait-until (done)
  (let ((limit (+ (float-time) 60)))
    (while (and (not (funcall done)) (< (float-time) limit))
      (accept-process-output nil 0.05)))
  (if (funcall done) t :json-false))

(find-file "model.py")
(run-hooks 'post-command-hook) ; what eglot-ensure waits for
(flymake-start)
(let* ((shown (wait-until (lambda () (flymake-diagnostics))))
       (found (car (flymake-diagnostics)))
       (row (line-number-at-pos (flymake-diagnostic-beg found)))
       (message (flymake-diagnostic-text found))
       (actions (eglot-code-actions (flymake-diagnostic-beg found) (flymake-diagnostic-beg found) "quickfix"))
       (first (elt actions 0)))
  (eglot--apply-workspace-edit (plist-get first :edit))
  (eglot--signal-textDocument/didChange) ; what an idle Emacs does, and one in batch is never idle
  (flymake-start)
  (let ((silent (wait-until (lambda () (null (flymake-diagnostics))))))
    (save-buffer)
    (with-temp-file "seen.json"
      (insert (json-encode (list :shown shown :row row :message message :offered (length actions) :silent silent))))))
(eglot-shutdown-all)
