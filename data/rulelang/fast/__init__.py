"""Fast evaluators with the meaning of ``data.rulelang.evaluate``."""
