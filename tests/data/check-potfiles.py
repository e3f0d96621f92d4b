#!/usr/bin/env python3
# SPDX-FileCopyrightText: Sioscope contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file with translatable text is in po/POTFILES, and every file there exists.

usage: check-potfiles.py TOP"""

import pathlib
import re
import sys

top = pathlib.Path(sys.argv[1])
listed = [line.strip() for line in (top / 'po/POTFILES').read_text().splitlines()
          if line.strip() and not line.startswith('#')]

marks = {
    '.c': re.compile(r'(?<![A-Za-z0-9_])(_|N_|C_|NC_|ngettext|g_dngettext|g_dpgettext2) ?\('),
    '.ui': re.compile(r'translatable="(yes|true)"'),
}
needed = {str(path.relative_to(top))
          for path in (top / 'src').rglob('*')
          if path.suffix in marks and marks[path.suffix].search(path.read_text())}
needed |= {str(path.relative_to(top)) for path in (top / 'data').glob('*.in')}

wrong = False
for name in sorted(needed - set(listed)):
    print(f'{name}: has translatable text and is not in po/POTFILES')
    wrong = True
for name in sorted(set(listed) - needed):
    print(f'{name}: is in po/POTFILES and has no translatable text' if (top / name).exists()
          else f'{name}: is in po/POTFILES and does not exist')
    wrong = True
if listed != sorted(listed):
    print('po/POTFILES is not sorted')
    wrong = True
for lingua in (top / 'po/LINGUAS').read_text().split():
    if not (top / 'po' / f'{lingua}.po').exists():
        print(f'po/{lingua}.po does not exist')
        wrong = True
sys.exit(wrong)
