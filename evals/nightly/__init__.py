"""Every night: the regression sets through the real pipeline, compared with the last good night."""
