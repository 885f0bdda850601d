"""The store: the meeting place of all wings. One module a noun; `database.open_store` opens it."""
