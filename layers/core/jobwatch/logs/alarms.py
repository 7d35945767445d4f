"""Whether a line that states no level sounds as if something went wrong: what people see first of such lines.

A reading of prose, hence good for an order and never for a count.
"""

import re

_WORDS = (
    r"error|fail|exception|denied|refused|rejected|time-?out|timed out|invalid|cannot|can't|could ?n.t"
    r"|could not|unable|missing|not found"
    r"|fatal|panic|corrupt|forbidden|unauthori[sz]ed|aborted|crash|broken|unknown|illegal|not allowed|does"
    r" not exist|not exist|too long"
    r"|is empty|is taken|already exists|duplicate|unexpected|violat|killed|out of memory|no space|disk"
    r" full|disconnected|lost|skipp"
    r"|fehler|fehlgeschlagen|konnte nicht|kann nicht|nicht gefunden|fehlt|ungültig|abgelehnt|abgebrochen"
    r"|erreur|échec|échou|impossible|introuvable|manqu|refusé|invalide"
    r"|falló|fallid|no se pudo|no se puede|no encontrad|falta|inválid|rechazad"
    r"|\berro\b|\berros\b|falha|falhou|não foi possível|não encontrad|ausente|rejeitad"
    r"|errore|errori|impossibile|non trovat|\bmanca|non riuscit|fallit"
    r"|\bfout|mislukt|kan niet|kon niet|niet gevonden|ontbre|ongeldig"
    r"|\bfel\b|saknas|saknar|misslyck|kunde inte|kan inte|hittades inte|ogiltig"
    r"|\bfejl|\bfeil|mangler|mislyk|kunne ikke|kan ikke|ikke fundet|ikke funnet|ugyldig"
    r"|błąd|błęd|nie można|nie udało|nie znaleziono|\bbrak|nieprawidł|odrzucon"
    r"|\bchyb|nelze|nepodařilo|nenalezen|selhal|neplatn"
    r"|\bhata|başarısız|bulunamadı|eksik|geçersiz"
    r"|ошибк|не удалось|не найден|отсутству|сбой|отказан|невозможно|неверн"
    r"|помилк|не вдалося|не знайдено|відсутн|неможливо"
    r"|エラー|失敗|できません|できない|見つかりません|ありません|不正|例外|拒否"
    r"|错误|錯誤|失败|无法|無法|缺少|找不到|异常|異常|拒绝|拒絕|无效|無效"
    r"|오류|에러|실패|없습니다|할 수 없|찾을 수 없|거부|잘못"
    r"|خطأ|فشل|تعذر|غير موجود|त्रुटि|विफल|नहीं"
    r"|[✗✘❌✖⨯❗🔴⛔🚨]"
)
_ALARM = re.compile(_WORDS)
_NONE_BEFORE = re.compile(
    r"(?:\b(?:no|0|zero|without|never|ohne|keine?|sans|aucune?|sin|sem|senza|geen|ingen|inga|без|brak)\s(?:[\w-]+\s)?)$"
)
_NONE_BEHIND = re.compile(r"\w*(?:\(s\))?\W{0,3}(?:0+(?![\d.,]*[1-9])|none|no|keine?)(?!\w)")
_EXAMINED_CHARACTERS = 1000


def alarming(line: bytes) -> bool:
    """Whether a word of the line says that something failed; "0 errors", "no failures" and "errors: 0" do not."""
    text = line[: 4 * _EXAMINED_CHARACTERS].decode("utf-8", "replace")[:_EXAMINED_CHARACTERS].lower()
    for found in _ALARM.finditer(text):
        if not _NONE_BEFORE.search(text[max(0, found.start() - 40) : found.start()]) and not _NONE_BEHIND.match(
            text, found.end()
        ):
            return True
    return False
