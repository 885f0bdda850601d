"""The analysts' desk: Datasette over the store, read only, on loopback, while runs write."""
