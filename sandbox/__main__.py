"""The sandbox's only entry point: `python -m sandbox serve`, or `manage` for Django's own commands."""

import argparse
import errno
import fcntl
import os
import sys
from pathlib import Path
from typing import IO

import django
from django.conf import settings
from django.core.management import execute_from_command_line

from sandbox import datasets
from sandbox.server import HOST, Server, listen

DEFAULT_PORT = "8001"
DEFAULT_CUSTOMERS = "2000"


def main(arguments: list[str]) -> int:
    """Read the command line and do as it says; the exit code."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"
    if arguments[:1] == ["manage"]:
        execute_from_command_line(["python -m sandbox manage", *arguments[1:]])
        return 0
    options = parser().parse_args(arguments)
    if options.db:
        os.environ["SANDBOX_DB"] = str(options.db)
    os.environ["SANDBOX_CUSTOMERS"] = str(options.customers)
    return serve(port=options.port, dataset=options.dataset)


def parser() -> argparse.ArgumentParser:
    """The command line; what is not given comes from the environment."""
    top = argparse.ArgumentParser(prog="python -m sandbox", description="Ambiente de testes das plataformas.")
    commands = top.add_subparsers(dest="command", required=True)
    command = commands.add_parser("serve", help="inicia o ambiente de testes em 127.0.0.1")
    environment = os.environ.get
    command.add_argument("--port", type=port_number, default=environment("SANDBOX_PORT") or DEFAULT_PORT)
    command.add_argument("--dataset", type=dataset_name, default=environment("DATASET") or "demo")
    command.add_argument("--db", type=Path, help="arquivo do banco de dados (SANDBOX_DB)")
    command.add_argument(
        "--customers",
        type=positive,
        default=environment("SANDBOX_CUSTOMERS") or DEFAULT_CUSTOMERS,
        help="clientes de demonstração da credencial sandbox-laravel",
    )
    commands.add_parser("manage", help="comandos do Django, por exemplo makemigrations")
    return top


def port_number(text: str) -> int:
    """A TCP port; 0 lets the system choose."""
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError(f"{port}: use 0 a 65535")
    return port


def positive(text: str) -> int:
    """A whole number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number}: use 1 ou mais")
    return number


def dataset_name(text: str) -> str:
    """One of the datasets; checked here because it may come from the environment."""
    if text not in datasets.DATASETS:
        raise argparse.ArgumentTypeError(f"{text}: use {' ou '.join(datasets.DATASETS)}")
    return text


def serve(*, port: int, dataset: str) -> int:
    """Check first what could go wrong, then prepare the data and serve; 1 with one clear line on failure."""
    django.setup()
    if problem := datasets.writable_place():
        return failed(f"Não é possível gravar o banco de dados em {problem}. Use --db ou SANDBOX_DB.")
    lock = locked(datasets.lock_file())
    if lock is None:
        return failed(f"O banco de dados {settings.SANDBOX_DB} já está em uso por outro ambiente de testes.")
    try:
        listener = listen(port)
    except OSError as error:
        reason = "já está em uso" if error.errno == errno.EADDRINUSE else "não pode ser aberta"
        return failed(f"A porta {port} {reason}. Escolha outra com --port ou SANDBOX_PORT.")
    datasets.open_live(dataset)
    number = listener.getsockname()[1]
    Server(listener=listener, ready=f"Ambiente de testes pronto em http://{HOST}:{number}/").run()
    return 0


def locked(file: Path) -> IO[str] | None:
    """Hold a lock for this process; None when another one holds it. Freed when the process ends."""
    lock = file.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def failed(line: str) -> int:
    """Say why it did not start."""
    print(line, file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        # Ctrl-C while the data were being prepared; what was half made is made anew next time.
        sys.exit(130)
