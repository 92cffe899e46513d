"""Two examples of each verb, with which its help begins; a test runs them through the parser."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, str]] = {
    "get": ("fetch get shenzhen", "fetch get tcia/LIDC-IDRI --modality CT --limit 10 --dry-run"),
    "list": ("fetch list --access open --modality MR", "fetch list --held"),
    "show": ("fetch show shenzhen", "fetch show oasis/3"),
    "adopt": ("fetch adopt adni ~/Downloads/ADNI1.zip", "fetch adopt jsrt JSRT/ --move"),
    "search": ("fetch search lung CT", "fetch search prostate --json"),
    "add": ("fetch add zenodo:162231", "fetch add hf:OWNER/NAME --name mine"),
    "demo": ("fetch demo", "fetch demo --keep demo/"),
    "apply": ("fetch apply adni --owner ada --purpose 'atrophy rates'", "fetch apply oasis/3"),
    "tasks": ("fetch tasks --overdue", "fetch tasks done adni account --evidence mail.pdf"),
    "accept": ("fetch accept LicenseRef-OASIS-DUA", "fetch accept LicenseRef-OASIS-DUA --name 'Ada L.'"),
    "login": ("fetch login https://data.example.org/", "fetch login https://data.example.org/ --user ada"),
    "grant": ("fetch grant adni --until 2027-11-22 --evidence letter.pdf", "fetch grant adni --note 'by mail'"),
    "deny": ("fetch deny adni --evidence letter.pdf", "fetch deny adni --on 2026-11-20 --note 'by mail'"),
    "renew": ("fetch renew adni --until 2028-11-22 --evidence letter.pdf", "fetch renew adni --note 'by mail'"),
    "close": ("fetch close adni", "fetch close adni --note 'the study is over'"),
    "permit": (
        "fetch permit shenzhen commercial --evidence letter.pdf",
        "fetch permit shenzhen train --note 'by mail'",
    ),
    "remind": (
        "fetch remind --to mailto://user:password@example.org --dry-run",
        "fetch remind --to https://example.org/hook",
    ),
    "logout": ("fetch logout https://data.example.org/", "fetch logout data.example.org"),
    "logins": ("fetch logins", "fetch logins --json"),
    "status": ("fetch status", "fetch status adni --json"),
    "verify": ("fetch verify", "fetch verify shenzhen --phi"),
    "audit": ("fetch audit --use train --use publish-model", "fetch audit --scan /data --strict"),
    "report": ("fetch report --html account.html", "fetch report --html account.html --offline"),
    "outdated": ("fetch outdated", "fetch outdated tcia/LIDC-IDRI --json"),
    "licence": ("fetch licence 'CC BY 4.0'", "fetch licence 'Public domain' --url https://example.org/terms"),
    "release": ("fetch release jsrt", "fetch release adni --yes --reason 'the agreement ended'"),
    "doctor": ("fetch doctor", "fetch doctor --network"),
    "view": (
        "fetch view shenzhen --to train/ --split 80/10/10 --seed 1 --use train",
        "fetch view tcia/LIDC-IDRI --to ct/ --link sym --datalist monai",
    ),
    "files": ("fetch files --parquet files.parquet", "fetch files shenzhen --csv"),
    "overlap": ("fetch overlap", "fetch overlap shenzhen --no-pixels"),
    "cite": ("fetch cite shenzhen tcia/LIDC-IDRI", "fetch cite adni --json"),
    "lock": ("fetch lock", "fetch lock shenzhen oasis -o paper.lock"),
    "sync": ("fetch sync", "fetch sync paper.lock --dry-run"),
    "statement": ("fetch statement", "fetch statement shenzhen --tex"),
    "export": ("fetch export --croissant corpus.json", "fetch export shenzhen --bagit bag/"),
    "push": (
        "fetch push shenzhen s3://BUCKET/PREFIX",
        "fetch push shenzhen s3://BUCKET/PREFIX --endpoint http://127.0.0.1:9000",
    ),
}
