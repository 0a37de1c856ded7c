"""What words say about feeling: subtitles, a transcript, a description; English and Chinese, by lexicon."""
