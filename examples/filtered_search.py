"""Search with a filter on metadata, and with either half alone."""

import ragkit

index = ragkit.Index("example-filter")
index.add(
    [
        {"id": "a", "text": "The travel budget is 2,000 euros.", "metadata": {"team": "finance", "year": 2024}},
        {"id": "b", "text": "The travel budget is 3,000 euros.", "metadata": {"team": "finance", "year": 2025}},
        {"id": "c", "text": "Travel is booked by the assistants.", "metadata": {"team": "people", "year": 2025}},
    ]
)
for hit in index.search("travel budget", k=3, where={"team": "finance", "year": {"gte": 2025}}):
    print(hit.document_id, hit.chunk.text)
for mode in ("hybrid", "dense", "lexical"):
    print(mode, [hit.document_id for hit in index.search("who books journeys", k=3, mode=mode)])
