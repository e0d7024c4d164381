"""The Evaluate tab: question sets, runs at work, figures, comparisons."""
