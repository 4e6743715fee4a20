"""Every chart of the report, from the report's dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from . import charts
from .content.words import word

Told = Mapping[str, Any]


class Drawings:
    """The charts of one report; templates ask for them one by one.

    Parameters
    ----------
    told : mapping
        From :func:`sensitivity.report.content.content`.
    """

    def __init__(self, told: Told) -> None:
        self._told = told
        self._lang = told["lang"]
        self._confidence = told["run"]["confidence"]
        self._every = self._word("every_class")

    def _word(self, key: str, **fields: Any) -> str:
        text = word(key, self._lang)
        return text.format(**fields) if fields else text

    def _chart(self, title: str, desc: str = "", **rest: Any) -> dict[str, Any]:
        return {"title": title, "desc": desc, "no_data": self._word("chart.empty"), **rest}

    def trend(self, feature: Told, panel: Told) -> Markup:
        """One class over the bins of a feature, and at an equal class mix."""
        return self._trend(feature, panel, panel, panel["metric"], "chart.band")

    def recall(self, feature: Told, panel: Told) -> Markup:
        """The recall that a finding speaks of."""
        star = {"star": [None] * len(feature["bins"])}
        return self._trend(
            feature, panel, {**panel["recall"], **star}, self._word("metric.recall"), "chart.chance"
        )

    def calls(self, feature: Told, panel: Told) -> Markup:
        """The false calls that a finding speaks of."""
        star = {"star": [None] * len(feature["bins"])}
        return self._trend(
            feature, panel, {**panel["calls"], **star}, self._word("chart.fpr"), "chart.chance"
        )

    def _trend(self, feature: Told, panel: Told, curve: Told, metric: str, band: str) -> Markup:
        title = self._word(
            "chart.trend",
            metric=metric,
            name=panel["name"],
            feature=feature["title"],
            confidence=self._confidence,
        )
        names = {
            "value": metric,
            "star": self._word("chart.star"),
            "band": self._word(band),
            "n": self._word("n"),
            "mean": self._word("chart.mean"),
            "low_support": self._word("chart.low_support"),
        }
        return charts.trend(
            self._chart(
                title,
                panel["sentence"],
                bins=[row["label"] for row in feature["bins"]],
                ranges=[row["range"] for row in feature["bins"]],
                apart=feature["bins"][-1]["missing"],
                band=curve["band"] or [None] * len(feature["bins"]),
                mean=None,
                names=names,
                **{
                    key: (curve if key in curve else panel)[key] for key in ("n_bin", "low_support")
                },
                **{key: curve[key] for key in ("value", "low", "high", "star")},
            )
        )

    def distribution(self, feature: Told) -> Markup:
        """How many images have which value."""
        title = self._word("chart.distribution", feature=feature["title"])
        names = {"images": self._word("chart.images")}
        return charts.distribution(self._chart(title, names=names, **feature["distribution"]))

    def shares(self, feature: Told) -> Markup:
        """The class mix of every bin."""
        bins = [row["label"] for row in feature["bins"]]
        return charts.shares(self._chart(self._word("chart.shares"), bins=bins, **feature["mix"]))

    def heat_map(self) -> Markup:
        """Feature × class."""
        told = self._told["map"]
        classes = [self._every, *told["classes"][1:]]
        kept = {key: told[key] for key in ("features", "spread", "strength")}
        title, desc = self._word("map"), self._word("map.desc")
        names = {key: self._word(f"map.{key}") for key in ("real", "candidate", "points")}
        return charts.heat_map(self._chart(title, desc, classes=classes, names=names, **kept))

    def confusion(self) -> Markup:
        """True × predicted class."""
        names = {"true": self._word("label"), "predicted": self._word("predicted")}
        told = self._told["quality"]["confusion"]
        return charts.confusion(self._chart(self._word("chart.confusion"), names=names, **told))

    def roc(self) -> Markup:
        """True-positive against false-positive rate."""
        names = self._word("chart.fpr"), self._word("metric.recall")
        return self._curves("roc", *names, diagonal=True)

    def pr(self) -> Markup:
        """Precision against recall."""
        names = self._word("metric.recall"), self._word("metric.precision")
        return self._curves("pr", *names, diagonal=False)

    def _curves(self, which: str, x_name: str, y_name: str, *, diagonal: bool) -> Markup:
        lines = [
            {"name": row["name"], "x": row["x"], "y": row["y"], "note": _auc(row.get("auc"))}
            for row in self._told["quality"][which]
        ]
        title = self._word(f"chart.{which}")
        return charts.curves(
            self._chart(title, x_name=x_name, y_name=y_name, lines=lines, diagonal=diagonal)
        )

    def response_title(self, told: Told) -> str:
        """What :meth:`response` shows."""
        name = self._every if told["class"] == "all" else told["class"]
        metric = self._word("metric.accuracy" if told["class"] == "all" else "metric.recall")
        return self._word("chart.response", metric=metric, name=name, op=told["op"])

    def response(self, told: Told) -> Markup:
        """The same images moved, over what the bins show."""
        names = {"observed": self._word("chart.observed"), "moved": self._word("chart.moved")}
        kept = {key: told[key] for key in ("observed", "moved")}
        title = self.response_title(told)
        return charts.response(self._chart(title, x_name=told["title"], names=names, **kept))

    def pareto(self) -> Markup:
        """Accuracy against recall of the trial's strategies."""
        front = self._told["trial"]["front"]
        # Where no policy was traced, the threshold shift is the front.
        traced = {row["strategy"] for row in front["points"]}
        leading = "policy" if "policy" in traced else front["points"][0]["strategy"]
        points = [
            {
                "name": "",
                "x": row["recall"],
                "y": row["accuracy"],
                "kind": "front" if row["strategy"] == leading else "other",
            }
            for row in front["points"]
        ]
        points += self._at(front["class"])
        title = self._word("chart.pareto", name=front["class"])
        names = self._word("chart.recall_of", name=front["class"]), self._word("metric.accuracy")
        return charts.pareto(
            self._chart(title, x_name=names[0], y_name=names[1], points=points, percent=True)
        )

    def _at(self, name: str) -> list[dict[str, Any]]:
        """The original and the policy, where both their numbers are known."""
        found = []
        for row in self._told["trial"]["strategies"]:
            metrics = row["metrics"]
            known = f"recall:{name}" in metrics and "accuracy" in metrics
            if known and (row["is_original"] or row["is_policy"]):
                x, y = metrics[f"recall:{name}"]["value"], metrics["accuracy"]["value"]
                found.append({"name": row["title"], "x": x, "y": y, "kind": "chosen"})
        return found

    def changes(self, key: str, title: str) -> Markup:
        """Change of one metric under every strategy of the trial."""
        rows = [
            _changed(row["title"], row["metrics"][key], chosen=row["is_policy"])
            for row in self._told["trial"]["strategies"]
            if key in row["metrics"] and not row["is_original"]
        ]
        return self._forest(title, rows)

    def compared(self) -> Markup:
        """What another model changes, of each class."""
        rows = [
            _changed(
                f"{self._every if row['class'] == 'all' else row['class']} · {row['name']}", row
            )
            for row in self._told["comparison"]["overall"]
            if row["metric"] != "f1"
        ]
        return self._forest(self._word("comparison"), rows)

    def _forest(self, title: str, rows: Sequence[Told]) -> Markup:
        return charts.changes(self._chart(title, x_name=self._word("chart.points"), rows=rows))


def _auc(value: float | None) -> str:
    return "" if value is None else f"AUC {value:.3f}"


def _changed(name: str, row: Told, *, chosen: bool = False) -> dict[str, Any]:
    """A row of a forest plot, in points; good or bad where the interval leaves 0 out."""
    value, low, high = (None if row[k] is None else 100 * row[k] for k in ("change", "low", "high"))
    kind = "neutral"
    if low is not None and high is not None:
        kind = "good" if low > 0 else "bad" if high < 0 else "neutral"
    kind = "chosen" if chosen else kind
    # A mixture is long: its second part stands below.
    first, plus, rest = name.partition(" + ")
    note = f"+ {rest}" if plus else ""
    return {"name": first, "value": value, "low": low, "high": high, "note": note, "kind": kind}
