#!/usr/bin/env python
"""Command line of the program; `manage.py help` lists the commands."""

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smartbis_admin.settings")

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
