"""Advice: the rows of a result in words, with the numbers that they rest on."""
