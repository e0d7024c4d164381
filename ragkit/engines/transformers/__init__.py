"""The same requests through transformers, where vLLM is not installed."""
