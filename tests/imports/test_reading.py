"""Files as people's programs write them."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from customers.imports import reading
from customers.imports.fields import fingerprint, guess_header, guess_mapping, read_row
from customers.imports.reading import Layout, UnreadableFileError, detect, read_rows, read_sample

HEAD = ["Nome", "CPF", "Celular"]


def _xlsx(rows: list[list[object]]) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_encodings_and_separators_are_recognised(encoding: str, delimiter: str) -> None:
    lines = [["Nome", "Observação"], ["João Ávila", "R$ 1.234"], ["Conceição", "ok"]]
    content = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    assert [cells for _line, cells in read_rows(content, detect(content))] == lines


def test_a_comma_inside_amounts_is_not_a_separator() -> None:
    content = b"cpf;valor\r\n52998224725;1.234,56\r\n11144477735;10,00\r\n"
    assert detect(content) == Layout("csv", "utf-8", ";")


def test_line_numbers_are_those_of_the_file() -> None:
    content = b'sep=;\r\nNome;Obs\r\n\r\n"Ana";"duas\r\nlinhas"\r\nJoao;x\r\n'
    rows = list(read_rows(content, detect(content)))
    assert rows == [(2, ["Nome", "Obs"]), (4, ["Ana", "duas\r\nlinhas"]), (6, ["Joao", "x"])]


def test_typed_cells_of_a_spreadsheet_become_what_a_person_would_have_written() -> None:
    content = _xlsx(
        [
            ["CPF", "Valor", "Data", "Hora", "Nome"],
            [
                52998224725,
                99.9,
                date(2026, 3, 5),
                datetime(2026, 3, 5, 14, 31),  # noqa: DTZ001
                "  Ana\xa0Prado ",
            ],
            [None, None, None, None, None],
            [1234567890.0, 0.1 + 0.2, None, None, "'=x"],
        ]
    )
    assert list(read_rows(content, detect(content))) == [
        (1, ["CPF", "Valor", "Data", "Hora", "Nome"]),
        (2, ["52998224725", "99.9", "05/03/2026", "05/03/2026 14:31:00", "Ana Prado"]),
        (4, ["1234567890", "0.3", "", "", "=x"]),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \r\n ", "empty"),
        (b"\xd0\xcf\x11\xe0rest", "old_excel"),
        (b"PK\x03\x04 not a zip", "broken"),
        (b"\x00\x01\x02\x03", "no_table"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableFileError) as refusal:
        read_sample(content, detect(content))
    assert refusal.value.reason == reason


def test_a_zip_that_is_no_spreadsheet_is_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFileError) as refusal:
        read_sample(file.getvalue(), detect(file.getvalue()))
    assert refusal.value.reason == "broken"


def test_what_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_UNPACKED", 1000)
    with pytest.raises(UnreadableFileError) as refusal:
        detect(_xlsx([["x" * 5000]]))
    assert refusal.value.reason == "too_large"


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    content = b"a;b\n" + b"1;2\n" * 4
    with pytest.raises(UnreadableFileError) as refusal:
        list(read_rows(content, detect(content)))
    assert refusal.value.reason == "too_many_rows"


@pytest.mark.parametrize(
    ("head", "mapping"),
    [
        (["Nome", "CPF", "Celular"], {"name": 0, "cpf": 1, "phone": 2}),
        (["DOC", "TELEFONE", "NOME DO CLIENTE"], {"cpf": 0, "phone": 1, "name": 2}),
        (["Código", "Nome completo", "Nº do CPF", "WhatsApp"], {"name": 1, "cpf": 2, "phone": 3}),
    ],
)
def test_columns_are_guessed_by_their_headings(head: list[str], mapping: dict[str, int]) -> None:
    sample = [head, [""] * len(head)]
    assert guess_mapping("customers", sample, has_header=True) == mapping


def test_columns_without_headings_are_guessed_by_what_is_in_them() -> None:
    sample = [
        ["11988880001", "529.982.247-25", "Ana Prado", "ana@cliente.example"],
        ["2133334444", "11144477735", "José Ávila", ""],
    ]
    assert guess_header(sample) is False
    assert guess_mapping("customers", sample, has_header=False) == {
        "name": 2,
        "cpf": 1,
        "phone": 0,
        "email": 3,
    }


@pytest.mark.parametrize(
    ("cells", "values", "problems"),
    [
        (
            ["  529.982.247-25", "R$ 1.234,56", "5/3/26 14:31", "7"],
            {"cpf": "52998224725", "amount": "1234.56", "sold_at": "2026-03-05T14:31:00-03:00", "code": "7"},
            [],
        ),
        (
            ["1234567890-9", "10", "2026-03-05", ""],
            {"cpf": "12345678909", "amount": "10", "sold_at": "2026-03-05T12:00:00-03:00"},
            [],
        ),
        (
            ["52998224726", "1,234", "31/02/2026", ""],
            {},
            [["cpf", "invalid"], ["amount", "invalid"], ["sold_at", "invalid"]],
        ),
        (
            ["", "0", "01/01/2126", ""],
            {},
            [["cpf", "required"], ["amount", "min_value"], ["sold_at", "future"]],
        ),
        (["52998224725"], {"cpf": "52998224725"}, [["amount", "required"]]),
    ],
)
def test_a_row_is_understood_or_says_what_is_wrong(
    cells: list[str], values: dict[str, str], problems: list[list[str]]
) -> None:
    mapping = {"cpf": 0, "amount": 1, "sold_at": 2, "code": 3}
    assert read_row("sales", cells, mapping) == (values, problems)


def test_the_same_row_has_the_same_fingerprint_however_it_is_written() -> None:
    first, _ = read_row("sales", ["529.982.247-25", "1.234,50"], {"cpf": 0, "amount": 1})
    second, _ = read_row("sales", ["1234.50", "52998224725"], {"cpf": 1, "amount": 0})
    other, _ = read_row("sales", ["1234.51", "52998224725"], {"cpf": 1, "amount": 0})
    assert fingerprint("sales", first) == fingerprint("sales", second) != fingerprint("sales", other)
