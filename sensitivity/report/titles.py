"""Every text of the page layout, in both locales: one literal table."""

from __future__ import annotations

#: The page's locales, in the order of the pairs below.
LOCALES = ("en-us", "zh-cn")

#: Decimals of the page's numbers, as the service prints them.
DIGITS = 4

#: The service's own titles for the image features that it has too.
FEATURE_TITLES = {
    "sharpness": ("Image clarity", "图像清晰度"),
    "brightness": ("Image brightness", "图像亮度"),
    "saturation": ("Image saturation", "图像饱和度"),
    "colorfulness": ("Image colorfulness", "图像色彩丰富度"),
    "resolution": ("Image resolution", "图像分辨率"),
    "aspect_ratio": ("Image aspect ratio", "图像高宽比"),
}

TEXTS = {
    # The whole set
    "overall.title": ("Overall evaluation", "总体评估"),
    "overall.description": (
        "The whole data set, with {confidence} intervals.",
        "整个数据集上的指标及其{confidence}置信区间。",
    ),
    "overall.images": ("Images", "图像数"),
    "overall.measured": ("Images measured", "成功提取特征的图像数"),
    "overall.failed": ("Images that could not be measured", "无法提取特征的图像数"),
    "overall.classes": ("Classes", "类别数"),
    "overall.table": ("Metrics of the whole set", "整体指标"),
    "custom.description": ("Supplied by the caller.", "由调用者提供的自定义指标。"),
    # Precision performance
    "class_distribution.title": ("Class distribution", "类别分布"),
    "class_distribution.description": (
        "Number of images of each true class.",
        "各真实类别的图像数量。",
    ),
    "accuracy.title": ("Accuracy", "准确率"),
    "accuracy.description": (
        "Share of images whose predicted class is the true one.",
        "预测类别与真实类别一致的图像所占比例。",
    ),
    "precision_recall_f1.title": ("Precision, recall and F1", "精确率、召回率与F1值"),
    "precision_recall_f1.description": (
        "Per class, over the whole data set. Empty where a class was never predicted (precision) "
        "or has no images (recall).",
        "整个数据集上各类别的指标。某类别从未被预测时精确率为空，没有图像时召回率为空。",
    ),
    "roc_curve.title": ("ROC curve", "ROC曲线"),
    "roc_curve.description": (
        "Each class against the rest; the values are the areas under the curves (AUC).",
        "每个类别相对于其余类别的ROC曲线；数值为曲线下面积（AUC）。",
    ),
    "roc_curve.none": (
        "Not drawn: the predictions are class labels without scores.",
        "未绘制：预测结果只有类别标签，没有得分。",
    ),
    "roc_curve.merged": (
        "Not drawn: merged from results that do not keep the scores of all classes.",
        "未绘制：由多个结果合并而成，其中未保存所有类别的得分。",
    ),
    "roc_curve.one_sided": (
        "Not drawn: no class has both images that belong to it and images that do not.",
        "未绘制：没有任何类别同时包含属于和不属于该类别的图像。",
    ),
    "roc_curve.many": (
        "Left out: {n} classes are more than the {most} that are drawn.",
        "已省略：类别数为{n}，超过可绘制的上限{most}。",
    ),
    "roc_curve.x": ("False-positive rate", "假正例率"),
    "roc_curve.y": ("True-positive rate", "真正例率"),
    "confusion_matrix.title": ("Confusion matrix", "混淆矩阵"),
    "confusion_matrix.description": (
        "Number of images; columns are true classes, rows are predicted classes.",
        "图像数量；列为真实类别，行为预测类别。",
    ),
    "confusion_matrix.many": (
        "Left out here: {n} classes are more than the {most} that a table shows. All counts are "
        "in this file under sensitivity → tables → confusion.",
        "此处已省略：类别数为{n}，超过表格可显示的上限{most}。"
        "全部计数见本文件的 sensitivity → tables → confusion。",
    ),
    "confusion_matrix.corner": ("predicted \\ true", "预测 \\ 真实"),
    # Feature sensitivity
    "sensitivity.title": ("{feature} sensitivity", "{feature}敏感度分析"),
    "sensitivity.cut_by_shares": (
        "F1 of each class in ranges of the feature that hold about equal numbers of images, and "
        "the population standard deviation over the ranges. 0 where no image of a class "
        "was called right, and where it has none.",
        "按特征值将图像大致等量地划分为若干区间，列出各类别在每个区间内的F1值，"
        "以及各区间F1值的总体标准差。某类别在区间内没有判对的图像或没有图像时记为0。",
    ),
    "sensitivity.cut_by_edges": (
        "F1 of each class in ranges of the feature, and the population standard deviation over "
        "the ranges. 0 where no image of a class was called right, and where it has none.",
        "列出各类别在特征值各区间内的F1值，以及各区间F1值的总体标准差。"
        "某类别在区间内没有判对的图像或没有图像时记为0。",
    ),
    "sensitivity.cut_by_values": (
        "F1 of each class for each value, and the population standard deviation over the "
        "values. 0 where no image of a class was called right, and where it has none.",
        "列出各类别在每个取值下的F1值，以及各取值F1值的总体标准差。"
        "某类别在该取值下没有判对的图像或没有图像时记为0。",
    ),
    "sensitivity.missing": (
        " Images without a value, not part of it: {n}.",
        "另有{n}张图像没有特征值，未计入。",
    ),
    "sensitivity.table": ("F1 per range", "各区间F1值"),
    "sensitivity.corner": ("Feature value distribution", "特征值分布"),
    "sensitivity.std": ("standard deviation", "标准差"),
    "sensitivity.accuracy": ("Accuracy per range", "各区间准确率"),
    "sensitivity.accuracy_of_values": ("Accuracy per value", "各取值准确率"),
    "sensitivity.share": ("Share of images up to the range (%)", "累计图像占比（%）"),
    "sensitivity.order": ("Range, from low to high", "区间序号（由低到高）"),
    "sensitivity.histogram": ("Feature distribution", "特征分布"),
    "sensitivity.images": ("Images", "图像数"),
    # Metrics
    "value": ("value", "值"),
    "low": ("lower bound", "下界"),
    "high": ("upper bound", "上界"),
    "class": ("class", "类别"),
    "metric": ("metric", "指标"),
    "accuracy": ("Accuracy", "准确率"),
    "balanced_accuracy": ("Balanced accuracy", "平衡准确率"),
    "macro_f1": ("Macro F1", "宏平均F1值"),
    "precision": ("Precision", "精确率"),
    "recall": ("Recall", "召回率"),
    "f1": ("F1", "F1值"),
    "n": ("Images", "图像数"),
}


def text(key: str, locale: str) -> str:
    """One text; some hold ``{names}`` for :meth:`str.format`.

    Parameters
    ----------
    key : str
        A key of :data:`TEXTS`; any other is its own text.
    locale : {"en-us", "zh-cn"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> text("accuracy", "zh-cn"), text("kappa", "zh-cn")
    ('准确率', 'kappa')
    """
    pair = TEXTS.get(key)
    return pair[LOCALES.index(locale)] if pair else key


def feature_title(name: str, source: str, own: tuple[str, str], locale: str) -> str:
    """A feature's title on the page: the service's own where it has one.

    Parameters
    ----------
    name : str
        The feature's name.
    source : {"image", "column"}
        Only measured features take the service's titles.
    own : tuple of two str
        The feature's own titles, English and Chinese; empty: its name.
    locale : {"en-us", "zh-cn"}
        Language.

    Returns
    -------
    str

    Examples
    --------
    >>> feature_title("sharpness", "image", ("Sharpness", "锐度"), "zh-cn")
    '图像清晰度'
    >>> feature_title("sharpness", "column", ("", ""), "zh-cn")
    'sharpness'
    """
    pair = FEATURE_TITLES.get(name, own) if source == "image" else own
    return pair[LOCALES.index(locale)] or name
