"""Numbers that others have published, computed again; `docs/published-numbers.md` is written from these files."""
