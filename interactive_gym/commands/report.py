"""``interactive-gym report`` writes a page on a study: who took part, and which data are sound.

Reads the data folder by `interactive_gym.data` and makes the page by `reporting`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import click

from interactive_gym.commands.option_values import study_argument
from interactive_gym.data import load_study
from interactive_gym.netcode.cells import text_of
from interactive_gym.reporting.forecasts import read_forecast
from interactive_gym.reporting.plans import plans_of
from interactive_gym.reporting.study_report import report_on
from interactive_gym.reporting.weighting import Weighting


@click.command("report", short_help="write a page on a study: flow, latency, quality of data")
@study_argument
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="A folder, made if need be; an earlier report in it is overwritten.",
)
@click.option(
    "--forecast",
    "forecast",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="What `interactive-gym plan --json` had printed, to hold the study against it.",
)
def command(study: Path, target: Path, forecast: Path | None) -> int:
    """Write a page on a study: flow, latency, quality of data.

    DATA_DIR is the folder of an experiment, data/<experiment_id>, which may still run. Writes
    DIR/report.html, a page that loads nothing and prints well (as PDF from the browser's print
    dialogue), its figures as DIR/figures/*.svg, and DIR/weights.csv.
    """
    forecasts = [] if forecast is None else read_forecast(forecast)
    try:
        tables = load_study(study)
        report = report_on(study.resolve().name, tables, plans_of(study), forecasts)
    except ImportError:
        raise ValueError(
            "report needs pandas and matplotlib: install them with "
            "`pip install interactive-gym[report]`."
        ) from None
    (target / "figures").mkdir(parents=True, exist_ok=True)
    (target / "report.html").write_text(report.html, encoding="utf-8")
    for name, drawing in report.figures.items():
        (target / "figures" / f"{name}.svg").write_text(drawing, encoding="utf-8")
    _write_weights(report.weightings, target / "weights.csv")
    click.echo(f"{target / 'report.html'}")
    return 0


def _write_weights(weightings: list[Weighting], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["scene_id", "plan_digest", "subject_id", "probability", "weight"])
        for it in weightings:
            for subject_id, *figures in it.weights:
                # As in frames.csv, no text is taken for a formula.
                writer.writerow([it.scene_id, it.plan_digest, text_of(subject_id), *figures])
