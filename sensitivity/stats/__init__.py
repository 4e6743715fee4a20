"""Statistics: arrays in, arrays out; nothing here knows of images, classes or tables."""
