"""The SMTP server that keeps the demo's mail as files."""

from __future__ import annotations

import smtplib
import stat
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

from trial_edc.launcher import mail, processes


def test_a_message_is_kept_as_a_private_file(tmp_path: Path) -> None:
    message = EmailMessage()
    message["From"] = "trial-edc@localhost"
    message["To"] = "coordinator@site-01.example"
    message["Message-ID"] = "<reminder.1@trial>"
    message["Subject"] = "随访窗口已开放"
    message.set_content("链接见下。")
    service, url = mail.start(tmp_path)
    try:
        with smtplib.SMTP(urlsplit(url).hostname or "", urlsplit(url).port or 0, timeout=20) as client:
            client.send_message(message)
    finally:
        processes.stop([service])
    kept = list((tmp_path / "mail").iterdir())
    assert [(path.suffix, oct(stat.S_IMODE(path.stat().st_mode))) for path in kept] == [(".eml", "0o600")]
    lines = kept[0].read_bytes().splitlines()
    assert lines[0] == b"X-Envelope-To: coordinator@site-01.example"
    assert b"Message-ID: <reminder.1@trial>" in lines
