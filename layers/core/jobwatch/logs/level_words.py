"""The words by which logs state a level or an outcome, in the languages that programs speak.

The words of PostgreSQL's translated server messages (src/backend/po/*.po), Windows' event levels, SAP and the
translated package managers are the source; a word that also is an everyday word of a heading is left to the rules of
heads.py, which look at where it stands.
"""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in their order."""
    return tuple(text.split())


FATAL, ERROR, WARNING, INFO, DEBUG, TRACE = "fatal", "error", "warning", "info", "debug", "trace"

_LEVELS = {
    FATAL: (
        "fatal ftl fata critical crit crt alert emerg emergency panic pani dpanic catastrophic disaster"
        # German, French, Spanish, Portuguese, Italian, Dutch, Swedish, Danish and Norwegian
        " kritisch schwerwiegend panik fatale critique urgence crítico critico crítica critica fatalt kritiek kritisk"
        # Polish, Czech, Turkish
        " krytyczny krytyczne krytyczna katastrofalny kritický kritické kritická kritik ölümcül"
        # Russian, Ukrainian
        " фатальная критическая критический критично критично критичний критична фатальна важно паника"
        # Japanese, Chinese, Korean, Arabic, Hindi, Vietnamese
        " 致命的 致命 致命的エラー 致命的なエラー 重大 緊急 致命错误 致命錯誤 严重 嚴重 严重错误 嚴重錯誤 紧急 緊急"
        " 치명적 치명적오류 심각 위험 حرج قاتل فادح गंभीर घातक"
    ),
    ERROR: (
        "error err erro eror severe fail failure"
        " fehler erreur échec error fallo errore erro falha fout fel fejl feil virhe"
        " błąd blad błędy chyba hata hiba eroare σφάλμα lỗi kesalahan ralat klaida kļūda viga грешка greška napaka"
        " ошибка помилка エラー 錯誤 错误 错誤 异常 異常 오류 에러 خطأ त्रुटि ข้อผิดพลาด שגיאה خطا"
    ),
    WARNING: (
        "warn warning wrn"
        " warnung achtung attention avertissement advertencia aviso advertência advertencia alerta avviso"
        " avvertenza attenzione avvertimento waarschuwing let_op varning advarsel varsel varoitus"
        " ostrzeżenie ostrzezenie uwaga varování varovani upozornění uyarı uyari dikkat figyelmeztetés avertisment"
        " προειδοποίηση cảnh_báo peringatan amaran įspėjimas brīdinājums hoiatus предупреждение внимание"
        " попередження увага 警告 注意 경고 주의 تحذير चेतावनी คำเตือน אזהרה هشدار"
    ),
    INFO: (
        "info inf information informational informative notice note system log"
        " hinweis meldung nachricht remarque información informacion nota informação informacao informazione"
        " informazioni informatie opmerking meddelande anmärkning bemærkning merknad huomautus tieto"
        " informacja informacje informace poznámka bilgi información информация сообщение замечание инфо"
        " інформація інфо повідомлення 情報 信息 資訊 讯息 訊息 通知 お知らせ 日志"
        " 정보 알림 معلومات معلومة सूचना जानकारी"
    ),
    DEBUG: (
        "debug dbg dbug debu fine finer config verb"
        " débogage depuración depurar depuração отладка налагодження デバッグ 调试 調試 除錯 偵錯 디버그 تصحيح"
    ),
    TRACE: "trace trc trce trac finest verbose silly",
}

_STATUSES = {
    ERROR: (
        "failed rejected invalid exception errored aborted timeout timed_out denied unsuccessful refused crashed"
        " not_ok ko nok failing fail failure broken unprocessable bad_request internal_error not_imported"
        " not_created not_updated not_found error_occurred has_errors with_errors not_valid import_failed"
        " upload_failed validation_failed killed"
        " fehlgeschlagen fehlerhaft gescheitert abgelehnt abgebrochen ungültig abgewiesen verworfen nicht_importiert"
        " échec echec échoué échouée echoue rejeté rejetée refusé refusée annulé_avec_erreur invalide"
        " en_échec en_erreur"
        " fallido fallida falló fallo fracasado rechazado rechazada con_error no_válido"
        " falhou falhado falha rejeitado rejeitada recusado com_erro inválido"
        " fallito fallita non_riuscito non_riuscita rifiutato rifiutata respinto respinta non_valido scartato"
        " mislukt afgewezen geweigerd afgekeurd ongeldig"
        " misslyckades misslyckad misslyckat avvisad avvisat avbruten ogiltig"
        " mislykkedes mislykket afvist avvist ugyldig feilet fejlet"
        " niepowodzenie nieudany nieudane nieudana odrzucony odrzucone odrzucono nieprawidłowy"
        " selhalo neúspěch neúspěšné zamítnuto odmítnuto neplatné"
        " başarısız basarisiz reddedildi geçersiz"
        " неудача неуспешно сбой отклонено отклонен отказано провал неудачно"
        " невдача відхилено збій"
        " 失敗 失败 拒否 却下 拒绝 拒絕 不合格 无效 無效 실패 거부 거부됨 실패함 فشل مرفوض विफल असफल अस्वीकृत"
    ),
    WARNING: (
        "warnings partial partially partially_succeeded partial_success partially_failed completed_with_errors"
        " completed_with_warnings succeeded_with_warnings success_with_warnings imported_with_warnings"
        " finished_with_warnings finished_with_errors done_with_errors unstable degraded"
        " teilweise partiel partielle parcial parziale gedeeltelijk delvis частично частково 部分成功 一部失敗"
    ),
    INFO: (
        "ok okay success successful successfully succeeded passed pass done completed complete skipped skip finished"
        " imported created updated unchanged pending running processed queued published inserted deleted removed"
        " ignored accepted valid uploaded downloaded exported saved stored loaded indexed ready started in_progress"
        " added upserted replaced merged copied moved sent delivered ended stopped new existing duplicate_skipped"
        " up_to_date open closed active inactive draft noop no_change waiting scheduled initialized"
        " erfolgreich erfolg importiert erledigt fertig übersprungen aktualisiert erstellt abgeschlossen angelegt"
        " réussi réussie succès importé importée terminé terminée ignoré ignorée créé créée"
        " éxito exito exitoso exitosa correcto completado completada importado importada omitido creado"
        " sucesso concluído concluida concluída ignorado criado atualizado"
        " riuscito riuscita successo completato completata importato importata saltato creato"
        " geslaagd gelukt geïmporteerd voltooid overgeslagen aangemaakt"
        " klar lyckades importerad importerat hoppades_över skapad slutförd lyckad"
        " lykkedes importeret importert fuldført fullført oprettet opprettet"
        " sukces powodzenie zaimportowano zakończono pominięto utworzono"
        " úspěch úspěšné importováno dokončeno hotovo přeskočeno"
        " başarılı basarili tamamlandı atlandı oluşturuldu"
        " успешно успех готово импортировано выполнено пропущено создано завершено"
        " успіх готово імпортовано виконано пропущено"
        " 成功 正常 完了 完成 正常終了 スキップ 跳过 跳過 合格 성공 완료 정상 건너뜀 نجح نجاح تم सफल पूर्ण"
    ),
}

MARKS = {
    **dict.fromkeys("✗✘❌✖✕⨯🗙❎⛔🚨🔥💥🔴🛑❗‼☠", ERROR),
    **dict.fromkeys("⚠🟡🟠", WARNING),
    **dict.fromkeys("✓✔✅☑ℹ🟢🔵", INFO),
}
"""Signs that stand for a level at the head of a line."""

LETTERS = {"F": FATAL, "C": FATAL, "E": ERROR, "W": WARNING, "I": INFO, "N": INFO, "D": DEBUG, "V": TRACE, "T": TRACE}

LEVEL_OF = {word.replace("_", " "): level for level, text in _LEVELS.items() for word in words(text)}
"""Levels by their words in lower case."""

STATUS_OF = {word.replace("_", " "): level for level, text in _STATUSES.items() for word in words(text)}
"""Outcomes of a step or record by their words in lower case, as the level they amount to."""
