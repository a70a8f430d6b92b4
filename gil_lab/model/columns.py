"""What the fields of a record are called as columns of a CSV file, where not by their own names."""


class ColumnNames(tuple[str, ...]):
    """In the annotation of a field, the names of its columns: `Annotated[float, in_columns("pace_before_s")]`."""

    __slots__ = ()


def in_columns(*names: str) -> ColumnNames:
    """One name for each column: several if the field is a record itself, none if it is not kept in files."""
    return ColumnNames(names)
