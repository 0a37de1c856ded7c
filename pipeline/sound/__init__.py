"""From takes to a master: join, lay on the timeline, mix with the film, bring to a loudness standard."""
