"""Metrics from counts; a metric knows nothing of features or bins."""
