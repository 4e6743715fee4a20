"""What each rule is called, what it advises, and what it says when it passes: one literal table.

``CODE.title``: what it is about. ``CODE.does``: the advice in a few words. ``CODE.clear``: what was
not found, where the rule passes; rules for other tasks never pass.
"""

from __future__ import annotations

RULE_TEXTS = {
    "S101.title": (
        "All classes lose recall along an image feature",
        "各类别召回率均随图像特征下降",
    ),
    "S101.does": (
        "a test-time view that undoes it, augmentation of all classes, images to collect",
        "测试时做反向增强，对所有类别做训练增强，补充收集图像",
    ),
    "S101.clear": (
        "No image feature costs all classes recall beyond chance.",
        "没有图像特征使各类别召回率下降到超出偶然的程度。",
    ),
    "S102.title": (
        "Only a rare class loses recall along an image feature",
        "仅少数类的召回率随图像特征下降",
    ),
    "S102.does": (
        "augment that class only; a test-time view; images to collect",
        "只对该类别做训练增强；测试时增强；补充收集图像",
    ),
    "S102.clear": (
        "No rare class loses recall alone along an image feature.",
        "没有少数类的召回率单独随图像特征下降。",
    ),
    "S103.title": (
        "A class is called more at one end than at the other (criterion shift)",
        "某类别在特征一端被判得更多（判定标准偏移）",
    ),
    "S103.does": (
        "shift the threshold of that class there, or rebalance; no extra pass",
        "在该处调整该类别的阈值，或重新平衡类别；无需额外推理",
    ),
    "S103.clear": (
        "Recall and false calls of no class move together beyond chance.",
        "没有类别的召回率与误报同向变化到超出偶然的程度。",
    ),
    "S104.title": (
        "Some classes lose recall along an image feature",
        "部分类别的召回率随图像特征下降",
    ),
    "S104.does": (
        "a test-time view, augmentation of these classes, images to collect",
        "测试时增强，对这些类别做训练增强，补充收集图像",
    ),
    "S104.clear": (
        "Beyond what other rules say, no class loses recall along an image feature.",
        "除其他规则所述外，没有类别的召回率随图像特征下降。",
    ),
    "S105.title": ("Recall varies along a column of yours", "召回率随自有数值字段变化"),
    "S105.does": (
        "find out what changes with the column; images to collect",
        "查明什么随该字段变化；补充收集图像",
    ),
    "S105.clear": (
        "No class loses recall along a column of numbers beyond chance.",
        "没有类别的召回率随数值字段下降到超出偶然的程度。",
    ),
    "S106.title": ("Recall differs between categories", "召回率因类别字段而异"),
    "S106.does": ("check that source; collect images of it", "检查该来源；补充收集其图像"),
    "S106.clear": (
        "No class loses recall in a category beyond chance.",
        "没有类别的召回率在某个取值下降到超出偶然的程度。",
    ),
    "S107.title": ("A class is called wrongly more often at one end", "某类别在特征一端误报更多"),
    "S107.does": (
        "images of other classes to collect, a higher threshold there",
        "补充收集其他类别的图像，在该处提高阈值",
    ),
    "S107.clear": (
        "False calls of no class vary beyond chance without a loss of recall.",
        "在召回率没有下降的情况下，没有类别的误报变化超出偶然。",
    ),
    "S108.title": ("Two features together make a class weak", "两个特征共同使某类别变弱"),
    "S108.does": ("collect images of that combination", "补充收集该组合的图像"),
    "S108.clear": (
        "No slice of two features is weak on the half that took no part in the search.",
        "在未参与搜索的另一半数据上，没有两特征切片表现较弱。",
    ),
    "S109.title": ("The model grows less sure, without more errors", "模型把握下降，但错误未增多"),
    "S109.does": ("nothing now; watch it", "目前无需处理；持续关注"),
    "S109.clear": (
        "Nowhere does the model grow clearly less sure without more errors.",
        "没有特征使模型在错误未增多时把握明显下降。",
    ),
    "S110.title": ("F1 moves only with the class mix", "F1值仅随类别构成变化"),
    "S110.does": ("nothing to fix in the model: it always passes", "模型无需修正：此规则总是通过"),
    "S110.clear": (
        "No F1 or accuracy was found to move with the class mix alone.",
        "没有发现F1值或准确率仅随类别构成变化。",
    ),
    "D201.title": (
        "Neighbouring images err alike, and no groups are given",
        "相邻图像错误相近且未给出分组",
    ),
    "D201.does": ("give the groups and analyse again", "给出分组后重新分析"),
    "D201.clear": (
        "Errors of neighbouring names are no more alike than others.",
        "文件名相邻的图像错误并不比其他图像更相近。",
    ),
    "D202.title": ("Images could not be measured", "部分图像无法测量"),
    "D202.does": ("look at the table failures", "查看 failures 表"),
    "D202.clear": (
        "{n} of {total} images could not be measured.",
        "{total}张图像中有{n}张无法测量。",
    ),
    "D203.title": ("A class has too few images to be judged", "某类别图像太少，无法判断"),
    "D203.does": ("collect test images of it", "补充收集其测试图像"),
    "D203.clear": (
        "Every class has images enough for 10 in each range.",
        "每个类别的图像都足够在每个区间放10张。",
    ),
    "D204.title": ("A rare class is recognised less than the rest", "少数类的召回率低于其余类别"),
    "D204.does": ("weight or sample by class, or collect", "按类别加权或采样，或补充收集"),
    "D204.clear": (
        "No rare class has a lower recall than the rest beyond chance.",
        "没有少数类的召回率低于其余类别到超出偶然的程度。",
    ),
    "C301.title": ("Confidence is not accuracy", "置信度与准确率不符"),
    "C301.does": ("temperature scaling", "温度缩放"),
    "C301.clear": (
        "Mean confidence and accuracy differ by less than 2 points, or not beyond chance.",
        "平均置信度与准确率相差不足2个百分点，或未超出偶然。",
    ),
    "C302.title": ("The model does not know where it is weak", "模型不知道自己在何处较弱"),
    "C302.does": (
        "do not rely on confidence there: send these images to a person",
        "在该处不要依赖置信度：将这些图像交由人工处理",
    ),
    "C302.clear": (
        "Where the model is weak it is not clearly surer than it may be, or it is weak nowhere.",
        "在模型较弱之处，置信度没有明显偏高，或没有较弱之处。",
    ),
    "T401.title": ("Test-time augmentation was tried", "已试验测试时增强"),
    "T401.does": ("use it, leave it, or bring more images", "使用、不使用，或补充图像"),
    "T401.clear": ("Nothing to do.", "无需处理。"),
    "B501.title": ("Recall varies with the overlap of boxes", "召回率随目标框重叠程度变化"),
    "B501.does": ("soft-NMS", "soft-NMS"),
    "B502.title": ("Recall varies with the clarity of boxes", "召回率随目标框清晰度变化"),
    "B502.does": ("DropBlock, augmentation of the feature", "DropBlock，对该特征做数据增强"),
    "B503.title": ("Recall varies with the brightness of boxes", "召回率随目标框亮度变化"),
    "B503.does": ("DropBlock, augmentation of the feature", "DropBlock，对该特征做数据增强"),
    "B504.title": ("Recall varies with the area of boxes", "召回率随目标框面积变化"),
    "B504.does": ("balanced L1 loss", "balanced L1 loss"),
    "B505.title": ("Recall varies with the margin of boxes", "召回率随目标框边缘化程度变化"),
    "B505.does": ("label smoothing, weight of the box loss", "标签平滑，调整框损失权重"),
    "B506.title": ("Recall varies with the aspect ratio of boxes", "召回率随目标框高宽比变化"),
    "B506.does": ("repeat FPN blocks", "重复FPN模块"),
    "B507.title": ("False detections are of the wrong class", "误检多为类别错误"),
    "B507.does": ("multi-scale training", "多尺度训练"),
    "B508.title": ("False detections are at the wrong place", "误检多为位置错误"),
    "B508.does": ("GIoU or DIoU loss", "GIoU或DIoU损失"),
    "B509.title": ("False detections are background", "误检多为背景"),
    "B509.does": ("balanced loss", "平衡损失"),
    "B510.title": ("Another NMS IoU or score limit is better", "存在更好的NMS IoU或置信度阈值"),
    "B510.does": ("set both at inference", "推理时设置两者"),
}
