"""One spider a kind of source. All of them are `SourceSpider`s, which know how to ask and what to note."""
