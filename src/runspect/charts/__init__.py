"""Numbers to lines of (text, style): thinning, scales, ticks, braille. No colour, no terminal, no Textual."""
