"""From a weak bin to a test-time augmentation that is proven or refused.

The chain: candidate views with a dose, the same images moved on purpose, weights fitted and
judged out of fold. What a model says of every view is collected once
(:class:`~sensitivity.tta.logits.ViewLogits`, needs PyTorch); everything after works on what
was collected and needs none.
"""
