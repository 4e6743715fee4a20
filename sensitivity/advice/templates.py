"""Every sentence in English and Chinese, side by side: one literal table.

The fields hold finished texts, numbers included: the two languages of a key have the same
fields, and so carry the same numbers.
"""

from __future__ import annotations

from ..errors import OptionError

#: In the order of the pairs below.
LANGUAGES = ("en", "zh")

TEMPLATES = {
    # What a sentence is about
    "recall": ("recall of {name}", "{name}的召回率"),
    "f1_star": ("F1 of {name} at an equal class mix", "{name}在同等类别构成下的F1值"),
    "false_calls": (
        "the share of other images that are called {name}",
        "其他图像被误判为{name}的比例",
    ),
    "accuracy_star": ("accuracy at an equal class mix", "同等类别构成下的准确率"),
    "all": ("all classes together", "全部类别合计"),
    "class": ("class {name}", "类别{name}"),
    "list": (", ", "、"),
    "detail": ("; ", "；"),
    # What changes are told in: of a class, and of all classes together
    "of.class": ("recall", "召回率"),
    "of.all": ("accuracy", "准确率"),
    # Where a bin lies
    "place.lowest": ("in the lowest {part}{span}", "最低的{part}{span}"),
    "place.highest": ("in the highest {part}{span}", "最高的{part}{span}"),
    "place.middle": ("in the range {low}–{high} %{span}", "{low}%–{high}%区间{span}"),
    "place.category": ("for {label}", "{label}"),
    "place.value": ("at {label}", "取值{label}"),
    "place.range": ("where it is {label}", "{label}"),
    "span": (" ({span})", "（{span}）"),
    "part": ("{share} %", "{share}%"),
    "part.2": ("half", "一半"),
    "part.3": ("third", "三分之一"),
    "part.4": ("quarter", "四分之一"),
    "part.5": ("fifth", "五分之一"),
    "part.10": ("tenth", "十分之一"),
    # What it does
    "way.rises": ("{subject} rises as {feature} rises", "{subject}随{feature}升高而上升"),
    "way.falls": ("{subject} falls as {feature} rises", "{subject}随{feature}升高而下降"),
    "way.middle best": (
        "{subject} is best where {feature} is in the middle and worse at both ends",
        "{subject}在{feature}居中时最好，两端较差",
    ),
    "way.middle worst": (
        "{subject} is worst where {feature} is in the middle and better at both ends",
        "{subject}在{feature}居中时最差，两端较好",
    ),
    "way.varies": ("{subject} varies with {feature}", "{subject}随{feature}变化"),
    "way.categories": ("{subject} differs by {feature}", "{subject}因{feature}而异"),
    # How much
    "levels": ("{first} % {here}, {second} % {there}", "{here}为{first}%，{there}为{second}%"),
    "change": (
        "{metric} {change} points from the 10th to the 90th percentile, "
        "{confidence} % interval {low} to {high}",
        "从第10到第90百分位{metric}变化{change}个百分点，{confidence}%置信区间{low}至{high}",
    ),
    "calls": (
        "{most} % {here} against {rest} % in all the rest",
        "{here}为{most}%，其余合计为{rest}%",
    ),
    "calls.of": (
        "of the other images, {calls} are called {name}",
        "其他图像被误判为{name}的比例：{calls}",
    ),
    "calls.count": (
        "{false} of {others} other images in all",
        "其他图像共{others}张，误判{false}张",
    ),
    "calls.own": ("the class itself has {count}", "该类别本身有{count}"),
    "image": ("{n} image", "{n}张图像"),
    "images": ("{n} images", "{n}张图像"),
    "groups": ("{images}, {k} groups in all", "{images}、全部数据共{k}组"),
    "blocks": (
        "{images}, {k} runs of neighbouring names in all",
        "{images}、全部数据按相邻文件名分为{k}段",
    ),
    "effect": ("{way}: {levels}; {details}.", "{way}：{levels}；{details}。"),
    "effect.bare": ("{way}: {details}.", "{way}：{details}。"),
    # Real: how sure, and what else it could be
    "real": (
        "{effect} Not chance (q {q}){reason}{advice}.",
        "{effect}并非偶然（q {q}）{reason}{advice}。",
    ),
    "reason.confirmed": (
        ", and changing {feature} in the same images does the same",
        "，且改变同一批图像的{feature}得到一致的结果",
    ),
    "reason.explained": (
        ", but {other} accounts for it: compare {other} first",
        "，但可由{other}解释：请先比较{other}",
    ),
    "reason.travels": (
        "; {feature} travels with {others}, so any of these may be behind it",
        "；{feature}与{others}同步变化，其中任何一个都可能是原因",
    ),
    "reason.unchecked": (
        "; whether {feature} itself is the reason has not been checked",
        "；是否由{feature}本身造成，尚未验证",
    ),
    "reason.reproduced": (
        ", and {way} {feature} in the same images does the same ({metric} {change} points, "
        "{confidence} % interval {low} to {high}; {expected} was to be expected)",
        "，且{way}同一批图像的{feature}得到一致的结果（{metric}变化{change}个百分点，"
        "{confidence}%置信区间{low}至{high}；预期为{expected}）",
    ),
    "reason.contradicted": (
        ", but {way} {feature} in the same images does not do the same ({metric} {change} points, "
        "{confidence} % interval {low} to {high}; {expected} was to be expected)",
        "，但{way}同一批图像的{feature}并未得到同样的结果（{metric}变化{change}个百分点，"
        "{confidence}%置信区间{low}至{high}；预期为{expected}）",
    ),
    "reason.companion": (
        ": something that goes with it is the likelier reason",
        "：更可能的原因是与之同时变化的其他因素",
    ),
    "reason.instead": (
        ", and {other} accounts for it: compare {other} first",
        "，且可由{other}解释：请先比较{other}",
    ),
    "move.down": ("lowering", "降低"),
    "move.up": ("raising", "提高"),
    "advice.criterion shift": (
        "; recall and false positives move together (criterion shift): rebalance the classes or "
        "move a threshold",
        "；召回率与误报同向变化（判定标准偏移）：请重新平衡类别或调整阈值",
    ),
    "advice.information loss": (
        "; other classes lose recall too (information loss): augment or enhance the images",
        "；其他类别的召回率也下降（信息损失）：请做数据增强或图像增强",
    ),
    # Of two classes: what one is missed for, the other is called falsely for
    "mirror": (
        "{told} Seen from the other class: {way}.",
        "{told}从另一类别来看：{way}。",
    ),
    "mirrored": ("{effect} {why}", "{effect}{why}"),
    "why.mirrored": (
        "These are the same errors as in the row of {other}, seen from the other class: no finding "
        "of their own (q {q}).",
        "与{other}一行是同一批错误，只是从另一类别来看，不是另一项结论（q {q}）。",
    ),
    # Candidate: a hint, why no more than that, and what is needed
    "candidate": (
        "A hint, not a finding. {effect} {why}",
        "仅为迹象，尚不是结论。{effect}{why}",
    ),
    "why.between": (
        "q {q} lies between 0.05 and 0.10: more images would settle it.",
        "q {q}，介于0.05与0.10之间：需要更多图像才能判断。",
    ),
    "why.between.seen": (
        "q {q} lies between 0.05 and 0.10: {images} show a change of about {seen} points in "
        "{metric} reliably; {half} points need about {needed}.",
        "q {q}，介于0.05与0.10之间：{images}能可靠发现的{metric}变化约为{seen}个百分点，"
        "要发现{half}个百分点约需{needed}张。",
    ),
    "why.capped": (
        "q {q}, but errors of neighbouring names are alike, so these images tell less than they "
        "seem to: to settle it, say with groups= which belong together (video, patient, module).",
        "q {q}，但文件名相邻的图像错误相近，有效信息少于表面数量："
        "请用 groups= 指明哪些图像属于一组（视频、患者、组件）后再判断。",
    ),
    # Only the class mix
    "class mix": (
        "{way} F1 of {name} {move} from {raw_from} {here} to {raw_to} {there} {cause} "
        "({share_from}→{share_to} % of the images); at an equal mix it is {star_from} against "
        "{star_to} (q {q}; {count}). Nothing to fix in the model{hint}.",
        "{way}{name}的F1值从{here}的{raw_from}{move}{there}的{raw_to}，{cause}"
        "（占图像的{share_from}%→{share_to}%）；同等类别构成下分别为{star_from}和{star_to}"
        "（q {q}；{count}）。模型无需修正{hint}。",
    ),
    "class mix.all": (
        "{way} accuracy {move} from {raw_from} % {here} to {raw_to} % {there} because the mix of "
        "classes changes; within the classes there is no evidence of a change (q {q}; {count}). "
        "Nothing to fix in the model{hint}.",
        "{way}准确率从{here}的{raw_from}%{move}{there}的{raw_to}%，原因是类别构成改变；"
        "各类别内部没有变化的证据（q {q}；{count}）。模型无需修正{hint}。",
    ),
    "mix.numeric": ("Along {feature},", "随{feature}由低到高，"),
    "mix.categorical": ("By {feature},", "按{feature}区分，"),
    "mix.falls": ("falls", "降至"),
    "mix.rises": ("rises", "升至"),
    "mix.rarer": ("because the class becomes rarer", "原因是该类别变少"),
    "mix.commoner": ("because the class becomes more frequent", "原因是该类别变多"),
    "mix.other": ("while the share of the class moves", "同时该类别所占比例变化"),
    # No more errors, but less certainty
    "margin": (
        "No more errors yet, but the model is less sure of {name} as {feature} {move}: the odds "
        "of the right class over the runner-up fall from {odds_from} to {odds_to} "
        "(q {q}; {count}). Watch{hint}.",
        "错误尚未增多，但{feature}{move}时模型对{name}的把握下降：正确类别相对次高类别的胜算由"
        "{odds_from}降至{odds_to}（q {q}；{count}）。需持续关注{hint}。",
    ),
    "margin.rises": ("rises", "升高"),
    "margin.falls": ("falls", "降低"),
    "hint": (
        "; that errors change too is a hint, not a finding",
        "；错误也有变化的迹象，尚不是结论",
    ),
    # Nothing
    "none": (
        "No evidence that {feature} matters for {name} (q {q}). With {count}, only a change of "
        "about {seen} points in {metric} would be seen reliably; {half} points need about "
        "{needed}.",
        "没有证据表明{feature}影响{name}（q {q}）。现有{count}，只有约{seen}个百分点的{metric}变化"
        "才能被可靠发现；要发现{half}个百分点约需{needed}张。",
    ),
    "none.bare": (
        "No evidence that {feature} matters for {name} (q {q}; {count}).",
        "没有证据表明{feature}影响{name}（q {q}；{count}）。",
    ),
    "none.blind": (
        "No evidence that {feature} matters for {name} (q {q}), but {count} are too few to see "
        "any change reliably.",
        "没有证据表明{feature}影响{name}（q {q}），但{count}太少，无法可靠发现任何变化。",
    ),
    "untested.empty": (
        "Not tested: there is no image of {name} ({count}).",
        "未检验：没有{name}的图像（{count}）。",
    ),
    "untested.right": (
        "Not tested: no image of {name} was wrong ({count}).",
        "未检验：{name}的图像没有一张出错（{count}）。",
    ),
    "untested.wrong": (
        "Not tested: every image of {name} was wrong ({count}).",
        "未检验：{name}的图像全部出错（{count}）。",
    ),
    "untested.few": (
        "Not tested: too few errors of {name} or too few values of {feature} ({count}).",
        "未检验：{name}的错误太少，或{feature}的不同取值太少（{count}）。",
    ),
    # The run
    "run.pair": (
        "{n} pair of feature and class was tested",
        "共检验{n}个特征与类别的组合",
    ),
    "run.pairs": (
        "{n} pairs of feature and class were tested",
        "共检验{n}个特征与类别的组合",
    ),
    "run.found": (
        "{tested}; real (q ≤ 0.05): {real}, candidates: {candidates}{also}; first of all, {first}.",
        "{tested}；成立（q ≤ 0.05）{real}个，迹象{candidates}个{also}；首要的是，{first}。",
    ),
    "run.null": (
        "{tested}, and nothing was found in the errors beyond chance{also}{sight}.",
        "{tested}，错误方面没有发现超出偶然的结果{also}{sight}。",
    ),
    "run.hints": (
        "{tested}; none is real (q ≤ 0.05), candidates: {candidates}{also}; the first of these "
        "hints: {first}{sight}.",
        "{tested}；无一成立（q ≤ 0.05），迹象{candidates}个{also}；其中首要的是，{first}{sight}。",
    ),
    "run.first": ("{way}: {levels}", "{way}：{levels}"),
    "run.mirror": (
        ", the same errors seen from the other class: {n}",
        "，从另一类别看到的同一批错误{n}个",
    ),
    "run.margin": (", less certainty only: {n}", "，仅把握下降{n}个"),
    "run.mix": (", class mix only: {n}", "，仅类别构成变化{n}个"),
    "run.sight": (
        "; a change of about {sizes} would have been seen",
        "；能够可靠发现的变化：{sizes}",
    ),
    "run.blind": (
        "; these images are too few to see any change reliably",
        "；图像太少，无法可靠发现任何变化",
    ),
    "run.sight.all": ("{seen} points in accuracy", "准确率约{seen}个百分点"),
    "run.sight.class": (
        "{seen} points in the recall of a typical class",
        "单个类别的召回率一般约{seen}个百分点",
    ),
    "run.or": (" or ", "，"),
    "run.blocks": (
        " Errors of neighbouring names are alike ({ratio} times as uneven as independent ones), so "
        "no verdict goes beyond candidate: say with groups= which images belong together (video, "
        "patient, module).",
        "文件名相邻的图像错误相近（不均匀程度为独立错误时的{ratio}倍），因此结论最高只列为迹象："
        "请用 groups= 指明哪些图像属于一组（视频、患者、组件）。",
    ),
    "run.no feature": (
        "Nothing was tested: no feature was analysed.",
        "没有进行检验：未分析任何特征。",
    ),
    "run.no error": (
        "Nothing was tested: no prediction was wrong.",
        "没有进行检验：没有任何预测出错。",
    ),
    "run.few": (
        "Nothing was tested: too few errors or too few different values.",
        "没有进行检验：错误太少，或特征的不同取值太少。",
    ),
}


def template(key: str, lang: str) -> str:
    """One text with ``{fields}`` for :meth:`str.format`.

    Parameters
    ----------
    key : str
        A key of :data:`TEMPLATES`.
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
    >>> template("part.5", "en"), template("part.5", "zh")
    ('fifth', '五分之一')
    """
    return in_language(TEMPLATES[key], lang)


def in_language(texts: tuple[str, str], lang: str) -> str:
    """One of a text's languages.

    Parameters
    ----------
    texts : (str, str)
        In the order of :data:`LANGUAGES`.
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
    >>> in_language(("half", "一半"), "zh")
    '一半'
    """
    if lang not in LANGUAGES:
        raise OptionError("lang", f"expected one of {', '.join(LANGUAGES)}", got=repr(lang))
    return texts[LANGUAGES.index(lang)]
