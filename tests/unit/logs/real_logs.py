"""Logs as programs write them: each a few lines, with the errors, the warnings and what the gravest group must say."""

from typing import NamedTuple


class RealLog(NamedTuple):
    """`says`: words of one shown error's (else warning's, else unknown line's) first example."""

    name: str
    errors: int
    warnings: int
    says: str
    log: str


REAL_LOGS = [
    RealLog(
        "nginx error log",
        1,
        1,
        'open() "/srv/kb/a.html" failed',
        """\
2026/03/01 10:00:00 [notice] 12#12: start worker processes
2026/03/01 10:00:01 [error] 29#29: *6 open() "/srv/kb/a.html" failed (2: No such file or directory), client: 10.0.0.1
2026/03/01 10:00:02 [warn] 29#29: *7 an upstream response is buffered to a temporary file
""",
    ),
    RealLog(
        "log4j with a stack",
        1,
        1,
        "Import of page 7 failed: java.sql.SQLException: disk full",
        """\
2026-03-01 10:00:00,123 INFO  [main] c.e.kb.Importer - Import started
2026-03-01 10:00:01,123 ERROR [main] c.e.kb.Importer - Import of page 7 failed
java.lang.IllegalStateException: cannot store
\tat c.e.kb.Importer.store(Importer.java:7)
Caused by: java.sql.SQLException: disk full
\t... 2 more
2026-03-01 10:00:02,123 WARN  [main] c.e.kb.Importer - page 8 has no title
""",
    ),
    RealLog(
        "logback JSON",
        1,
        0,
        "page 7 refused",
        """\
{"@timestamp":"2026-03-01T10:00:00Z","message":"started","logger":"kb","level":"INFO","level_value":20000}
{"@timestamp":"2026-03-01T10:00:01Z","message":"page 7 refused","logger":"kb","level":"ERROR","level_value":40000}
""",
    ),
    RealLog(
        "zap production",
        1,
        1,
        "fail to flush: no space left on device",
        """\
{"level":"info","ts":1772359200.1,"caller":"kb/a.go:10","msg":"started"}
{"level":"error","ts":1772359201.1,"caller":"kb/a.go:12","msg":"fail to flush","error":"no space left on device"}
{"level":"warn","ts":1772359202.1,"caller":"kb/a.go:13","msg":"slow"}
""",
    ),
    RealLog(
        "Milvus",
        1,
        1,
        "bulk insert failed: row 3 has 3 dims",
        """\
[2026/03/01 10:00:00.123 +00:00] [INFO] [importv2/task.go:10] ["task started"] [taskID=449]
[2026/03/01 10:00:01.123 +00:00] [ERROR] [imp/task.go:12] ["bulk insert failed"] [task=449] [error="row 3 has 3 dims"]
[2026/03/01 10:00:02.123 +00:00] [WARN] [importv2/task.go:14] ["task pending for long"] [taskID=450]
""",
    ),
    RealLog(
        "logfmt",
        1,
        1,
        "cannot write: disk full",
        """\
time=2026-03-01T10:00:00Z level=info msg=started
time=2026-03-01T10:00:01Z level=error msg="cannot write" err="disk full" path=/a/b
time=2026-03-01T10:00:02Z level=warn msg="slow write" ms=900
""",
    ),
    RealLog(
        "Python logging with a traceback",
        1,
        1,
        "cannot read a.json: ValueError: no title",
        """\
INFO:kb.load:started
ERROR:kb.load:cannot read a.json
Traceback (most recent call last):
  File "load.py", line 7, in read
    raise ValueError("no title")
ValueError: no title
WARNING:kb.load:b.json has no language
""",
    ),
    RealLog(
        "a bare Python traceback",
        1,
        0,
        "KeyError: 'title'",
        """\
reading a.json
Traceback (most recent call last):
  File "load.py", line 7, in <module>
    page["title"]
KeyError: 'title'
""",
    ),
    RealLog(
        "an uncaught Java exception",
        1,
        0,
        "OutOfMemoryError",
        """\
2026-03-01 10:00:00,123 INFO  [main] c.e.kb.Importer - Import started
Exception in thread "main" java.lang.OutOfMemoryError: Java heap space
\tat c.e.kb.Importer.main(Importer.java:7)
""",
    ),
    RealLog(
        ".NET console",
        1,
        1,
        "Document 8 was refused",
        """\
info: Import.Worker[0]
      Started
fail: Import.Worker[12]
      Document 8 was refused
warn: Import.Worker[4]
      Document 9 has no language
""",
    ),
    RealLog(
        "serilog compact JSON",
        1,
        1,
        "Page {Id} refused",
        """\
{"@t":"2026-03-01T10:00:00Z","@mt":"Started"}
{"@t":"2026-03-01T10:00:01Z","@mt":"Page {Id} refused","@l":"Error","Id":7}
{"@t":"2026-03-01T10:00:02Z","@mt":"Page {Id} is long","@l":"Warning","Id":8}
""",
    ),
    RealLog(
        "serilog file",
        1,
        1,
        "Page 7 refused",
        """\
2026-03-01 10:00:00.123 +01:00 [INF] Started
2026-03-01 10:00:01.123 +01:00 [ERR] Page 7 refused
2026-03-01 10:00:02.123 +01:00 [WRN] Page 8 is long
""",
    ),
    RealLog(
        "MongoDB",
        1,
        1,
        "Insert refused",
        """\
{"t":{"$date":"2026-03-01T10:00:00.123+00:00"},"s":"I","c":"INDEX","id":20345,"ctx":"conn7","msg":"Index build done"}
{"t":{"$date":"2026-03-01T10:00:01.123+00:00"},"s":"E","c":"WRITE","id":51803,"ctx":"conn7","msg":"Insert refused"}
{"t":{"$date":"2026-03-01T10:00:02.123+00:00"},"s":"W","c":"COMMAND","id":51804,"ctx":"conn7","msg":"Slow query"}
""",
    ),
    RealLog(
        "PostgreSQL",
        1,
        1,
        "Key (id)=(7) already exists",
        """\
2026-03-01 10:00:00.123 UTC [12] LOG:  checkpoint complete
2026-03-01 10:00:01.123 UTC [12] ERROR:  duplicate key value violates unique constraint "page_pk"
2026-03-01 10:00:01.123 UTC [12] DETAIL:  Key (id)=(7) already exists.
2026-03-01 10:00:01.123 UTC [12] STATEMENT:  insert into page values (7)
2026-03-01 10:00:02.123 UTC [12] WARNING:  there is no transaction in progress
""",
    ),
    RealLog(
        "SQL Server",
        1,
        0,
        "Violation of PRIMARY KEY",
        """\
2026-03-01 09:45:00.83 spid51      Error: 2627, Severity: 14, State: 1.
2026-03-01 09:45:00.83 spid51      Violation of PRIMARY KEY constraint 'PK_A'.
2026-03-01 09:45:00.90 spid51      Starting up database 'kb'.
""",
    ),
    RealLog(
        "MySQL",
        1,
        1,
        "Could not open table",
        """\
2026-03-01T10:00:00.123456Z 0 [Note] [MY-010931] [Server] ready for connections
2026-03-01T10:00:01.123456Z 8 [ERROR] [MY-010584] [Repl] Could not open table kb.page
2026-03-01T10:00:02.123456Z 8 [Warning] [MY-010055] [Server] IP address could not be resolved
""",
    ),
    RealLog(
        "Ruby's Logger",
        1,
        1,
        "page 7 has no title",
        """\
I, [2026-03-01T10:00:00.123456 #12]  INFO -- : started
E, [2026-03-01T10:00:01.123456 #12] ERROR -- : page 7 has no title
W, [2026-03-01T10:00:02.123456 #12]  WARN -- : page 8 is long
""",
    ),
    RealLog(
        "klog",
        1,
        1,
        "cannot store page",
        """\
I0301 10:00:00.123456       1 importer.go:7] started
E0301 10:00:01.123456       1 importer.go:9] cannot store page 7: quota used up
W0301 10:00:02.123456       1 importer.go:9] slow
""",
    ),
    RealLog(
        "docker json-file",
        1,
        0,
        "page 7 has no body",
        """\
{"log":"2026-03-01 10:00:00 INFO page 6 stored\\n","stream":"stdout","time":"2026-03-01T10:00:00Z"}
{"log":"2026-03-01 10:00:01 ERROR page 7 has no body\\n","stream":"stderr","time":"2026-03-01T10:00:01Z"}
""",
    ),
    RealLog(
        "a container's runtime",
        1,
        0,
        "page 7 has no body",
        """\
2026-03-01T10:00:00.123456789Z stdout F {"level":"info","msg":"page 6 stored"}
2026-03-01T10:00:01.123456789Z stderr F {"level":"error","msg":"page 7 has no body"}
""",
    ),
    RealLog(
        "journal as JSON",
        1,
        1,
        "page 7 refused",
        """\
{"PRIORITY":"6","MESSAGE":"started","_PID":"7","__REALTIME_TIMESTAMP":"1772359200000000"}
{"PRIORITY":"3","MESSAGE":"page 7 refused","_PID":"7","__REALTIME_TIMESTAMP":"1772359201000000"}
{"PRIORITY":"4","MESSAGE":"page 8 is long","_PID":"7","__REALTIME_TIMESTAMP":"1772359202000000"}
""",
    ),
    RealLog(
        "syslog with a priority",
        1,
        1,
        "page 7 refused",
        """\
<14>1 2026-03-01T10:00:00Z kb importer 7 - - started
<11>1 2026-03-01T10:00:01Z kb importer 7 - - page 7 refused
<12>1 2026-03-01T10:00:02Z kb importer 7 - - page 8 is long
""",
    ),
    RealLog(
        "GELF",
        1,
        0,
        "page 7 refused",
        """\
{"version":"1.1","host":"kb","short_message":"started","timestamp":1772359200,"level":6}
{"version":"1.1","host":"kb","short_message":"page 7 refused","timestamp":1772359201,"level":3}
""",
    ),
    RealLog(
        "pino",
        1,
        1,
        "page 7 refused",
        """\
{"level":30,"time":1772359200000,"pid":7,"msg":"started"}
{"level":50,"time":1772359201000,"pid":7,"msg":"page 7 refused"}
{"level":40,"time":1772359202000,"pid":7,"msg":"page 8 is long"}
""",
    ),
    RealLog(
        "Windows events as CSV",
        1,
        1,
        "The import service ended",
        """\
Level,Date and Time,Source,Event ID,Task Category,Message
Information,3/1/2026 10:00:00 AM,Importer,100,None,Started
Error,3/1/2026 10:00:01 AM,Importer,101,None,The import service ended unexpectedly
Warning,3/1/2026 10:00:02 AM,Importer,102,None,Slow
""",
    ),
    RealLog(
        "aws s3 cp",
        1,
        1,
        "Access Denied",
        """\
upload: ./kb/1.html to s3://kb/1.html
upload failed: ./kb/2.html to s3://kb/2.html An error occurred (AccessDenied) when calling PutObject: Access Denied
warning: Skipping file /kb/x. File does not exist.
""",
    ),
    RealLog(
        "npm",
        2,
        1,
        "code E404",
        """\
npm WARN deprecated har@5.1.5: not supported
npm ERR! code E404
npm ERR! 404 Not Found - GET https://registry.example/kb
""",
    ),
    RealLog(
        "Maven",
        1,
        1,
        "Failed to execute goal",
        """\
[INFO] Scanning for projects...
[WARNING] The POM is missing
[ERROR] Failed to execute goal org.kb:import:1.0:run on project kb: refused
""",
    ),
    RealLog(
        "pip",
        1,
        1,
        "No matching distribution",
        """\
Collecting kb
WARNING: Retrying after connection broken
ERROR: No matching distribution found for kb
""",
    ),
    RealLog(
        "dbt",
        1,
        0,
        "Database Error in model page",
        """\
10:00:00  Running with dbt=1.8.0
10:00:01  1 of 2 OK created sql table model kb.space
10:00:02  [error]: Database Error in model page (models/page.sql)
""",
    ),
    RealLog(
        "Airflow",
        1,
        1,
        "Task failed with exception",
        """\
[2026-03-01T10:00:00.123+0000] {taskinstance.py:1157} INFO - Dependencies all met
[2026-03-01T10:00:01.123+0000] {taskinstance.py:2731} ERROR - Task failed with exception
[2026-03-01T10:00:02.123+0000] {logging_mixin.py:188} WARNING - deprecated
""",
    ),
    RealLog(
        "Spark",
        1,
        1,
        "Lost executor 3",
        """\
26/03/01 10:00:00 INFO SparkContext: Running Spark version 3.5.0
26/03/01 10:00:01 ERROR TaskSchedulerImpl: Lost executor 3 on 10.0.0.7: killed
26/03/01 10:00:02 WARN TaskSetManager: Lost task 1.0 in stage 2.0
""",
    ),
    RealLog(
        "a table of pipes",
        1,
        0,
        "Pflichtfeld fehlt",
        """\
Nr|Status|Material|Meldung
1|OK|4711|
2|FEHLER|4712|Pflichtfeld fehlt
3|OK|4713|
""",
    ),
    RealLog(
        "a table of refused rows",
        2,
        0,
        "category is missing",
        """\
row;title;error
1;A;category is missing
2;B;category is missing
3;C;
""",
    ),
    RealLog(
        "one JSON document",
        1,
        0,
        "no owner",
        """\
{
  "job": 7,
  "items": [
    {
      "id": 1,
      "status": "OK"
    },
    {
      "id": 2,
      "status": "FAILED",
      "reason": "no owner"
    }
  ]
}
""",
    ),
    RealLog(
        "XML records",
        1,
        0,
        "topic 2 cannot be read",
        """\
<log>
<record>
 <level>INFO</level>
 <message>topic 1 read</message>
</record>
<record>
 <level>SEVERE</level>
 <message>topic 2 cannot be read</message>
</record>
</log>
""",
    ),
    RealLog(
        "java.util.logging",
        1,
        0,
        "page 7 refused",
        """\
Mar 01, 2026 10:00:00 AM org.kb.Loader load
INFO: page 6 stored
Mar 01, 2026 10:00:01 AM org.kb.Loader load
SEVERE: page 7 refused
""",
    ),
    RealLog(
        "logcat",
        1,
        1,
        "page 7 refused",
        """\
03-01 10:00:00.123  1234  1250 I Importer: started
03-01 10:00:01.123  1234  1250 E Importer: page 7 refused
03-01 10:00:02.123  1234  1250 W Importer: slow
""",
    ),
    RealLog(
        "Apache httpd",
        1,
        1,
        "script not found",
        """\
[Sun Mar 01 10:00:00.123456 2026] [mpm_event:notice] [pid 7:tid 8] AH00489: configured
[Sun Mar 01 10:00:01.123456 2026] [cgi:error] [pid 7:tid 8] [client 10.0.0.1:5] AH02811: script not found
[Sun Mar 01 10:00:02.123456 2026] [core:warn] [pid 7:tid 8] AH00045: slow
""",
    ),
    RealLog(
        "colours",
        1,
        1,
        "page 7 refused",
        """\
\x1b[32mINFO\x1b[0m  started
\x1b[31mERROR\x1b[0m page 7 refused
\x1b[33mWARN\x1b[0m  page 8 is long
""",
    ),
    RealLog(
        "results without levels",
        1,
        0,
        "no title",
        """\
Job 12
  page 1: ok
  page 2: FAILED (no title)
  page 3: ok
""",
    ),
    RealLog(
        "a Go panic",
        1,
        0,
        "panic: runtime error",
        """\
2026/03/01 10:00:00 started
panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.main()
\t/src/main.go:9 +0x1d
""",
    ),
    RealLog(
        "lines that state no level",
        0,
        0,
        "Kunde inte läsa sida 3",
        """\
Sida 1 klar
Sida 2 klar
Kunde inte läsa sida 3
""",
    ),
]
