"""The exact door to patients who differ: nodes and weights that stand for the joint law of their characteristics."""
