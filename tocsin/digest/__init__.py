"""Episodes to mail: gather rows, compose the content (pure), render it once, deliver it from an outbox."""
