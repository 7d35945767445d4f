"""Secrets that are known by their own shape: tokens by their issuer's prefix, webhook addresses, private keys.

The prefixes are those of gitleaks (config/gitleaks.toml, https://github.com/gitleaks/gitleaks) and detect-secrets
(https://github.com/Yelp/detect-secrets), with the least lengths kept low: what looks like a token is one.
"""

import re

_SLASH = r"\\?/"
WEBHOOKS = re.compile(
    "(?i)("
    + "|".join(
        address.replace("/", _SLASH)
        for address in (
            r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/",
            r"webhook\.office\.com/webhook\w{0,4}/",
            r"outlook\.office(?:365)?\.com/webhook\w{0,4}/",
            r"discord(?:app)?\.com/api/(?:v\d{1,3}/)?webhooks/\d{1,30}/",
            r"hooks\.zapier\.com/hooks/catch/",
            r"maker\.ifttt\.com/trigger/[^/\s]{1,100}/(?:json/)?with/key/",
            r"api\.telegram\.org/(?:file/)?bot",
            r"events\.pagerduty\.com/integration/",
            r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/",
            r"hc-ping\.com/",
            r"hook\.(?:[a-z0-9]{1,10}\.)?(?:make|integromat)\.com/",
            r"/hooks/(?=[a-z0-9]{20,})",
        )
    )
    + r")(?!\[redacted\])[^\s\"'<>,;)\]}]+"
)
"""Addresses that whoever knows them may post to."""
PRIVATE_KEYS = re.compile(
    r"-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END[ A-Z0-9_-]{0,40}KEY(?: BLOCK)?-----|$)",
    re.DOTALL,
)
LONG_WORD = re.compile(r"(?<![\w.=~+/:-])[\w.=~+/:-]{18}")
"""What every token and every random text has."""
_WORDY, _ALNUM, _HEX = r"[\w.=-]", r"[A-Za-z0-9]", r"[a-f0-9]"
TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    rf"eyJ[\w-]{{4,}}\.[\w-]{{4,}}(?:\.[\w-]*)*|ZXlK[A-Za-z0-9+/]{{30,}}={{0,2}}"
    rf"|ops_eyJ{_WORDY}{{40,}}|(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{{12,}}"
    rf"|ABSK[A-Za-z0-9+/]{{60,}}={{0,2}}|bedrock-api-key-{_WORDY}{{16,}}|amzn\.mws\.{_WORDY}{{20,}}"
    rf"|gh[pousr]_{_ALNUM}{{16,}}|github_pat_\w{{16,}}"
    rf"|gl(?:pat|ptt|dt|rt|ft|imt|agent|oas|cbt|ffct|soat)-{_WORDY}{{16,}}|GR1348941{_WORDY}{{16,}}"
    rf"|xox[abeoprs](?:\.xox[bp])?-{_WORDY}{{10,}}|xapp-\d-{_WORDY}{{10,}}"
    rf"|(?:sk|rk)_(?:live|test|prod)_{_ALNUM}{{10,}}|whsec_{_ALNUM}{{16,}}"
    rf"|sk-(?:ant|proj|svcacct|admin|or)-{_WORDY}{{16,}}|sk-(?=[A-Za-z]*\d){_ALNUM}{{16,}}"
    rf"|AIza[\w-]{{20,}}|ya29\.{_WORDY}{{16,}}|GOCSPX-{_WORDY}{{16,}}|1//0{_WORDY}{{20,}}"
    rf"|SG\.{_WORDY}{{16,}}|key-{_HEX}{{32}}|xkeysib-{_WORDY}{{16,}}|xsmtpsib-{_WORDY}{{16,}}"
    rf"|npm_{_ALNUM}{{30,}}|pypi-AgE{_WORDY}{{10,}}|rubygems_{_HEX}{{20,}}"
    rf"|dckr_(?:pat|oat)_{_WORDY}{{16,}}|hf_{_ALNUM}{{20,}}|api_org_{_ALNUM}{{20,}}"
    rf"|shp(?:at|ca|pa|ss)_{_HEX}{{20,}}|do[opr]_v1_{_HEX}{{32,}}|lin_(?:api|oauth)_{_ALNUM}{{20,}}"
    rf"|ntn_{_ALNUM}{{20,}}|secret_{_ALNUM}{{40,}}|pscale_(?:tkn|oauth|pw)_{_WORDY}{{16,}}"
    rf"|pul-{_HEX}{{40}}|rdme_{_ALNUM}{{40,}}|gl(?:sa|c)_{_WORDY}{{20,}}|sntry[su]_{_WORDY}{{20,}}"
    rf"|dapi{_HEX}{{32}}|dt0[cs]\d\d\.{_WORDY}{{20,}}|dp\.(?:pt|st|ct|sa|scim|audit)\.{_WORDY}{{16,}}"
    rf"|duffel_(?:test|live)_{_WORDY}{{16,}}|EZ[AT]K{_ALNUM}{{40,}}"
    rf"|FLW(?:SECK|PUBK)(?:_TEST)?-{_WORDY}{{10,}}|fio-u-{_WORDY}{{20,}}"
    rf"|f(?:o1|m1[ar]|m2)_{_WORDY}{{20,}}|ico-{_ALNUM}{{32}}|LTAI{_ALNUM}{{12,}}|AKCp{_ALNUM}{{40,}}"
    rf"|cmVmd{_ALNUM}{{40,}}|PMAK-{_WORDY}{{30,}}|pnu_{_ALNUM}{{20,}}|sgp_{_WORDY}{{20,}}"
    rf"|sq0(?:atp|csp)-{_WORDY}{{16,}}|EAA[ACM]{_ALNUM}{{20,}}|shippo_(?:live|test)_{_HEX}{{20,}}"
    rf"|tfp_{_WORDY}{{20,}}|hv[sbr]\.{_WORDY}{{20,}}|NR(?:AK|JS|II)-{_WORDY}{{16,}}|nfp_{_ALNUM}{{20,}}"
    rf"|pat{_ALNUM}{{14}}\.{_HEX}{{32,}}|pat-(?:na|eu)\d-{_WORDY}{{20,}}"
    rf"|AT(?:ATT3|CTT3|BB){_WORDY}{{16,}}|A3-[A-Z0-9]{{6}}-[A-Z0-9-]{{20,}}"
    rf"|AGE-SECRET-KEY-1[A-Z0-9]{{20,}}|CLOJARS_{_ALNUM}{{30,}}|v1\.0-{_HEX}{{24}}-{_HEX}{{20,}}"
    rf"|sha256~{_WORDY}{{20,}}|pplx-{_ALNUM}{{20,}}|gsk_{_ALNUM}{{20,}}|r8_{_ALNUM}{{20,}}"
    rf"|xai-{_ALNUM}{{20,}}|sbp_{_HEX}{{20,}}|nvapi-{_WORDY}{{20,}}|tskey-{_WORDY}{{16,}}"
    rf"|sq[pau]_{_HEX}{{20,}}|SK{_HEX}{{32}}|HRKU-{_WORDY}{{30,}}|\d{{8,10}}:AA{_WORDY}{{30,}}"
    rf"|[MNO][\w-]{{23,27}}\.[\w-]{{6}}\.[\w-]{{27,40}}|{_ALNUM}{{14}}\.atlasv1\.{_WORDY}{{20,}}"
    rf"|p8e-{_ALNUM}{{20,}}|s-s4t2(?:ud|af)-{_HEX}{{20,}}|sm_[aps]at_{_ALNUM}{{16}}"
    rf"|{_ALNUM}{{6}}_{_ALNUM}{{29}}_mmk|API-[A-Z0-9]{{26}}|tk-us-{_WORDY}{{30,}}"
    rf"|(?:pat|sat)\.{_WORDY}{{40,}}|s\.{_ALNUM}{{24}}(?![\w.])|[\w~.]{{3}}\dQ~[\w~.-]{{31,34}}"
    rf"|rnd_{_ALNUM}{{20,}}|phx_{_ALNUM}{{20,}}|vercel_{_WORDY}{{20,}}"
    r")"
)
"""Tokens that their issuers' prefix tells."""
RANDOM = re.compile(
    r"(?<![\w/+-])(?=[a-zA-Z+/]*\d)(?=[\da-z+/]*[A-Z])(?=[\dA-Z+/]*[a-z])[A-Za-z0-9+]{2}[A-Za-z0-9+/]{58,}={0,2}"
)
