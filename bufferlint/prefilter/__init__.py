"""Which classes may have a finding at all, told from their text: sound, and the same with it and without."""
