"""How the embedded model was made: rows -> network -> fit -> export. Needs the extra `[torch]`."""
