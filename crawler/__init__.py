"""The crawler wing: sources to posts, politely, in a child process of its own."""
