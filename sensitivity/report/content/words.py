"""What the report says around the findings, in English and Chinese: one literal table."""

from __future__ import annotations

from ...advice.templates import in_language
from .chart_words import CHARTS

WORDS = {
    # The page
    "title": ("Where the model is weak", "模型的薄弱之处"),
    "skip": ("Skip to the findings", "跳到主要结论"),
    "theme": ("Dark or light", "深色/浅色"),
    "search": ("Search features, classes, file names", "搜索特征、类别、文件名"),
    "class": ("Class", "类别"),
    "every_class": ("all classes", "全部类别"),
    "sort": ("Order", "排序"),
    "sort.rank": ("weakest first", "最薄弱者在前"),
    "sort.name": ("by name", "按名称"),
    "only_findings": ("Only with a verdict", "仅有结论者"),
    "folded": (
        "Features without a verdict are folded ({n}): open one by its name.",
        "无结论的特征已折叠（{n}个）：点击其名称可展开。",
    ),
    "nothing_matches": ("Nothing matches.", "没有匹配项。"),
    "no_script": (
        "Without JavaScript the pictures and the filters of this page do not work; all numbers do.",
        "未启用JavaScript时，本页的图像与筛选功能不可用；所有数字仍可查看。",
    ),
    "matches": ("{n} files match", "匹配到{n}个文件"),
    "sections": ("Sections", "章节"),
    "nav.findings": ("Findings", "结论"),
    "nav.map": ("Map", "总览"),
    "nav.features": ("Features", "特征"),
    "nav.quality": ("Quality", "质量"),
    "nav.trial": ("TTA", "测试时增强"),
    "nav.comparison": ("Comparison", "比较"),
    "nav.settings": ("Settings", "设置"),
    "each_feature": ("Feature by feature", "逐个特征"),
    "details": ("details", "详情"),
    "feature.more": ("Class mix and the table", "类别构成与表格"),
    "panels.left_out": (
        "{n} further classes have no chart here; the tables hold them.",
        "另有{n}个类别未在此绘图；数据见各表格。",
    ),
    "panels.closed": (
        "Classes not shown here: {n}. Choose one under Class, above.",
        "此处未显示的类别：{n}个。请在上方的“类别”中选择。",
    ),
    "table.first": ("The first {n} classes.", "前{n}个类别。"),
    # The run
    "images": ("images", "图像"),
    "accuracy": ("accuracy", "准确率"),
    "classes": ("classes", "类别"),
    "features": ("features", "特征"),
    "unreadable": ("not readable", "无法读取"),
    "interval": ("{confidence} % interval", "{confidence}%置信区间"),
    # Sections
    "findings": ("What was found", "主要结论"),
    "findings.more": (
        "{n} more rows have a verdict; the map shows them.",
        "另有{n}行有结论，见总览图。",
    ),
    "findings.also": ("The same feature, also:", "同一特征，另有："),
    "findings.together": (
        "Found too, along features that move with it:",
        "以下与其同步变化的特征上也有发现：",
    ),
    "findings.explains": (
        "It accounts for what was found along:",
        "它可以解释以下特征上的结果：",
    ),
    "findings.none": ("Nothing told from chance", "没有能与偶然区分的结果"),
    "findings.none.about": (
        "This is no all-clear. A weakness smaller than the sentence above names would not have "
        "been seen in so many images; more images, or their groups, would show it.",
        "这并不表示模型没有弱点：以现有图像数，小于上句所述幅度的弱点无法被发现；"
        "更多图像或分组信息才能显示出来。",
    ),
    "advice.rest": (
        "Checks that found nothing: {passed}; not applicable: {aside}",
        "{passed}项检查未发现问题，{aside}项不适用",
    ),
    "advice.skipped": ("Skipped", "已跳过"),
    "advice.aside": ("Not applicable", "不适用"),
    "quality.left_out": (
        "The {shown} classes with the lowest F1 are listed, of {n}.",
        "仅列出{n}个类别中F1值最低的{shown}个。",
    ),
    "confusion.left_out": (
        "The {shown} classes that are confused most, of {n}.",
        "{n}个类别中混淆最多的{shown}个。",
    ),
    "pairs": ("What is taken for what most often", "最常见的混淆"),
    "trial.table": (
        "Out of fold, on images that took no part in the fit; in % with the change against the "
        "original in points [interval]. Passes and milliseconds are per image.",
        "折外结果（图像未参与拟合）；单位%，方括号内为相对原图变化的区间（百分点）。次数与毫秒按每张图像计。",
    ),
    "strategy": ("strategy", "方案"),
    "passes": ("passes", "计算次数"),
    "milliseconds": ("ms", "毫秒"),
    "candidates": ("The views that were considered", "考虑过的视图"),
    "view": ("view", "视图"),
    "moves": ("moves", "改变"),
    "for_images": ("for images with", "适用图像"),
    "weight": ("weight", "权重"),
    "comparison.lowest": ("change, lowest range", "最低区间的变化"),
    "comparison.highest": ("change, highest range", "最高区间的变化"),
    "settings.all": ("All settings", "全部设置"),
    "settings.edges": ("Edges of the bins", "分箱边界"),
    "remedy": ("What to do", "建议"),
    "look": ("look at the images", "查看图像"),
    "quality": ("Overall quality", "总体质量"),
    "map": ("Map: feature × class", "总览：特征 × 类别"),
    "map.about": (
        "Each field shows how far F1 at an equal class mix varies over the bins of a feature, less "
        "what chance gives, in points. ● real, ○ candidate (a hint, no finding). Fields without a "
        "sign are not told from chance, however dark.",
        "每格表示在同等类别构成下，F1值在该特征各分箱之间的离散程度（已扣除偶然部分，单位：百分点）。"
        "●为成立，○为迹象（尚不是结论）。没有符号的格子无论颜色多深，都不能与偶然区分。",
    ),
    "map.real": ("real", "成立"),
    "map.candidate": ("candidate", "迹象"),
    "map.points": ("points", "百分点"),
    "map.left_out": (
        "The {shown} classes that vary most are shown, of {n}.",
        "仅显示{n}个类别中离散程度最大的{shown}个。",
    ),
    "map.desc": (
        "Spread over the bins of every feature for every class; the same numbers stand at each "
        "feature below.",
        "各特征各类别在分箱之间的离散程度；相同数字见下方各特征。",
    ),
    "two_way": ("Two features at once", "两个特征的组合"),
    "two_way.about": (
        "Accuracy in every cell of two features; n below. Grey cells hold fewer than 10 images. "
        "What looks weak here was not tested: the slices below were.",
        "两个特征每个组合格内的准确率，下方为图像数。灰色格少于10张图像。此处看似薄弱的格未经检验；"
        "下方的切片经过检验。",
    ),
    "slices": (
        "Weak slices: found on one half of the images, judged on the other",
        "薄弱切片：在一半图像上寻找，在另一半上判断",
    ),
    "slices.few": (
        "Nothing was searched: it takes two features of 2 to 20 bins, and slices of {support} "
        "images.",
        "未搜索：需要两个有2至20个分箱的特征，且切片至少含{support}张图像。",
    ),
    "slices.nothing": (
        "Nothing was found: of the slices of {n_features} features with at least {support} images "
        "none is weaker than its features alone.",
        "未发现：{n_features}个特征的切片（至少{support}张图像）中，没有比单个特征更弱的。",
    ),
    "slices.null": (
        "Nothing was found: of the {judged} weakest slices on one half of {n} images none is "
        "weaker on the other half than chance allows (p > .05, corrected for their number).",
        "未发现：在{n}张图像的一半上找出的{judged}个最弱切片，在另一半上都未弱到超出偶然的程度"
        "（校正后p > 0.05）。",
    ),
    "slices.found": (
        "Of the {judged} weakest slices on one half of {n} images, weak on the other half too "
        "(p ≤ .05, corrected for their number): {holding}. The figures are of that half alone.",
        "在{n}张图像的一半上找出的{judged}个最弱切片中，有{holding}个在另一半上同样较弱"
        "（校正后p ≤ 0.05）；数字仅来自另一半。",
    ),
    "slices.hint": (
        "Of the {judged} weakest slices on one half of {n} images, weak on the other half too "
        "(p ≤ .05, corrected): {holding}. Without groups these are hints, since errors of "
        "neighbouring names are alike.",
        "在{n}张图像的一半上找出的{judged}个最弱切片中，有{holding}个在另一半上同样较弱"
        "（校正后p ≤ 0.05）；文件名相邻的图像错误相近，未给出分组，因此仅为迹象。",
    ),
    "slices.where": ("where", "位置"),
    "expected": ("expected", "预期"),
    "first": ("down", "纵向"),
    "across": ("across", "横向"),
    "advice": ("Recommendations", "建议"),
    "trial": ("Test-time augmentation, tried", "测试时增强的试验"),
    "comparison": ("Against another model", "与另一模型比较"),
    "comparison.sentence": (
        "On {n} images that both judged, accuracy is {a} % with the other model and {b} % with "
        "this one: {change} points [{low}, {high}].",
        "在两者都判断过的{n}张图像上，另一模型的准确率为{a}%，本模型为{b}%：{change}个百分点 "
        "[{low}, {high}]。",
    ),
    "comparison.other": ("the other", "另一模型"),
    "comparison.this": ("this one", "本模型"),
    "comparison.real": (
        "Along {n} rows of feature and class the change differs by more than chance.",
        "有{n}个“特征×类别”行的变化差异超出偶然。",
    ),
    "comparison.hint": (
        "Along {n} rows of feature and class the change differs; without groups these are hints, "
        "since errors of neighbouring names are alike.",
        "有{n}个“特征×类别”行的变化存在差异；由于相邻名称的错误相似，未给出分组时仅视为迹象。",
    ),
    "comparison.untested": (
        "Whether the change depends on a feature was not tested.",
        "未检验变化是否依赖于某个特征。",
    ),
    "comparison.no_trend": (
        "No evidence that the change depends on any feature.",
        "没有证据表明变化依赖于任何特征。",
    ),
    "rows.left_out": ("{n} further rows are left out here.", "此处另有{n}行未列出。"),
    "failures": ("Images that could not be read", "无法读取的图像"),
    "failures.none": ("Every image was read.", "所有图像均已读取。"),
    "failures.unopened": ("No image was opened.", "未打开任何图像。"),
    "failures.more": (
        "The first {shown} of {n}; all are in tables/failures.parquet.",
        "仅列出{n}个中的前{shown}个；全部见 tables/failures.parquet。",
    ),
    "settings": ("Settings, and how to make this again", "设置与复现方法"),
    "glossary": ("How to read this", "如何阅读"),
    # Tables
    "metric.recall": ("recall", "召回率"),
    "metric.precision": ("precision", "精确率"),
    "metric.f1": ("F1", "F1值"),
    "metric.f1_star": ("F1 at an equal class mix", "同等类别构成下的F1值"),
    "metric.auc": ("AUC", "AUC"),
    "metric.accuracy": ("accuracy", "准确率"),
    "metric.accuracy_star": ("accuracy at an equal class mix", "同等类别构成下的准确率"),
    "metric.balanced_accuracy": ("balanced accuracy", "平衡准确率"),
    "metric.macro_f1": ("macro F1", "宏平均F1值"),
    "metric.confidence_gap": ("confidence gap", "置信度差"),
    "metric.nll": ("NLL", "NLL"),
    "metric.ece": ("calibration error", "校准误差"),
    "n": ("n", "n"),
    "bin": ("bin", "分箱"),
    "values": ("values", "取值"),
    "share": ("share", "占比"),
    "std": ("std", "标准差"),
    "std_chance": ("std by chance", "偶然标准差"),
    "spread": ("spread", "离散程度"),
    "spread_low": ("at least", "至少"),
    "verdict": ("verdict", "结论"),
    "grade": ("grade", "等级"),
    "q": ("q", "q"),
    "value": ("value", "数值"),
    "feature": ("feature", "特征"),
    "missing": ("missing", "缺失"),
    "name": ("name", "文件名"),
    "status": ("status", "状态"),
    "reason": ("reason", "原因"),
    "skipped": ("Left out: {name}: {reason}", "未分析：{name}：{reason}"),
    "table": ("The table", "表格"),
    "table.about": (
        "F1 of every class in every bin, as published tables have it; {few}. 0: no image of "
        "the class was called right; where the bin holds none of its images, others were called "
        "it. Such a 0 is part of the std, but not of the spread, and no weakest bin.",
        "各类别在各分箱的F1值（与公开发布的表格一致）；{few}。0：该类别没有一张图像被判对；"
        "若分箱内没有该类别的图像，则是其他图像被误判为该类别，此时的0计入标准差，"
        "但不计入离散程度，也不作为最差分箱。",
    ),
    "table.grey": ("n < 10 grey", "n < 10 为灰色"),
    "table.brackets": (
        "in brackets: n < 10, no ground for a statement",
        "括号内：n < 10，不足以下结论",
    ),
    "table.metrics": (
        "{every_class}: accuracy; each class: F1.",
        "{every_class}：准确率；各类别：F1值。",
    ),
    **CHARTS,
    # Samples
    "samples": ("Images of this bin", "该分箱的图像"),
    "samples.about": (
        "Choose a bin: a random sample of the wrong and of the right ones, and the wrong ones that "
        "the model was surest of.",
        "选择分箱：随机抽取的错误与正确样本，以及模型最有把握的错误样本。",
    ),
    "samples.wrong": ("wrong", "错误"),
    "samples.right": ("right", "正确"),
    "samples.confident": ("wrong and sure", "错误且把握高"),
    "samples.none": ("none", "无"),
    "samples.no_picture": ("no picture", "无图像"),
    "samples.off": (
        "This result has no per-image tables beside it, so no image can be shown.",
        "该结果旁没有逐图像表格，因此无法显示图像。",
    ),
    "samples.class_errors": ("errors on {name}, in its worst bin", "{name}在其最差分箱中的错误"),
    "label": ("true", "真实"),
    "predicted": ("predicted", "预测"),
    "score": ("score of what was predicted", "预测类别的分数"),
    "score_true": ("score of the true class", "真实类别的分数"),
    "close": ("Close", "关闭"),
    "previous": ("Previous", "上一张"),
    "next": ("Next", "下一张"),
    # Verdicts
    "verdict.confirmed": ("confirmed", "已证实"),
    "verdict.associated": ("associated", "有关联"),
    "verdict.class mix": ("class mix", "类别构成"),
    "verdict.margin erodes": ("margin erodes", "把握下降"),
    "verdict.not distinguishable from chance": ("not distinguishable from chance", "无证据"),
    "verdict.candidate": ("candidate", "迹象"),
    "verdict.not tested": ("not tested", "未检验"),
    "grade.none": ("none", "无"),
    "grade.slight": ("slight", "轻微"),
    "grade.medium": ("medium", "中等"),
    "grade.major": ("major", "严重"),
    "about.confirmed": (
        "More than chance, and moving the same images on purpose does the same.",
        "超出偶然，且有意改变同一批图像得到一致的结果。",
    ),
    "about.associated": (
        "More than chance; that the feature itself is the reason was not shown.",
        "超出偶然；但未证明该特征本身就是原因。",
    ),
    "about.class mix": (
        "The metric moves because the share of the class moves; nothing to fix in the model.",
        "指标变化源于类别占比变化；模型无需修正。",
    ),
    "about.margin erodes": (
        "No more errors yet, but less certainty.",
        "错误尚未增多，但把握下降。",
    ),
    "about.not distinguishable from chance": (
        "These images show no effect; the sentence says how large one would have been seen.",
        "这些图像未显示影响；句中说明了多大的影响才能被发现。",
    ),
    "about.candidate": (
        "A hint and no finding: more images, or their groups, would settle it.",
        "仅为迹象：需要更多图像或分组信息才能判断。",
    ),
    "about.std": (
        "std: standard deviation of F1 over the bins, as published. Read it against the std that "
        "chance alone gives with so many images.",
        "标准差：F1值在各分箱之间的标准差（与公开发布的一致）。请与相同图像数下的偶然标准差对照。",
    ),
    "about.spread": (
        "spread: the same at an equal class mix, less what chance gives; rows are ranked by its "
        "lower bound.",
        "离散程度：在同等类别构成下扣除偶然部分后的标准差；各行按其下界排序。",
    ),
    "about.grade": (
        "grade, of what is more than chance, by the std: none < .03 ≤ slight < .1 ≤ medium < .25 ≤ "
        "major.",
        "等级（仅对超出偶然者，按标准差）：无 < 0.03 ≤ 轻微 < 0.1 ≤ 中等 < 0.25 ≤ 严重。",
    ),
    "about.q": (
        "q: share of false findings to be expected among all rows at least as sure as this one.",
        "q：在至少与本行同样可信的所有行中，预期的错误结论比例。",
    ),
    # Making it again
    "again.report": ("this report", "本报告"),
    "version": ("sensitivity {version}", "sensitivity {version}"),
}


def word(key: str, lang: str) -> str:
    """One text of the report, with ``{fields}`` for :meth:`str.format`.

    Parameters
    ----------
    key : str
        A key of :data:`WORDS`.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> word("metric.recall", "en"), word("metric.recall", "zh")
    ('recall', '召回率')
    """
    return in_language(WORDS[key], lang)
