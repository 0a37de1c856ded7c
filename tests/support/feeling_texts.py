"""Sixty texts with the feeling their writer meant, written before any word list was opened.

Lines of dialogue, descriptions of films and pieces of transcripts, thirty English and thirty Chinese. Nothing was
tuned on them: what the rules were tried on is TRIED, below. Change a text and the figures in docs/words.md are void.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sign = Literal["negative", "neutral", "positive"]
Family = Literal["bright", "gentle", "threat", "sorrow", "plain"]

# The moods of moods.toml that count as agreeing with a family.
FAMILIES: dict[Family, frozenset[str]] = {
    "bright": frozenset({"happy", "playful", "triumphant", "energetic", "hopeful"}),
    "gentle": frozenset({"calm", "tender", "hopeful", "nostalgic", "happy"}),
    "threat": frozenset({"tense", "fearful", "aggressive", "dark", "mysterious"}),
    "sorrow": frozenset({"sad", "melancholic", "solemn", "dark", "nostalgic"}),
    "plain": frozenset({"neutral"}),
}


@dataclass(frozen=True, slots=True)
class FeelingText:
    """A text and what it was meant to feel like."""

    text: str
    sign: Sign
    family: Family


ENGLISH = (
    # bright
    FeelingText("We did it! Oh my God, we actually won! I can't stop smiling!", "positive", "bright"),
    FeelingText("The children race across the field, laughing and throwing armfuls of leaves at each other.", "positive", "bright"),
    FeelingText("This is the best day of my life, and I want to dance with every single one of you.", "positive", "bright"),
    FeelingText("After fourteen years of work, the team celebrates its first gold medal in front of a roaring crowd.", "positive", "bright"),
    FeelingText("A cheeky puppy steals a sausage and the whole family ends up in fits of giggles.", "positive", "bright"),
    FeelingText("You're brilliant, you know that? Absolutely brilliant. Let's go and have some fun!", "positive", "bright"),
    # gentle
    FeelingText("A quiet morning by the lake. Mist lifts slowly, and an old couple holds hands on the bench.", "positive", "gentle"),
    FeelingText("Sleep well, my darling. I'll be right here, and I'll always love you.", "positive", "gentle"),
    FeelingText("She kisses the baby's forehead, whispering a lullaby her grandmother used to sing.", "positive", "gentle"),
    FeelingText("Our bakery started with one oven and a dream. Today we share that warmth with the whole street.", "positive", "gentle"),
    FeelingText("Don't be afraid. Nothing bad is going to happen to you. You're safe now.", "positive", "gentle"),
    # threat
    FeelingText("Get out of the house! He's got a gun, run, RUN!", "negative", "threat"),
    FeelingText("The soldiers burned the village and killed everyone who tried to flee.", "negative", "threat"),
    FeelingText("Something is breathing behind the cellar door, and the lights have just gone out.", "negative", "threat"),
    FeelingText("I hate you! You lied to me, you ruined everything, get out of my sight!", "negative", "threat"),
    FeelingText("Police are warning residents that the escaped murderer is armed and extremely dangerous.", "negative", "threat"),
    FeelingText("The bomb will go off in ninety seconds and nobody can find the wire.", "negative", "threat"),
    # sorrow
    FeelingText("My father died last winter. I never got to say goodbye.", "negative", "sorrow"),
    FeelingText("I'm not happy, Tom. I haven't been happy for a very long time.", "negative", "sorrow"),
    FeelingText("She sits alone in the empty kitchen, crying over letters that nobody will answer.", "negative", "sorrow"),
    FeelingText("It was a beautiful wedding, but the marriage was a miserable failure and it broke her heart.", "negative", "sorrow"),
    FeelingText("The factory closed, the shops went bankrupt, and one by one the young people left for good.", "negative", "sorrow"),
    FeelingText("No joy, no hope, no friends. Just grey rain on the window.", "negative", "sorrow"),
    FeelingText("We regret to inform you that the treatment was not successful.", "negative", "sorrow"),
    # plain
    FeelingText("Turn left at the junction, then follow the B4027 for about two miles.", "neutral", "plain"),
    FeelingText("The module connects to the board through a 24-pin header and runs at 3.3 volts.", "neutral", "plain"),
    FeelingText("In this video I'll show you how to rename several files at once on a Mac.", "neutral", "plain"),
    FeelingText("The meeting was moved from Tuesday to Thursday; the agenda has four items.", "neutral", "plain"),
    FeelingText("A man in a brown coat walks into a shop and puts a newspaper on the counter.", "neutral", "plain"),
    FeelingText("Chapter three. The water cycle: evaporation, condensation and precipitation.", "neutral", "plain"),
)  # fmt: skip

CHINESE = (
    # bright
    FeelingText("太好了！我们终于赢了！今晚谁都不许回家，一起去喝酒庆祝！", "positive", "bright"),
    FeelingText("孩子们在沙滩上追着浪花奔跑，笑声传得很远。", "positive", "bright"),
    FeelingText("今天真是我这辈子最幸福的一天，谢谢大家来参加我们的婚礼。", "positive", "bright"),
    FeelingText("全场观众起立欢呼，年轻的选手高高举起了冠军奖杯。", "positive", "bright"),
    FeelingText("这只小猫太逗了，把全家人都逗得哈哈大笑。", "positive", "bright"),
    FeelingText("新品上市，活力十足，让每一天都精彩！", "positive", "bright"),
    # gentle
    FeelingText("清晨的湖面非常安静，老奶奶牵着孙子的手慢慢散步，阳光暖暖的。", "positive", "gentle"),
    FeelingText("别怕，有妈妈在，你安全了，好好睡吧。", "positive", "gentle"),
    FeelingText("我爱你，不管发生什么事，我都会一直陪在你身边。", "positive", "gentle"),
    FeelingText("外婆的小院子里开满了花，那是我童年最温暖的回忆。", "positive", "gentle"),
    FeelingText("虽然路很长，但是只要不放弃，明天一定会更好。", "positive", "gentle"),
    # threat
    FeelingText("快跑！他手里有刀，别回头！", "negative", "threat"),
    FeelingText("黑暗的走廊尽头传来一声尖叫，所有的灯同时熄灭了。", "negative", "threat"),
    FeelingText("你这个骗子！我恨你，滚出去，我再也不想看见你！", "negative", "threat"),
    FeelingText("敌军轰炸了整座城市，到处都是废墟和尸体。", "negative", "threat"),
    FeelingText("警方提醒市民，凶手仍然在逃，十分危险。", "negative", "threat"),
    FeelingText("他紧紧盯着倒计时，汗水从额头滑落，炸弹随时可能爆炸。", "negative", "threat"),
    # sorrow
    FeelingText("爷爷走了，我连最后一面都没有见到，只能抱着他的照片哭。", "negative", "sorrow"),
    FeelingText("我一点也不快乐，这些年我过得很痛苦。", "negative", "sorrow"),
    FeelingText("她独自坐在空荡荡的房间里，眼泪止不住地流。", "negative", "sorrow"),
    FeelingText("婚礼很美，可是三年后他们还是离婚了，她的心也碎了。", "negative", "sorrow"),
    FeelingText("工廠倒閉了，年輕人都離開了，村子裡只剩下孤獨的老人。", "negative", "sorrow"),
    FeelingText("没有希望，没有朋友，也没有家，只有窗外下不完的雨。", "negative", "sorrow"),
    FeelingText("很遗憾地通知您，手术没有成功。", "negative", "sorrow"),
    # plain
    FeelingText("请在前方路口左转，然后沿着主路行驶三公里。", "neutral", "plain"),
    FeelingText("本期视频教大家如何在电脑上批量修改文件名。", "neutral", "plain"),
    FeelingText("会议改到星期四下午两点，地点是三楼会议室。", "neutral", "plain"),
    FeelingText("第三章，水循环包括蒸发、凝结和降水三个过程。", "neutral", "plain"),
    FeelingText("一个穿灰色外套的男人走进商店，把报纸放在柜台上。", "neutral", "plain"),
    FeelingText("該模組通過二十四針接口連接主板，工作電壓為三點三伏。", "neutral", "plain"),
)  # fmt: skip

SIXTY = ENGLISH + CHINESE

# What the rules and lists were tried on while they were written: short, each with a trap.
TRIED = (
    FeelingText("I don't think I've ever been this proud of anyone.", "positive", "bright"),
    FeelingText("It's not that bad, really. We'll be okay.", "positive", "gentle"),
    FeelingText("There is no cure. There was never going to be one.", "negative", "sorrow"),
    FeelingText("Nobody came to his birthday party.", "negative", "sorrow"),
    FeelingText("Without her, the house feels cold and hollow.", "negative", "sorrow"),
    FeelingText("STAY AWAY FROM MY FAMILY!", "negative", "threat"),
    FeelingText("He smiled, but it was the smile of a man about to murder someone.", "negative", "threat"),
    FeelingText("The kind old driver shares his sandwich with a stray cat.", "positive", "gentle"),
    FeelingText("Press the power button, wait for the green light, and close the lid.", "neutral", "plain"),
    FeelingText("The interest rate rose to four percent in the second quarter.", "neutral", "plain"),
    FeelingText("Add two cups of flour, a pinch of salt and stir until smooth.", "neutral", "plain"),
    FeelingText("Flight 402 to Lisbon is now boarding at gate twelve.", "neutral", "plain"),
    FeelingText("[ominous music] [door creaks] [heavy breathing]", "negative", "threat"),
    FeelingText("[crowd cheering] And he scores! What a goal! Unbelievable!", "positive", "bright"),
    FeelingText("You can't stop us now. Nothing can stop us!", "positive", "bright"),
    FeelingText("I never said I loved you. I never did.", "negative", "sorrow"),
    FeelingText("Snow falls softly on the old town as the choir sings by candlelight.", "positive", "gentle"),
    FeelingText("A lone wolf howls; the hikers realise that they are lost and night is coming.", "negative", "threat"),
    FeelingText("We rebuilt the school together, and today the bell rings again.", "positive", "gentle"),
    FeelingText("The doctor shook his head, and her knees gave way.", "negative", "sorrow"),
    FeelingText("What the hell is wrong with you? Are you insane?", "negative", "threat"),
    FeelingText("Our new running shoes: lighter, faster, made to fly.", "positive", "bright"),
    FeelingText("这并不是坏事，别担心。", "positive", "gentle"),
    FeelingText("谁也没有来参加他的生日聚会。", "negative", "sorrow"),
    FeelingText("我从来没有这么高兴过！", "positive", "bright"),
    FeelingText("他笑了，但是眼里全是杀意。", "negative", "threat"),
    FeelingText("美国的乐队在好莱坞录音。", "neutral", "plain"),
    FeelingText("没关系，大家好好休息，明天再来。", "positive", "gentle"),
    FeelingText("水烧开以后放入面条，煮八分钟。", "neutral", "plain"),
    FeelingText("本次航班将于十点二十分开始登机。", "neutral", "plain"),
    FeelingText("门慢慢打开，里面什么也看不见，只有滴水的声音。", "negative", "threat"),
    FeelingText("母親緊緊抱住失散多年的兒子，喜極而泣。", "positive", "gentle"),
    FeelingText("大火吞没了整栋楼，被困的居民拼命呼救。", "negative", "threat"),
    FeelingText("如果那天我没有让他出门就好了。", "negative", "sorrow"),
    FeelingText("这个地方真不错，我们以后常来吧。", "positive", "bright"),
    FeelingText("比赛最后一秒，他投进了绝杀球，全队疯狂庆祝！", "positive", "bright"),
    FeelingText("医生摇了摇头，她瘫坐在地上。", "negative", "sorrow"),
    FeelingText("点击右上角的按钮，选择“导出”，然后保存文件。", "neutral", "plain"),
    FeelingText("你怎么能这样对我？我那么相信你！", "negative", "threat"),
    FeelingText("夕阳下，爷爷牵着牛慢慢走回家。", "positive", "gentle"),
)
