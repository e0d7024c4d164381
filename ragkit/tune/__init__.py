"""`ragkit tune`: a model learns from its user's own questions, and what it learnt is tested before it is kept.

data -> sft -> gate                     a set of rows, an adapter, a paired test on documents nobody trained on
          \\-> prefer, rl -> gate        from votes and pairs; from ragkit's own metrics as a reward
"""
