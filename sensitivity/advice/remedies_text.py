"""What is advised, in English and Chinese, side by side: one literal table.

As in :mod:`sensitivity.advice.templates`, the fields hold finished texts, numbers included: the two
languages of a key have the same fields, and so carry the same numbers. What each rule is called
and says when it passes is in :mod:`sensitivity.advice.rule_texts`.
"""

from __future__ import annotations

from collections.abc import Iterable

from .rule_texts import RULE_TEXTS
from .templates import in_language, template

TEXTS = {
    # Who and with what
    "who.all": ("all classes", "所有类别"),
    "for.all": ("all classes", "对所有类别"),
    "for.only": ("{name} only", "仅对{name}"),
    "op": ("{title} ({op}, {unit} {doses})", "{title}（{op}，{unit} {doses}）"),
    "or": (" or ", "或"),
    "list": (", ", "、"),
    "also": (" The same holds for {names}.", "{names}同样如此。"),
    "mostly": (
        " Where {where}, these misses are mostly called {name}: {n} of {missed}.",
        "{where} 的图像中，这些漏判多被误判为{name}：{missed}张中有{n}张。",
    ),
    "row": ("{feature} · {name}", "{feature}·{name}"),
    # (a) At test time
    "view": (
        "At test time, try {ops} on images with {where}.",
        "测试时可对满足 {where} 的图像尝试{ops}。",
    ),
    "view.open": (
        " Not proven: `sensitivity tta` tries it and judges it.",
        "尚未验证：请运行 `sensitivity tta` 进行试验和评判。",
    ),
    "view.use": (
        "At test time, use the policy that the trial fitted ({views}).",
        "测试时使用试验得到的策略（{views}）。",
    ),
    "view.no": (
        "No test-time view: it was tried, and the trial says: do not use.",
        "不使用测试时增强：已做试验，结论为不使用。",
    ),
    "view.few": (
        " Tried, but the images are too few to judge it{needed}.",
        "已做试验，但图像太少，无法判断{needed}。",
    ),
    "needed": (": it takes about {n}", "：约需{n}张"),
    "view.none": (
        "No operation moves {feature} by itself, so there is no test-time view to try.",
        "没有操作能单独改变{feature}，因此没有可尝试的测试时增强。",
    ),
    "contradicted": (
        "No view and no augmentation by {feature}: moving it in the same images did not do what "
        "the ranges show. Look for what goes along with it.",
        "不要按{feature}做测试时增强或训练增强：改变同一批图像的{feature}没有得到分组所示的变化。"
        "请查找与它同时变化的因素。",
    ),
    # (b) Training and data
    "augment": (
        "In training, augment {who} with {ops}: the model then sees more images with {where}.",
        "训练时{who}加入{ops}增强：使模型见到更多满足 {where} 的图像。",
    ),
    "published": (
        " Published check (ModelArts documentation, solar cells): augmenting only the minority "
        "class that lost raised accuracy from 86.06 to 89.13 % and recall of defects from 62.9 to "
        "71.3 %; augmenting all classes gave nothing. That is one data set: check it on yours.",
        "公开的验证（ModelArts文档，太阳能电池片）：只对受影响的少数类做增强，准确率由86.06升至"
        "89.13%，缺陷召回率由62.9升至71.3%；对所有类别做增强没有收益。这只是一个数据集："
        "请在自己的数据上验证。",
    ),
    "collect": (
        "Collect images of {who} with {where}: about {more} more for the test set, which has {n} "
        "there; with {needed} it would show 4 times in 5 whether half of this gap ({gap} points) "
        "has gone{groups}. Put others like them into training; how many, a test set cannot tell.",
        "收集满足 {where} 的{who}图像：测试集约需增加{more}张，目前有{n}张；达到{needed}张时，"
        "5次中有4次能看出这一差距（{gap}个百分点）是否已减半{groups}。同类的其他图像请加入训练集；"
        "训练需要多少，测试集无法回答。",
    ),
    "collect.enough": (
        "Collect images of {who} with {where} for training; how many, a test set cannot tell. For "
        "testing, the {n} that are there do: about {needed} show 4 times in 5 whether half of this "
        "gap ({gap} points) has gone{groups}.",
        "收集满足 {where} 的{who}图像用于训练；训练需要多少，测试集无法回答。测试用现有{n}张即可："
        "约{needed}张时，5次中有4次能看出这一差距（{gap}个百分点）是否已减半{groups}。",
    ),
    "groups": (
        ", images counted as if independent: take them from other groups",
        "（按图像相互独立计算：请取自其他组）",
    ),
    "negatives": (
        "Collect images of other classes with {where} that are called {name}: {n} are there, and "
        "{value} % of them are called so, {best} % in the best range. Put such ones into training.",
        "收集满足 {where} 且被误判为{name}的其他类别图像：现有{n}张，其中{value}%被误判，"
        "最好的区间为{best}%。请将此类图像加入训练集。",
    ),
    "rebalance": (
        "If the training set is as unequal, weight the loss or the sampling by class, or collect "
        "about {more} images of {names} for each {total} images: what the others have (median).",
        "如果训练集同样不均衡，请按类别加权损失或采样，或每{total}张图像补充约{more}张{names}图像："
        "达到其他类别数量的中位数。",
    ),
    "collect.class": (
        "Collect test images of {names} until each class has about {least}: 10 in each of {bins} "
        "ranges. That is {more} more in all.",
        "为{names}收集测试图像，使每个类别约有{least}张：{bins}个区间各10张。总计还需{more}张。",
    ),
    # (c) The decision
    "shift.lower": (
        "Lower the threshold of {name} for images with {where}{numbers}. That takes no extra pass, "
        "but was not tried: whether the scores tell these images apart shows on images that you do "
        "not test on; choose the shift there. Or rebalance the classes in training.",
        "对满足 {where} 的图像降低{name}的阈值{numbers}。无需额外推理，但尚未试验：分数能否区分这些"
        "图像，须在测试以外的图像上检验并选定阈值；或在训练中重新平衡类别。",
    ),
    "shift.numbers": (
        ": it is called for {called} % of them, and {share} % of them are {name}",
        "：其中{called}%被判为{name}，而实际有{share}%",
    ),
    "shift.raise": (
        "Or raise the threshold of {name} for images with {where}, at the cost of some of its "
        "recall; choose the shift on images that you do not test on.",
        "或对满足 {where} 的图像提高{name}的阈值，代价是损失部分召回率；请在测试以外的图像上选定。",
    ),
    "temperature.sure": (
        "Divide the logits by one temperature above 1, fitted on images that you do not test on "
        "(temperature scaling). It changes no predicted class.",
        "将logits除以一个大于1的温度（温度缩放），在测试以外的图像上拟合。它不改变任何预测类别。",
    ),
    "temperature.unsure": (
        "Divide the logits by one temperature below 1, fitted on images that you do not test on "
        "(temperature scaling). It changes no predicted class.",
        "将logits除以一个小于1的温度（温度缩放），在测试以外的图像上拟合。它不改变任何预测类别。",
    ),
    "route": (
        "Do not rely on a limit of confidence for images with {where}: send them to a person, or "
        "ask for more confidence there. One temperature for all images does not mend it.",
        "对满足 {where} 的图像不要依赖置信度阈值：请交由人工处理，或在该处要求更高的置信度。"
        "所有图像共用一个温度无法改善。",
    ),
    # To look at first
    "check.companions": (
        "Before anything costly, find out which it is: {feature} travels with {others}.",
        "在投入成本之前先弄清是哪一个：{feature}与{others}同步变化。",
    ),
    "check.column": (
        "Look at what changes along with {feature} (device, place, labelling) for images with "
        "{where}: a column of yours is seldom the cause itself.",
        "对满足 {where} 的图像，查看什么随{feature}一起变化（设备、地点、标注）："
        "自有字段很少本身就是原因。",
    ),
    "check.category": (
        "Look at this source first, images with {where}: device, preparation, labels.",
        "先检查这一来源，即满足 {where} 的图像：设备、预处理、标注。",
    ),
    "check.margin": (
        "Nothing to mend now. Look at {feature} again with the next model: `sensitivity compare`.",
        "目前无需修正。请在下一个模型上再次查看{feature}：`sensitivity compare`。",
    ),
    "check.groups": (
        "Say with groups= (on the command line --groups) which images belong together: video, "
        "patient, module. Then analyse again; hints may become findings, or vanish.",
        "用 groups=（命令行为 --groups）指明哪些图像属于一组：视频、患者、组件。"
        "然后重新分析；迹象可能成为结论，也可能消失。",
    ),
    "check.failures": (
        "See the table failures for names and reasons. Images that fail in use as well need an "
        "answer there, too: their predictions count here, but they lie in no range.",
        "名称和原因见 failures 表。如果使用中也有此类图像，同样需要处理：它们的预测计入总数，"
        "但不属于任何区间。",
    ),
    # What was found
    "slice.part": ("{feature} {place}", "{feature}{place}"),
    "slice": (
        "{metric} is {value} % ({low} to {high}) where {first} and {second}; the same classes have "
        "{expected} % in the whole half that took no part in the search (p {p}; {n} images).",
        "{first}且{second}时，{metric}为{value}%（{low}至{high}）；在未参与搜索的另一半数据中，"
        "相同类别总体为{expected}%（p {p}；{n}张图像）。",
    ),
    "slice.recall": ("Recall of {name}", "{name}的召回率"),
    "slice.all": ("Accuracy", "准确率"),
    "margins": (
        " It is so along {n} features in all.",
        "共有{n}个特征如此。",
    ),
    "neighbours": (
        "Errors of neighbouring names are alike: {ratio} times as uneven as independent ones. No "
        "verdict goes beyond candidate, however small its q.",
        "文件名相邻的图像错误相近：不均匀程度为独立错误时的{ratio}倍。"
        "无论q多小，结论最高只列为迹象。",
    ),
    "failures": (
        "{n} of {total} images ({share} %) could not be measured: {listed}.",
        "{total}张图像中有{n}张（{share}%）无法测量：{listed}。",
    ),
    "few": (
        "{k} of {classes} classes have fewer than {least} images, too few for {bins} ranges: "
        "{listed}.",
        "{classes}个类别中有{k}个不足{least}张图像，不够分成{bins}个区间：{listed}。",
    ),
    "rare": (
        "{listed}: recall {value} % against {other} % of all other images (p {p}), with {n} of "
        "{total} images.",
        "{listed}：召回率为{value}%，其余图像为{other}%（p {p}），图像数为{total}张中的{n}张。",
    ),
    "counted": ("{name} ({n})", "{name}（{n}）"),
    "sure": (
        "Mean confidence is {gap} points above accuracy ({low} to {high}; {n} images): the model "
        "is too sure.",
        "平均置信度比准确率高{gap}个百分点（{low}至{high}；{n}张图像）：模型过于自信。",
    ),
    "unsure": (
        "Mean confidence is {gap} points below accuracy ({low} to {high}; {n} images): the model "
        "is surer in fact than it says.",
        "平均置信度比准确率低{gap}个百分点（{low}至{high}；{n}张图像）：模型实际上比自述更可靠。",
    ),
    "unaware": (
        "For images with {where}, mean confidence is {gap} points above accuracy ({low} to {high}; "
        "{n} images); over all images it is {whole}.",
        "对满足 {where} 的图像，平均置信度比准确率高{gap}个百分点（{low}至{high}；{n}张图像）；"
        "全部图像为{whole}个百分点。",
    ),
    "trial.use": (
        "The trial of test-time augmentation says: use{change}.",
        "测试时增强的试验结论：使用{change}。",
    ),
    "trial.change": (
        "; accuracy {change} points out of fold ({low} to {high}), {passes} passes per image",
        "；折外准确率变化{change}个百分点（{low}至{high}），每张图像推理{passes}次",
    ),
    "trial.no": (
        "Test-time augmentation was tried: do not use it{shift}.",
        "已试验测试时增强：不使用{shift}。",
    ),
    "trial.few": (
        "Test-time augmentation was tried on {n} images: not enough data{needed}.",
        "已在{n}张图像上试验测试时增强：数据不足{needed}。",
    ),
    "trial.shift": (
        "; a shift of the threshold does as much for no extra pass",
        "；调整阈值即可达到同样效果，且无需额外推理",
    ),
    # Why a rule says nothing
    "hint": (
        "A hint, not a finding: {rows} (q {q}). More images would settle it.",
        "仅为迹象，尚不是结论：{rows}（q {q}）。需要更多图像才能判断。",
    ),
    "hint.capped": (
        "A hint, not a finding: {rows} (q {q}). Errors of neighbouring names are alike: say with "
        "groups= which images belong together.",
        "仅为迹象，尚不是结论：{rows}（q {q}）。文件名相邻的图像错误相近："
        "请用 groups= 指明哪些图像属于一组。",
    ),
    "hint.slices": (
        "Hints, not findings: {n} slices are weak, but errors of neighbouring names are alike and "
        "no groups are given.",
        "仅为迹象，尚不是结论：{n}个切片较弱，但文件名相邻的图像错误相近，且未给出分组。",
    ),
    "explained": (
        "Nothing is advised on {rows}: {other} accounts for it. Look at {other} first.",
        "不对{rows}提出建议：可由{other}解释。请先查看{other}。",
    ),
    "sight": (
        " With these images a change of recall of about {seen} points would have been seen.",
        "现有图像能可靠发现约{seen}个百分点的召回率变化。",
    ),
    "untested": (
        "Not tested: too few errors, or too few different values.",
        "未检验：错误太少，或不同取值太少。",
    ),
    "na.image": ("No image feature was analysed.", "未分析任何图像特征。"),
    "na.column": ("There is no column of numbers.", "没有数值字段。"),
    "na.category": ("There is no column of categories.", "没有类别字段。"),
    "na.features": ("No feature was analysed.", "未分析任何特征。"),
    "na.scores": (
        "It takes scores, and one label per image.",
        "需要得分，且每张图像只有一个标签。",
    ),
    "na.single": ("It takes one label per image.", "每张图像须只有一个标签。"),
    "na.slices": (
        "Slices take two features, and one label per image.",
        "切片需要两个特征，且每张图像只有一个标签。",
    ),
    "na.groups": ("Groups are given.", "已给出分组。"),
    "na.images": ("No image was opened.", "未打开任何图像。"),
    "na.trial": (
        "Nothing has been tried: `sensitivity tta` does.",
        "尚未试验：请运行 `sensitivity tta`。",
    ),
    "na.detection": (
        "For detection; this is classification.",
        "适用于目标检测；本次为图像分类。",
    ),
}


def words(key: str, lang: str) -> str:
    """One text of :data:`TEXTS` or of :data:`sensitivity.advice.rule_texts.RULE_TEXTS`.

    Parameters
    ----------
    key : str
        A key of either.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        With ``{fields}`` for :meth:`str.format`.

    Raises
    ------
    OptionError
        Another language.

    Examples
    --------
    >>> words("for.only", "en"), words("for.only", "zh")
    ('{name} only', '仅对{name}')
    """
    return in_language(TEXTS.get(key) or RULE_TEXTS[key], lang)


def class_text(name: str, lang: str) -> str:
    """A class as it stands in a sentence.

    Parameters
    ----------
    name : str
        A class, or ``"all"``.
    lang : {"en", "zh"}
        Language.

    Returns
    -------
    str
        One that is called by a number alone is said to be a class.

    Examples
    --------
    >>> class_text("1", "en"), class_text("defect", "en"), class_text("all", "zh")
    ('class 1', 'defect', '所有类别')
    """
    if name == "all":
        return words("who.all", lang)
    return template("class", lang).format(name=name) if name.isdigit() else name


def listed(names: Iterable[str], lang: str, *, most: int = 5) -> str:
    """Some names in a row, an ellipsis for the rest.

    Parameters
    ----------
    names : iterable of str
        Finished texts.
    lang : {"en", "zh"}
        Language.
    most : int, default 5
        So many are named.

    Returns
    -------
    str

    Examples
    --------
    >>> listed("abcdef", "en", most=3)
    'a, b, c …'
    """
    found = list(names)
    return words("list", lang).join(found[:most]) + (" …" if len(found) > most else "")
