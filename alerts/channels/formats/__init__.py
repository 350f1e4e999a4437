"""How a message looks where more than one kind of channel shows it alike."""
