"""Models that run elsewhere: OpenAI-compatible servers and LangChain chat models."""
