"""Names of files that people do not type."""

import unicodedata

NAMES = (
    *("", " ", ".", "..", "...", "/", "//", "a/", "./a.png", "../a.png", "..\\a.png", "a/../../b.png", "a\\..\\..\\b.png"),
    *("/etc/passwd", "C:\\Windows\\a.png", "C:a.png", "\\\\host\\share\\a.png", "file:///a.png", "~/a.png"),
    *("CON", "con.png", "NUL.tif", "aux.png.", "COM1.png", "a.png:stream", "a.png ", "a.png.", "a?.png", "a*.png"),
    *("a\0.png", "a\n.png", "a\r\nSet-Cookie: x=1.png", "a\t.png", "\x1b[31ma.png", "a\x7f.png", "\x85a.png"),
    *("\u202egnp.a", "a\u200b.png", "\ufeffa.png", "\u2066a\u2069.png", "\ufffe.png", "\ud800.png", "\U000e0041.png"),
    *(unicodedata.normalize("NFC", "Gefüge.png"), unicodedata.normalize("NFD", "Gefüge.png"), "Å.png", "Å.png", "ﬁ.png"),
    *("x" * 251 + ".png", "x" * 256 + ".png", "ü" * 200 + ".png", "x" * 5000 + ".png", "/".join("a" * 500) + ".png"),
    *("<script>alert(1)</script>.png", "\"><img src=x onerror=alert(1)>.png", "{{ 7*7 }}.png", "=1+1.png", "'; --.png"),
    *("-rf", "--help", "$(id).png", "`id`.png", "a;b.png", "a,b.png", 'a"b.png', "%2e%2e%2fa.png", "%00.png", ".htaccess"),
    *(".hidden.png", "__MACOSX/._a.png", "Thumbs.db", "a.png/b.png", "a.PNG", "a.png.exe", "a.tif.png", "😀.png", "İ.png"),
)
