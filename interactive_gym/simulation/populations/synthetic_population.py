"""A population for which nothing was measured: clusters on a plane, last miles, and detours.

The RTT of two participants is the distance of their places, stretched by the route their packets
happen to take, plus both last miles. Everything follows from the seed of the cohort. The model's
shape is the one that Vivaldi found to fit measured RTTs: a plane with a "height" for the access
link (F. Dabek, R. Cox, F. Kaashoek, R. Morris, "Vivaldi: A Decentralized Network Coordinate
System", ACM SIGCOMM 2004).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from interactive_gym.options.validation import number
from interactive_gym.simulation.populations.pair_draws import PairDraws
from interactive_gym.simulation.populations.population import Cohort


@dataclass(frozen=True)
class Region:
    """Where a part of the participants lives."""

    name: str
    """What to call it."""

    weight: float
    """Its part of the participants, relative to the other regions."""

    x_ms: float
    """The centre, on a plane whose distances are round-trip times in milliseconds."""

    y_ms: float
    """The centre's other coordinate."""

    spread_ms: float
    """The standard deviation of places around the centre, per coordinate."""


REGIONS = (
    Region("North America, west", 0.15, 0.0, 0.0, 8.0),
    Region("North America, east", 0.30, 65.0, 0.0, 12.0),
    Region("British Isles", 0.30, 140.0, 0.0, 4.0),
    Region("Europe", 0.20, 160.0, 12.0, 10.0),
    Region("South Asia", 0.05, 255.0, 50.0, 15.0),
)
"""A study that recruits in several countries, as panels with many English speakers do. The centres
are as far from each other as data centres there are (about 65 ms across North America, 75 ms across
the North Atlantic); nearly all routes from Asia to America lead through Europe on this plane, which
is longer than the way over the Pacific. The weights are an example, not a measurement: give your
own for a panel you know."""


@dataclass(frozen=True)
class Access:
    """A kind of access to the Internet, with its last mile."""

    name: str
    """What to call it."""

    weight: float
    """Its part of the homes, relative to the other kinds."""

    last_mile_ms: float
    """The median RTT in milliseconds from a home to its provider's network."""

    spread: float
    """The standard deviation of its logarithm."""


HOME_ACCESS = (
    Access("fibre", 0.40, 7.0, 0.5),
    Access("cable", 0.48, 14.0, 0.4),
    Access("mobile or poor Wi-Fi", 0.12, 30.0, 0.5),
)
"""Last miles of homes of several kinds, of which one in eight is bad. The medians of the first two
are about those that the Measuring Broadband America reports of the FCC give, less some way; the
weights and the last kind are an example, not a measurement."""


@dataclass(frozen=True)
class SyntheticPopulation:
    """Regions with participants whose connections differ.

    Raises:
        ValueError: if there is no region with a weight, or a width is negative.
    """

    regions: Sequence[Region] = REGIONS
    """Where people live."""

    last_mile_ms: float = 14.0
    """The median RTT in milliseconds from a home to its provider's network. The Measuring Broadband
    America reports of the FCC give averages to the nearest measurement server between about 10 and
    25 ms for fibre, 20 and 35 ms for cable, and 30 and 50 ms for DSL; these include some way."""

    last_mile_spread: float = 0.6
    """The standard deviation of its logarithm: with 0.6, one home in twenty has 2.7 times the
    median."""

    access: Sequence[Access] = ()
    """The kinds of access among which each home's is drawn; if there are none, all homes have the
    last mile above."""

    route_spread: float = 0.12
    """The standard deviation of the logarithm by which a pair's route is longer or shorter than
    usual. It makes detours shorter than the direct way for some triples, as on the Internet."""

    server_last_mile_ms: float = 1.0
    """The server's own last mile in milliseconds: it stands in a data centre."""

    def __post_init__(self) -> None:
        weights = [region.weight for region in self.regions]
        shares = [kind.weight for kind in self.access]
        if shares and (min(shares) < 0.0 or sum(shares) <= 0.0):
            raise ValueError(
                f"access needs weights that are not negative and not all 0; got {shares}. "
                "Use for example Access('fibre', 1.0, 7.0, 0.5)."
            )
        if not weights or min(weights) < 0.0 or sum(weights) <= 0.0:
            raise ValueError(
                f"regions need weights that are not negative and not all 0; got {weights}. "
                "Use for example Region('Europe', 1.0, 0.0, 0.0, 10.0)."
            )
        widths = (
            "last_mile_ms",
            "last_mile_spread",
            "route_spread",
            "server_last_mile_ms",
        )
        for name in widths:
            number(name, getattr(self, name), minimum=0)

    @property
    def description(self) -> str:
        """What it is in a few words: synthetic, and of how many regions."""
        count = len(self.regions)
        return f"a synthetic population ({count} {'region' if count == 1 else 'regions'})"

    @property
    def most_participants(self) -> None:
        """There is no limit."""
        return None

    def cohort(self, participants: int, rng: random.Random) -> Cohort:
        """Draw the region, place and last mile of each participant, and the route of every pair.

        The server stands in the region that is nearest to all on average.
        """
        regions = list(self.regions)
        draws = PairDraws(rng.getrandbits(64))
        homes = rng.choices(regions, [region.weight for region in regions], k=participants)
        places = [
            (rng.gauss(home.x_ms, home.spread_ms), rng.gauss(home.y_ms, home.spread_ms))
            for home in homes
        ]
        last_miles = self._last_miles_ms(participants, rng)
        middle = min(regions, key=self._mean_distance_ms)
        places.append((middle.x_ms, middle.y_ms))
        last_miles.append(self.server_last_mile_ms)

        def rtt_ms(a: int, b: int) -> float:
            stretch = math.exp(self.route_spread * draws.normal(a, b))
            return math.dist(places[a], places[b]) * stretch + (last_miles[a] + last_miles[b])

        return Cohort(
            server_rtt_ms=tuple(rtt_ms(person, participants) for person in range(participants)),
            rtt_ms=rtt_ms,
            regions=tuple(home.name for home in homes),
        )

    def _last_miles_ms(self, participants: int, rng: random.Random) -> list[float]:
        homes = [Access("", 1.0, self.last_mile_ms, self.last_mile_spread)] * participants
        if self.access:
            homes = rng.choices(self.access, [kind.weight for kind in self.access], k=participants)
        return [home.last_mile_ms * math.exp(home.spread * rng.gauss(0.0, 1.0)) for home in homes]

    def _mean_distance_ms(self, centre: Region) -> float:
        distances = [
            other.weight * math.hypot(centre.x_ms - other.x_ms, centre.y_ms - other.y_ms)
            for other in self.regions
        ]
        return sum(distances) / sum(region.weight for region in self.regions)
