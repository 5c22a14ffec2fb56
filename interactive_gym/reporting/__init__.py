"""The report on a study: who took part, whom latency excluded, and which data are sound.

`study_report` makes it out of the tables of `interactive_gym.data`. `flow`, `exclusion`,
`weighting`, `quality` and `balance` compute what it says, `figures` draws and `page` writes it.
"""
