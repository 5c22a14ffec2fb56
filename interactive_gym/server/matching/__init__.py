"""What is known of participants and pairs, and the search for groups among them.

Pure: no clock, no framework. Matchmakers stand on it.
"""
