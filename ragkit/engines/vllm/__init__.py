"""vLLM in this process: the engine, the thread that steps it, its settings and where they are configured."""
