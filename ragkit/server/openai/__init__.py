"""OpenAI's API: chat completions, streamed too, and models (an index is one)."""
