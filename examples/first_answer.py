"""Index two texts, ask, and look at the words an answer rests on. No language model is needed."""

import ragkit

index = ragkit.Index("example-handbook")
index.add(
    [
        {"id": "travel", "title": "Travel", "text": "The finance director approves travel over 2,000 euros."},
        {"id": "leave", "title": "Leave", "text": "Every employee has thirty days of paid leave a year."},
    ]
)
answer = ragkit.ask("Who approves travel over 2,000 euros?", index="example-handbook")
print(answer)
for citation in answer.citations:
    print(f"{citation.document}, characters {citation.start} to {citation.end}: {citation.quote}")
