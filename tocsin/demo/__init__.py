"""The bundled sample community: an invented company, the people who talk about it, and the sites they talk on."""
