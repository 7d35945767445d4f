"""Which letters beyond ASCII each language uses, most frequent first: what code pages are recognised by.

Counted in the translated messages of git (po/) and Sphinx (sphinx/locale), which speak as logs do: of files that cannot
be opened and names that are missing; completed by hand where those have few words of a language.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Language:
    """A language, and the code pages that its programs write."""

    pages: tuple[str, ...]
    letters: str
    """Most frequent first; of an alphabet the small letters only."""
    script: str = "alphabet"
    """`alphabet`, or one in which the letters above are only the most frequent: `han`, `kana`, `hangul`."""


_WESTERN = ("cp1252", "cp850", "mac_roman")
_CENTRAL = ("cp1250", "iso8859_2", "cp852")
_CYRILLIC = ("cp1251", "koi8_r", "cp866", "iso8859_5")

LANGUAGES = (
    Language(_WESTERN, "üäöß"),
    Language(_WESTERN, "éàèêôîçâùûœëïæ"),
    Language(_WESTERN, "óáíúéñü¿¡"),
    Language(_WESTERN, "ãçáéíóõêâúàô"),
    Language(_WESTERN, "àèéùìò"),
    Language(_WESTERN, "äåöéæøü"),
    Language(_CENTRAL, "łąężśćóńź"),
    Language(_CENTRAL, "íářěýéščůžúóňťďľôäĺŕ"),
    Language(_CENTRAL, "áéóöíőüúű"),
    Language(_CENTRAL, "čšžćđ"),
    Language(("cp1250", "iso8859_2"), "ăţîşâ"),
    Language(("iso8859_16",), "ățîșâ"),
    Language(("cp1254", "cp857"), "ışçüğöİâ"),
    Language(("cp1257",), "āīūēšņļģžķčėųįąęõäöü"),
    Language(_CYRILLIC, "оеиатнслрвкпдмуьзыяйбчгжфхюшщцэъё"),
    Language(("cp1251", "koi8_u", "cp1125"), "оанитевірдклспумязбйгчьжєхшфцющїґ"),
    Language(("cp1251",), "аеноитрвсдпклзмъябучжйщгфцшхюѝ"),
    Language(("cp1251",), "аоиенртсвудјклмпзгбчшжцљњћђџхф"),
    Language(("cp1253", "iso8859_7", "cp737"), "αεοτνιρσπημυκλίςγδήέάχόθωφύβώξζψϊ"),
    Language(("cp1255", "cp862"), "ויהמרלשאתדקנבחםפסעגכטצזךןץף"),
    Language(("cp1256", "cp720"), "المتيروفندعحةبسقجصهثشخغءإضأكىئذطؤظز؟،"),
    Language(("cp874",), "านรอกเงมยลวดตสทใบปหคจข่ี้ัิุู์ไแ็ำึืะโผพชซธณญฟถศภฐษฉๆฮฝ"),
    Language(
        ("gb18030",),
        "的无用法：文。在，件不提个引一交对中有行象使为支名分目（）式数未模选置是项到包取作出并标存索已配新要您本和录入路定效时合径命过除更格程能或将正以可建"
        "示解指库子变值没仓于重前输错签参显令工后写被区字组误了失块删读符版应远请创加上略持执如称空从检下查进找注设改打息需修多来败忽基该内图制期动只列成据果当"
        "同信地补树丁现处器档、“”功类开始完接连记务导服户密码页章载网超限权限拒绝问题态生产异常",
        "han",
    ),
    Language(
        ("big5hkscs", "cp950"),
        "的無用：」「不法。，在檔提案引個有件交定一中使取物支分行是本新目名為未作（）式設到要入存合能區版模標包指已數選組項索出效更您以除重示和執修將或併過路徑"
        "動值時請解列格錄可正工建沒位前庫輸端寫略失立後顯資被於令稱誤子命讀錯敗遠上預套變訊得開符找期只從來塊空對刪料此如下簽字參結改這多需援籤移補態圖進基"
        "所忽果記註元狀含啟、匯頁章載網超限權拒絕問題完成連線戶密碼",
        "han",
    ),
    Language(
        ("cp932", "euc_jp"),
        "まのーしすントルをにはいで。てたれがイさフクドせんァジりスな、定るリプデュメきィレかあキとみラくョッコ設テ成つだロタ力無シ出値数込こ中モオ書マ指見パめソ"
        "生拡張ェ名用バブエ作使効うォ参照ビら索要引も視更変登録不け検必行グ読語文内含明ダ列（）ピ外新表ペ実っ合よ画像サ上正存関へ次例そベセ失敗既ど示わ的む入選択式"
        "件置翻訳対字確記事保存先取込完了開始終了処理異常：「」ハネヌネノヒホムヤユヨワヲゲザズゾヅビボポゴギガ時間接続認証権限",
        "kana",
    ),
    Language(
        ("cp949",),
        "다니이습을에하를지합시로수없는가트일스오리파서않정용치사의기브할모커옵션밋경은한인대음있제으패만해실업위표작명십어되전아거랜적젝름자된고장면보레병터중설바데"
        "값항입추했드저그상소과런부더문못태나퍼변행잘디령분도렉내덱력무목듈메식성려재미버개원록비줄폴본읽었들와았라동형확크현복여요른묶프번져출같류알찾돌체능새진"
        "베결주쓸또때류완료연권",
        "hangul",
    ),
)
