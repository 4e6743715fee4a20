"""What is said of test-time augmentation, in English and Chinese, side by side: one literal table.

As in :mod:`sensitivity.advice.templates`, the fields hold finished texts, numbers included: the two
languages of a key have the same fields, and so carry the same numbers.
"""

from __future__ import annotations

import re

from .templates import in_language

REMEDY_TEXTS = {
    # What a number is of
    "metric.nll": ("NLL", "NLL"),
    "metric.accuracy": ("accuracy", "准确率"),
    "metric.balanced_accuracy": ("balanced accuracy", "平衡准确率"),
    "metric.recall": ("recall of {name}", "{name}的召回率"),
    "unit.points": ("points", "个百分点"),
    "unit.nats": ("nats", "nat"),
    "change": (
        "{metric} {change} {unit} ({confidence} % interval {low} to {high})",
        "{metric} {change} {unit}（{confidence}%置信区间{low}至{high}）",
    ),
    "change.bare": ("{metric} {change} {unit}", "{metric} {change} {unit}"),
    "gain.nll": (
        "NLL {change} nats against the temperature-scaled original (one-sided {confidence} % "
        "bound {bound})",
        "NLL {change} nat（相对温度缩放后的原图，单侧{confidence}%置信界{bound}）",
    ),
    "and": (", ", "，"),
    "strategy.as shift": ("  as a threshold shift", "  改为移动阈值"),
    # The verdict
    "verdict.use": (
        "Use the policy: {gain}, judged on {n} images that its weights were not fitted "
        "on{optimism}; it costs {cost}{shift}.",
        "采用该策略：{gain}，在未参与权重拟合的{n}张图像上评判{optimism}；代价为{cost}{shift}。",
    ),
    "verdict.do not use": (
        "Do not use test-time augmentation: {why}{tried}{shift}.",
        "不要使用测试时增强：{why}{tried}{shift}。",
    ),
    "verdict.not enough data": (
        "Not enough data{needs}: {why}{tried}{shift}.",
        "数据不足{needs}：{why}{tried}{shift}。",
    ),
    "needs": (
        " ({n} images; needs about {needed})",
        "（现有{n}张图像，约需{needed}张）",
    ),
    "needs.unknown": (" ({n} images)", "（现有{n}张图像）"),
    "tried": (
        "; what was tried gives {gain} on {n} images that its weights were not fitted "
        "on{optimism}, for {cost}",
        "；所试策略在未参与权重拟合的{n}张图像上为{gain}{optimism}，代价为{cost}",
    ),
    "untried": (
        "; no part of the {n} images that were judged had weights that beat the original alone",
        "；所评判的{n}张图像中，没有任何部分的权重优于只用原图",
    ),
    "optimism": (
        " (on those they were fitted on it looks like {in_sample} {unit})",
        "（在参与拟合的图像上看似 {in_sample} {unit}）",
    ),
    "cost": (
        "{passes} forward passes per image instead of {before}",
        "每张图像{passes}次前向计算（原为{before}次）",
    ),
    "cost.time": (
        "{passes} forward passes per image instead of {before}, {ms} ms instead of {ms_before}",
        "每张图像{passes}次前向计算（原为{before}次）、{ms}毫秒（原为{ms_before}毫秒）",
    ),
    "shift.beats": (
        "; shifting {what} does as well for no extra pass ({change})",
        "；移动{what}无需额外计算即可达到同样效果（{change}）",
    ),
    "shift.loses": (
        "; shifting {what}, for no extra pass, does not do as well ({change})",
        "；移动{what}虽无需额外计算，但效果不及（{change}）",
    ),
    "shift.open": (
        "; shifting {what}, for no extra pass, gives {change}",
        "；移动{what}无需额外计算，可得{change}",
    ),
    "shift.one": ("a threshold", "阈值"),
    "shift.all": ("all thresholds", "全部阈值"),
    # Why not
    "why.gain": (
        "the gain is real, and no shift of a threshold does as well",
        "收益属实，且移动阈值达不到同样效果",
    ),
    "why.no_candidate": ("there is no view to try", "没有可尝试的视图"),
    "why.nothing_accepted": (
        "no view was accepted, and a gain worth having would have shown",
        "没有视图被接受，而值得采用的收益本应显现",
    ),
    "why.accuracy_lost": (
        "more accuracy is lost than is allowed",
        "准确率的损失超过允许范围",
    ),
    "why.harm": (
        "nothing is gained; it is worse, if anything",
        "没有收益，甚至可能更差",
    ),
    "why.too_small": (
        "a gain that would be worth further passes is ruled out",
        "可以排除值得增加计算的收益",
    ),
    "why.same_accuracy": (
        "the probabilities are better, but no more images come out right",
        "概率更准，但判对的图像并未增多",
    ),
    "why.accuracy_open": (
        "the probabilities are better, but that more images come out right may be chance",
        "概率更准，但判对的图像增多可能出于偶然",
    ),
    "why.shift": ("a shifted threshold does as well", "移动阈值即可达到同样效果"),
    "why.too_few_images": (
        "a gain worth having could have been missed",
        "值得采用的收益可能未被发现",
    ),
    "why.undecided": (
        "the gain may be real, but may be chance",
        "收益可能属实，也可能出于偶然",
    ),
    "why.accuracy_unsure": (
        "the loss of accuracy may be more than is allowed",
        "准确率的损失可能超过允许范围",
    ),
    "why.shift_unsure": (
        "a shifted threshold may do as well",
        "移动阈值可能达到同样效果",
    ),
    "why.one_group": (
        "all images are of one group, so nothing tells how another would be",
        "所有图像属于同一组，无法判断其他组会如何",
    ),
    # Refused views
    "refused": (
        "Refused, {n} of {total} views: {reasons}.",
        "{total}个视图中有{n}个被拒绝：{reasons}。",
    ),
    "refused.one": ("{names}: {why}", "{names}：{why}"),
    "refused.more": (" and {n} more", "等另外{n}个"),
    "refused.none": ("No view was refused.", "没有视图被拒绝。"),
    # The same images, moved on purpose
    "moved.down": ("lowered", "降低"),
    "moved.up": ("raised", "提高"),
    "moved.confirmed": (
        "confirmed: {feature} {way} by {sd} SD in the same {n} images ({op}) changes {subject} by "
        "{change} points ({confidence} % interval {low} to {high}); the ranges let one expect "
        "{observed}{control}.",
        "得到证实：将同样{n}张图像的{feature}{way}{sd}个标准差（{op}），{subject}变化{change}"
        "个百分点（{confidence}%置信区间{low}至{high}）；按各区间预期为{observed}{control}。",
    ),
    "moved.contradicted": (
        "contradicted: {feature} {way} by {sd} SD in the same {n} images ({op}) changes {subject} "
        "by {change} points ({confidence} % interval {low} to {high}); the ranges let one expect "
        "{observed}. Something else that goes with {feature} is the likelier reason.",
        "被否定：将同样{n}张图像的{feature}{way}{sd}个标准差（{op}），{subject}变化{change}"
        "个百分点（{confidence}%置信区间{low}至{high}）；按各区间预期为{observed}。"
        "更可能的原因是与{feature}同时变化的其他因素。",
    ),
    "moved.control": (
        "; an unrelated move as far ({control}) changes it by {change}",
        "；幅度相同的无关变化（{control}）仅为{change}",
    ),
    "moved.not checked": ("not checked{way}: {why}.", "未验证{way}：{why}。"),
    "moved.way": (" ({feature} {way})", "（{feature}{way}）"),
    "recall": ("recall of {name}", "{name}的召回率"),
    "accuracy": ("accuracy", "准确率"),
    "checked.too few images": (
        "too few images could be moved",
        "能够移动的图像太少",
    ),
    "checked.undecided": (
        "the change may or may not reach half of what the ranges show",
        "变化是否达到各区间所示的一半尚不能确定",
    ),
    "checked.only beyond the range": (
        "the change shows only beyond the range that was observed",
        "变化只出现在观测范围之外",
    ),
    "checked.control does the same": (
        "an unrelated move of the same size does it too",
        "幅度相同的无关变化也有同样效果",
    ),
    "checked.no control": (
        "no view moves an unrelated feature as far",
        "没有视图能使无关特征有同样幅度的变化",
    ),
    "checked.no view": (
        "no view moves the feature this way",
        "没有视图能使该特征朝此方向变化",
    ),
    "checked.not moved far": (
        "within the observed range the views hardly move it",
        "在观测范围内视图几乎不能改变它",
    ),
    "checked.not seen by the model": (
        "at the size that the model sees, the feature shows no such change",
        "在模型所见的尺寸下，该特征没有这样的变化",
    ),
    "checked.not measured": (
        "it was not measured on the views",
        "视图上没有测量该特征",
    ),
    "checked.categories": ("a category cannot be moved", "类别型特征无法移动"),
    "checked.bend": (
        "the middle differs from both ends, so there is no direction to move in",
        "中间与两端不同，没有可移动的方向",
    ),
    "checked.false positives": (
        "the finding is about false positives, not about recall",
        "该发现涉及误报，而非召回率",
    ),
    "checked.recall does not follow": (
        "the interval of the finding's change of recall holds 0",
        "该发现的召回率变化区间包含0",
    ),
    "checked.unknown class": ("the views know no such class", "视图数据中没有该类别"),
    # The policy in one line
    "policy": ("policy: {views}{gates}.", "策略：{views}{gates}。"),
    "policy.tried": (
        "policy that was tried, and is not recommended: {views}{gates}.",
        "试过但不推荐的策略：{views}{gates}。",
    ),
    "policy.identity": (
        "policy: the original alone; nothing is changed.",
        "策略：只用原图，不作任何改变。",
    ),
    "policy.view": ("{share} {name}", "{share} {name}"),
    "policy.alone": ("{name} alone", "只用{name}"),
    "policy.cell": ("where {where}: {views}", "{where}：{views}"),
    "policy.else": ("else {views}", "其余：{views}"),
    "policy.predicted": ("called {name}", "被判为{name}"),
    "policy.and": (" and ", "且"),
    "policy.more": ("{n} more cells", "另有{n}类情形"),
    "policy.entropy": (
        "; further views only for uncertain images (entropy of the original above {limit})",
        "；其他视图仅用于不确定的图像（原图的熵大于{limit}）",
    ),
    "policy.shift": ("; log-odds of {name} {shift}", "；{name}的对数几率{shift}"),
    "policy.temperature": ("; temperature {value}", "；温度{value}"),
    "policy.temperatures": ("; temperature {low} to {high}", "；温度{low}至{high}"),
    "policy.probabilities": ("; probabilities are averaged", "；对概率取平均"),
}

# Heads of tables and notes, for the terminal
REMEDY_TEXTS |= {
    "head.strategy": ("strategy", "方案"),
    "head.accuracy": ("accuracy", "准确率"),
    "head.balanced_accuracy": ("balanced", "平衡准确率"),
    "head.macro_f1": ("macro-F1", "宏平均F1"),
    "head.nll": ("NLL", "NLL"),
    "head.ece": ("ECE", "ECE"),
    "head.recall": ("recall {name}", "召回率 {name}"),
    "head.precision": ("precision {name}", "精确率 {name}"),
    "head.passes": ("passes", "计算次数"),
    "head.ms": ("ms", "毫秒"),
    "head.in_sample": ("in sample", "样本内"),
    "head.p": ("p", "p"),
    "head.corrected": ("corrected", "改对"),
    "head.corrupted": ("corrupted", "改错"),
    "head.view": ("view", "视图"),
    "head.moves": ("moves", "改变"),
    "head.images": ("for images with", "适用图像"),
    "head.reached": ("reached", "达到"),
    "head.weight": ("weight", "权重"),
    "head.folds": ("folds", "折数"),
    "head.source": ("source", "来源"),
    "head.reason": ("why considered, or why refused", "采用或拒绝的原因"),
    "head.setting": ("shift", "移动量"),
    "run": (
        "{n} images · {design} · objective: {objective}",
        "{n}张图像 · {design} · 目标：{objective}",
    ),
    "design.cross-fitted": (
        "judged out of fold, {folds} folds",
        "{folds}折交叉，折外评判",
    ),
    "design.three splits": (
        "{judged} of them judge, the others are fitted on",
        "其中{judged}张用于评判，其余用于拟合",
    ),
    "title.values": (
        "On images that took no part in the fit; accuracy, balanced accuracy and recall in %. "
        "Passes and milliseconds are per image.",
        "均在未参与拟合的图像上；准确率、平衡准确率与召回率以%计。计算次数与毫秒按每张图像计。",
    ),
    "title.changes": (
        "Change against the original [{confidence} % interval, paired], in points, NLL in nats; "
        "in sample: what {metric} seems to gain on the images that were fitted on.",
        "相对原图的变化[{confidence}%置信区间，配对]，以百分点计，NLL以nat计；"
        "样本内：{metric}在参与拟合的图像上看似的变化。",
    ),
    "title.candidates": (
        "The views that were considered. A weight is a share of the policy.",
        "考虑过的视图。权重为其在策略中的份额。",
    ),
    "title.front": (
        "What more recall of {name} costs in accuracy, in %.",
        "提高{name}的召回率在准确率上的代价，以%计。",
    ),
    "note.classes": (
        "recall of {shown} of {n} classes, the weakest; each class: --all",
        "仅列出{n}个类别中较弱的{shown}个的召回率；全部类别：--all",
    ),
    "note.rows": ("{n} more rows: --all", "另有{n}行：--all"),
    "note.checks": (
        "{n} more findings, moved in the same images: --all",
        "另有{n}个发现的同图移动结果：--all",
    ),
    "note.grey": (
        "grey: the interval of the change of {metric} holds 0",
        "灰色：{metric}变化的区间包含0",
    ),
    "all images": ("all", "全部"),
    "policy.file": ("{sentence} {path}", "{sentence} {path}"),
}

#: Reasons that come as English sentences, and what they are in Chinese.
REASON_PATTERNS = (
    (r"(\w+): for all images", r"\1：用于所有图像"),
    (r"(.+) is worse where (\S+) is low", r"\1在\2较低时较差"),
    (r"(.+) is worse where (\S+) is high", r"\1在\2较高时较差"),
    (r"moves (\S+) by ([\d.]+) SD", r"使\1移动\2个标准差"),
    (r"no gain(?: proven)? out of fold", "折外未证实有收益"),
    (r"(?:its )?(?:weight|share) (?:is )?(?:below|under) ([\d.]+)", r"权重低于\1"),
    (
        r".*\bneither (?:used in|in) (?:the )?training nor declared.*",
        "训练中未使用，也未声明",
    ),
)


def remedy_text(key: str, lang: str) -> str:
    """One text with ``{fields}`` for :meth:`str.format`.

    Parameters
    ----------
    key : str
        A key of :data:`REMEDY_TEXTS`.
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
    >>> remedy_text("moved.up", "en"), remedy_text("moved.up", "zh")
    ('raised', '提高')
    """
    return in_language(REMEDY_TEXTS[key], lang)


def reason_text(reason: str, lang: str) -> str:
    """Why a view was considered or refused, in a language.

    Parameters
    ----------
    reason : str
        As the tables hold it: an English clause.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        The reason itself in English, and where no translation is known.

    Examples
    --------
    >>> reason_text("moves entropy by 1.4 SD", "zh")
    '使entropy移动1.4个标准差'
    """
    if lang == "en":
        return reason
    for pattern, words in REASON_PATTERNS:
        found = re.fullmatch(pattern, reason)
        if found is not None:
            return found.expand(words)
    return reason
