"""`world`, as the tests of the tables have it."""

from tests.sql.conftest import world as world
