"""The agent with a tool of one's own beside search and calculator: any langchain-core tool will do."""

from langchain_core.tools import tool

import ragkit
from ragkit.reasoning.strategies.agent import Agent


@tool
def exchange_rate(currency: str) -> str:
    """How many euros one unit of a currency is."""
    return {"USD": "0.9", "CHF": "1.05"}.get(currency, "unknown")


index = ragkit.Index("example-agent")
index.add([{"id": "fee", "text": "The entry fee is 20 USD."}])
rag = ragkit.RAG(index, model="transformers:nano", strategy=Agent(tools=[exchange_rate]))
answer = rag.ask("What is the entry fee?", budget=ragkit.Budget(thinking_tokens=64, hops=2))
print(answer.status, answer.text, answer.ledger.tool_calls, "calls")
rag.close()
