"""What stands in and above the charts of the report, in English and Chinese."""

from __future__ import annotations

CHARTS = {
    "chart.star": ("at an equal class mix", "同等类别构成下"),
    "chart.band": ("what chance and class mix alone give", "仅由偶然和类别构成造成的范围"),
    "chart.chance": ("what chance alone gives", "仅由偶然造成的范围"),
    "chart.mean": ("all bins", "全部分箱"),
    "chart.trend": (
        "{metric} of {name} over the bins of {feature}, with {confidence} % intervals",
        "{name}的{metric}随{feature}各分箱的变化，含{confidence}%置信区间",
    ),
    "chart.distribution": ("Images by {feature}", "{feature}的图像分布"),
    "chart.clipped": (
        "; the outermost 0.5 % at either end stand in the first and the last bar",
        "；两端各0.5%的图像计入首尾两根柱",
    ),
    "chart.shares": ("Classes in each bin", "各分箱的类别构成"),
    "chart.confusion": ("True class (rows) × predicted class", "真实类别（行）× 预测类别"),
    "chart.roc": ("ROC", "ROC曲线"),
    "chart.pr": ("Precision and recall", "精确率-召回率曲线"),
    "chart.fpr": ("false positive rate", "误报率"),
    "chart.response": (
        "{metric} of {name}: the bins as observed, and the same images moved ({op})",
        "{name}的{metric}：观察到的各分箱，以及改变后的同一批图像（{op}）",
    ),
    "chart.observed": ("as observed in the bins", "分箱中观察到的"),
    "chart.moved": ("the same images, moved", "改变后的同一批图像"),
    "chart.pareto": (
        "What more recall of {name} costs in accuracy",
        "提高{name}召回率的准确率代价",
    ),
    "chart.change": ("change of accuracy in points", "准确率变化（百分点）"),
    "chart.recall_of": ("recall of {name}", "{name}的召回率"),
    "chart.points": ("change in points", "变化（百分点）"),
    "chart.empty": ("no data", "无数据"),
    "chart.images": ("images", "图像数"),
    "chart.rest": ("others", "其他"),
    "chart.low_support": ("fewer than 10 images", "少于10张图像"),
}
