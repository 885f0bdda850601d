"""Posts that moved to another thread at their source: a moderator split a topic, or joined two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tocsin.store.database import Store
from tocsin.store.post_rows import PostRow


def move_posts(store: Store, rows: Sequence[PostRow], held_in: Mapping[str, str], now: str) -> None:
    """Move those of `rows` that the store holds under another thread (`held_in`: thread by post id) to their own.

    The thread must exist. Place, parent and address are those that the new thread shows. What a post is about may
    hang on its thread, so the posts of both threads wait for the mention scan again.
    """
    moved = [row for row in rows if held_in[row.id] != row.thread_id]
    if not moved:
        return
    store.run_many(
        "UPDATE posts SET thread_id = ?, parent_id = ?, position = ?, url = coalesce(?, url) WHERE id = ?",
        [(row.thread_id, row.parent_id, row.position, row.url, row.id) for row in moved],
    )
    threads = {row.thread_id for row in moved} | {held_in[row.id] for row in moved}
    store.run_many(
        "UPDATE mention_scans SET rules = '' WHERE post_id IN (SELECT id FROM posts WHERE thread_id = ?)",
        [(thread,) for thread in sorted(threads)],
    )
    store.run_many(
        "UPDATE threads SET content_changed_at = ? WHERE id = ?", [(now, thread) for thread in sorted(threads)]
    )
