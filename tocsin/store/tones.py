"""The tone of a post towards a brand, as every query reads it: one place for the joins and the rule.

A post that names the brand has the tone the model gave it towards that brand; any other post on the brand
(a reply in its thread) has its own. A post that may be sarcastic stays for a human either way.
"""

from __future__ import annotations

TONE_JOINS = """
  LEFT JOIN tags t ON t.post_id = posts.id AND t.model_version = (SELECT version FROM models WHERE current = 1)
  LEFT JOIN target_tags tt ON tt.post_id = posts.id AND tt.brand = mentions.brand
    AND tt.model_version = t.model_version AND tt.text_key = t.text_key
"""
"""Joins to follow `posts` and `mentions` in a FROM clause."""

SENTIMENT = "coalesce(tt.sentiment, t.sentiment)"
ABSTAINED = "CASE WHEN tt.post_id IS NULL OR t.abstained = 'irony' THEN t.abstained ELSE tt.abstained END"
NEGATIVE = "coalesce(tt.negative, t.negative)"
NEUTRAL = "coalesce(tt.neutral, t.neutral)"
POSITIVE = "coalesce(tt.positive, t.positive)"
