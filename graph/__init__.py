"""From a sentence to a tested rule."""
