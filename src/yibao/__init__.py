"""医保 yibao: the whole medical-insurance platform of a Chinese city."""
