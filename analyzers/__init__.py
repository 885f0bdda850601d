"""posts -> tags, mentions, thread risk, episodes. Meets the other wings only in the store."""
