# ruff: noqa: E501 - tables, read by the row
"""Spellings of secrets as they stand in logs and vendors' messages, and what looks like one and is none."""

S = "q7Zr0xWmP2"
"""The secret of the first table. Tokens are put together, so that no scanner takes this file for a leak."""

NAMED = [
    "password=@", "password: @", "password = @", "password : @", "Password=@;", "PASSWORD=@", "pwd=@", "passwd:@", "passphrase: @",
    "db_password: '@'", 'db.password="@"', "spring.datasource.password=@", "DB_PASSWORD=@ npm start", "export API_KEY=@", "pass=@",
    "user=jane, password=@, host=db", "(password=@)", "{password=@}", "User{name='jane', password='@'}", "[password] => @",
    ":password=>\"@\"", "'password' => '@'", "password := @", "Password -> @", "login(password=\"@\")", "map[password:@ user:jane]",
    '{"password":"@"}', '{"password" : "@", "user":"jane"}', "{'password': '@'}", "{'password': b'@'}", '{"dbPassword":"@"}',
    r'{\"password\":\"@\"}', r'{\"apiKey\":\"@\"}', r'{\\\"secret\\\":\\\"@\\\"}', r"{\"token\": \"@\", \"a\": 1}", r"\u0022password\u0022:\u0022@\u0022",
    "&quot;password&quot;:&quot;@&quot;", "{&#34;password&#34;:&#34;@&#34;}", "%22password%22%3A%22@%22", "password%3D@%26user%3Djane", "token%3a@",
    "<password>@</password>", "<Password>@</Password>", '<password type="text">@</password>', "<wsse:Password Type=\"x#PasswordText\">@</wsse:Password>",
    "<apiKey>@</apiKey>", "<ns:client_secret>@</ns:client_secret>", "&lt;password&gt;@&lt;/password&gt;", '<add key="Password" value="@"/>', '<user password="@"/>',
    '{"name":"password","value":"@"}', '{"key": "API_KEY", "value": "@"}', 'name="token" value="@"',
    "--password @", "--password=@", "--token @", "--api-key @", "--client-secret '@'", "--db-password \"@\"", "-password @", "-Password @", "/password:@", "--auth-token=@",
    "exec loader --password @ kb", "run --secret-key @ --verbose", "--access-token @", "--private-key-passphrase @",
    "curl -u admin:@ https://api.example.com", "curl -s -u admin:@ failed", "curl --user admin:@", "curl -u 'admin:@'", "curl -uadmin:@ x", "curl -u @: https://x",
    "wget --http-password=@", "mysql -u root -p@ kb", "mysqldump -p@", "sshpass -p @ ssh x", "docker login -u a -p @", "redis-cli -a @ ping", "ldapsearch -w @ -x",
    "sqlplus scott/@@db:1521/x", "http -a admin:@ GET x",
    "https://jane:@@host/x", "https://@@host/x", "https://:@@host", "postgres://jobs:@@db:5432/x", "redis://:@@cache:6379", "mongodb+srv://u:@@c.net", "amqp://u:@@mq",
    "https://jane:p%40@@host", "ftp://u:@@host/in", r"https:\/\/u:@@host", "https%3A%2F%2Fu%3A@%40host", "user:@@tcp(db:3306)/kb", "jdbc:mysql://u:@@h/x", "https://x-access-token:@@github.com/a/b",
    "Authorization: Bearer @", "authorization: Basic @", '"Authorization": "Bearer @"', "Authorization=Token @", "Authorization: @", "Proxy-Authorization: Basic @", "map[Authorization:[Bearer @]]",
    'Authorization: Digest username="a", response="@"', "Authorization: AWS4-HMAC-SHA256 Credential=AKID/x, Signature=@", "-H 'Authorization: Bearer @'", "authorization: ApiKey @", r"\"authorization\":\"Bearer @\"",
    "sent bearer @ to it", "Bearer @", "Basic @", "X-Api-Key: @", "x-api-key=@", "api-key: @", "apikey @1q2w", "Ocp-Apim-Subscription-Key: @", "X-Auth-Token: @", "X-Vault-Token: @", "PRIVATE-TOKEN: @", "x-functions-key: @",
    "Cookie: session=@; a=b", "Set-Cookie: sid=@; Path=/", '"cookie": "session=@"', "JSESSIONID=@", "PHPSESSID=@",
    "?token=@&x=1", "?access_token=@", "&api_key=@", "?sig=@", "?X-Amz-Signature=@&x=1", "?X-Goog-Signature=@", "?key=@12", "?code=@34", "redirect?id_token=@", "?password=@", "?AWSAccessKeyId=@", "&client_secret=@",
    "client_secret=@&grant_type=x", "refresh_token=@", "id_token: @", "access_token:@", "secret: @", "secretKey=@", "aws_secret_access_key = @", "aws_session_token=@", "AccountKey=@;EndpointSuffix=x", "SharedAccessKey=@", "SharedAccessSignature=sv=1&sig=@", "Server=db;User Id=sa;Password=@;", "Pwd=@;",
    "private_key=@", "signing-key: @", "encryption_key=@", "master_key: @", "otp=@", "credentials=@", "signature=@", "license_key=@", "webhook_secret: @", "csrf_token=@",
    "password '@' is wrong", 'password "@" rejected', "with password @", "the password is @", "Passwort: @", "Kennwort=@", "mot de passe: @", "contraseña: @", "senha=@", "пароль: @", "密码：@", "パスワード: @", "비밀번호: @",
    "IDENTIFIED BY '@'", "ALTER USER x PASSWORD '@'", "https://hooks.slack.com/services/T000/B000/@", "https://hooks.slack.com/workflows/T0/A0/@", "https://hooks.slack.com/triggers/T0/1/@", r"https:\/\/hooks.slack.com\/services\/T0\/B0\/@",
    "https://x.webhook.office.com/webhookb2/@", "https://outlook.office.com/webhook/@", "https://discord.com/api/webhooks/123/@", "https://discordapp.com/api/v10/webhooks/1/@", "https://hooks.zapier.com/hooks/catch/1/@", "https://maker.ifttt.com/trigger/a/with/key/@",
    "https://api.telegram.org/bot123:@/sendMessage", "https://events.pagerduty.com/integration/@/enqueue", "https://open.feishu.cn/open-apis/bot/v2/hook/@", "https://prod-1.westeurope.logic.azure.com/w?sv=1&sig=@", "https://oapi.dingtalk.com/robot/send?access_token=@", "https://chat.googleapis.com/v1/spaces/A/messages?key=@ab&token=@",
]  # fmt: skip
"""With @ where the secret stands; @@ is a secret and a real @."""

_T = "7Zr0xWmP2q7Zr0xWmP2q7Zr0xWmP2q7Zr0xWmP2q"
_H = "0123456789abcdef0123456789abcdef01234567"
TOKENS = [
    "AKIA" + "IOSFODNN7EXAMPLE", "ASIA" + "IOSFODNN7EXAMPLE", "ghp_" + _T, "gho_" + _T, "ghs_" + _T, "github_pat_" + _T, "glpat-" + _T, "glrt-" + _T, "gldt-" + _T,
    "xoxb-" + "123456789012-" + _T, "xoxp-" + "1-2-" + _T, "xapp-" + "1-A0-1-" + _T, "sk_" + "live_" + _T, "rk_" + "test_" + _T, "whsec_" + _T, "sk-" + _T, "sk-ant-" + "api03-" + _T, "sk-proj-" + _T,
    "AIza" + _T, "ya29." + _T, "GOCSPX-" + _T, "SG." + _T + "." + _T, "key-" + _H[:32], "xkeysib-" + _H, "npm_" + _T, "pypi-" + "AgEI" + _T, "dckr_pat_" + _T, "hf_" + _T, "shpat_" + _H[:32], "dop_v1_" + _H, "lin_api_" + _T, "ntn_" + _T,
    "pul-" + _H, "rubygems_" + _H, "glsa_" + _T, "sntryu_" + _H, "dapi" + _H[:32], "dt0c01." + _T, "dp.pt." + _T, "LTAI" + _T[:20], "AKCp" + _T + _T, "PMAK-" + _H, "pnu_" + _T, "sgp_" + _H, "sq0atp-" + _T, "shippo_live_" + _H, "hvs." + _T, "NRAK-" + _T, "nfp_" + _T,
    "ATATT3" + _T, "AGE-SECRET-KEY-1" + _T.upper(), "pplx-" + _T, "gsk_" + _T, "r8_" + _T, "tskey-" + _T, "sqp_" + _H, "SK" + _H[:32], "123456789" + ":AA" + _T[:35], "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + _T, "abc8Q~" + _T[:34], "pat-na1-" + _T, "secret_" + _T + _T,
    "-----BEGIN " + "RSA PRIVATE KEY----- MIIE" + _T, "-----BEGIN " + r"PRIVATE KEY-----\nMIIE" + _T + r"\n-----END PRIVATE KEY-----", "-----BEGIN PGP " + "PRIVATE KEY BLOCK-----" + _T, _T + _T,
]  # fmt: skip

HARMLESS = [
    "password: must not be empty", "password: is required", "Password: must be at least 8 characters", "password must not be empty", "token expired", "token: expired", "Token has expired", "token: has expired", "Invalid API key", "API key: invalid", "api key: not valid. Please pass a valid one", "secret not found", "secret: not found",
    "Secret 'jobwatch/egain-prod' not found", "secret jobwatch/egain-prod cannot be read", "credentials: rejected", "Credentials refused by the vendor", "invalid credentials", "basic auth failed", "basic authentication is switched off", "Basic Information is missing", "bearer authentication failed", "Bearer token expired", "Bearer token is missing",
    "key: value expected", "key: title", "key=article-12", "primary key: 12 is taken", "duplicate key value violates unique constraint", "foreign key: category", "keyword=import", "cache key: articles/12", "public key: unreadable", "partition_key=abc123", "key 'title' is required", "sort key missing",
    "authorization: required", "authorization failed for user jane", "Authorization header is missing", "WWW-Authenticate: Bearer realm=\"api\"", "signature: invalid", "signature mismatch: expected 12 got 13", "cookie: not set", "cookies are disabled", "Set-Cookie: missing",
    "tokens: 4096", "max_tokens=4096", "total_tokens: 12", "passed 12 of 12 tokens", "token_type=bearer", "token_count: 15", "expires_in=3600", "Unexpected token: }", "Unexpected token '<' in JSON at position 0", "unexpected token: IDENTIFIER", "tokenizer: standard", "token 42 of 100", "pass: 12 fail: 3", "pass=true", "3 passed, 1 failed", "bypass=1", "compass: north12345",
    '{"field":"password","message":"must not be empty"}', '{"password":["must not be empty"]}', '{"password":"is required"}', '{"password":null}', '{"password":"********"}', '{"password":""}', "password=", "password: null", "password=<empty>", "password=***", "password=${DB_PASSWORD}", "token=[redacted]", "--password is required", "option --token requires an argument", "--token: missing", "Enter password:",
    "password changed for jane", "password reset of user jane@example.com", "type=password&x=1", "grant_type=password", "response_type=token", "Article 'How to reset your password' has no category", "Article \"Secret Santa\": link target not found", "title: The token economy", "page 'API key rotation' has no parent", "Article 12: Passwords and tokens", "file secrets.md not found", "path /docs/api-key/index.html", "folder token-guide/", "topic 'Cookie policy' is empty", "Privacy & Cookies", "secretary: Jane Doe",
    "550e8400-e29b-41d4-a716-446655440000", "request 550e8400-e29b-41d4-a716-446655440000 failed", "digest e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "etag \"9b2cf535f27731c974343645a3985328\"", "commit 5f34c39a1b2c3d4e5f60718293a4b5c6d7e8f901", "id=507f1f77bcf86cd799439011", "user jane@example.com not found in /data/in/part-1.json", "s3://bucket/path/to/part-0001.json",
    "https://example.com/articles/12?lang=en", "https://example.com/a?key=title&page=2", "https://example.com/@jane/post", "ssh://git@github.com/a/b", "git@github.com:a/b.git", "http://host:8080/path?mail=a@b.c", "https://medium.com/x?code=404", "hooks are disabled", "webhook returned 500", "https://hooks.example.com/status",
    "status code: 401", "error code=AuthenticationFailed", "code=ETIMEDOUT", "SK_ID: 12", "sk-learn failed to load", "npm_config_registry is not set", "task-runner-12 stopped", "risk-assessment-2024-final-version.docx", "hf_hub cache is full", "pypi-mirror.example.com", "2026-05-06T07:00:00.000Z", "arn:aws:s3:::bucket/key", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:jobwatch/egain-AbCdEf",
    "author: Jane", "authored by jane", "oauth: disabled", "author=jane12345", "authority: https://login.example.com", "signed by jane", "pattern: [a-z]+", "path=/a/b", "patch=12", "nonce reused", "session expired", "session 12 closed", "Passwort fehlt", "Passwort: darf nicht leer sein", "mot de passe incorrect", "contraseña: no válida", "curl -u requires a user", "curl: (6) Could not resolve host", "mysql -p kb", "docker login failed",
    "Rule <password> is not closed", "element <token> unexpected", "x => token expected", "the secret is safe", "account key rotated", "access key: expected", "credential: expired", "pwd: command not found", "has 12 links", "hash: 12ab34", "Article 7: hash of body differs",
]  # fmt: skip
