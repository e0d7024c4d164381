"""ragkit as the retriever of a LangChain chain."""

from langchain_core.runnables import RunnableLambda

import ragkit
from ragkit.langchain import RagkitRetriever

ragkit.Index("example-chain").add([{"id": "a", "text": "Passwords are changed every ninety days."}])
chain = RagkitRetriever(index="example-chain", k=1) | RunnableLambda(lambda found: found[0].page_content)
print(chain.invoke("how often is a password changed"))
