"""The parts of `model.expand`, which turns a ladder into its state graph."""
