/** The migrations of each engine, in order. Imported by name, so that the one-file build contains them. */

import postgres1 from "../../sql/postgres/0001_initial.sql" with { type: "text" };
import postgres2 from "../../sql/postgres/0002_length.sql" with { type: "text" };
import postgres3 from "../../sql/postgres/0003_calendar.sql" with { type: "text" };
import postgres4 from "../../sql/postgres/0004_series.sql" with { type: "text" };
import postgres5 from "../../sql/postgres/0005_covering.sql" with { type: "text" };
import postgres6 from "../../sql/postgres/0006_whole_rows.sql" with { type: "text" };
import postgres7 from "../../sql/postgres/0007_change_set.sql" with { type: "text" };
import postgres8 from "../../sql/postgres/0008_series_warning.sql" with { type: "text" };
import postgres9 from "../../sql/postgres/0009_tokens.sql" with { type: "text" };
import postgres10 from "../../sql/postgres/0010_until_notice.sql" with { type: "text" };
import postgres11 from "../../sql/postgres/0011_category.sql" with { type: "text" };
import postgres12 from "../../sql/postgres/0012_activity.sql" with { type: "text" };
import sqlite1 from "../../sql/sqlite/0001_initial.sql" with { type: "text" };
import sqlite2 from "../../sql/sqlite/0002_length.sql" with { type: "text" };
import sqlite3 from "../../sql/sqlite/0003_calendar.sql" with { type: "text" };
import sqlite4 from "../../sql/sqlite/0004_series.sql" with { type: "text" };
import sqlite5 from "../../sql/sqlite/0005_covering.sql" with { type: "text" };
import sqlite6 from "../../sql/sqlite/0006_whole_rows.sql" with { type: "text" };
import sqlite7 from "../../sql/sqlite/0007_change_set.sql" with { type: "text" };
import sqlite8 from "../../sql/sqlite/0008_series_warning.sql" with { type: "text" };
import sqlite9 from "../../sql/sqlite/0009_tokens.sql" with { type: "text" };
import sqlite10 from "../../sql/sqlite/0010_until_notice.sql" with { type: "text" };
import sqlite11 from "../../sql/sqlite/0011_category.sql" with { type: "text" };
import sqlite12 from "../../sql/sqlite/0012_activity.sql" with { type: "text" };

/** The SQL of a migration by its file's name. */
export type Migrations = Readonly<Record<string, string>>;

export const migrations: Readonly<Record<"postgres" | "sqlite", Migrations>> = {
  postgres: {
    "0001_initial.sql": postgres1,
    "0002_length.sql": postgres2,
    "0003_calendar.sql": postgres3,
    "0004_series.sql": postgres4,
    "0005_covering.sql": postgres5,
    "0006_whole_rows.sql": postgres6,
    "0007_change_set.sql": postgres7,
    "0008_series_warning.sql": postgres8,
    "0009_tokens.sql": postgres9,
    "0010_until_notice.sql": postgres10,
    "0011_category.sql": postgres11,
    "0012_activity.sql": postgres12,
  },
  sqlite: {
    "0001_initial.sql": sqlite1,
    "0002_length.sql": sqlite2,
    "0003_calendar.sql": sqlite3,
    "0004_series.sql": sqlite4,
    "0005_covering.sql": sqlite5,
    "0006_whole_rows.sql": sqlite6,
    "0007_change_set.sql": sqlite7,
    "0008_series_warning.sql": sqlite8,
    "0009_tokens.sql": sqlite9,
    "0010_until_notice.sql": sqlite10,
    "0011_category.sql": sqlite11,
    "0012_activity.sql": sqlite12,
  },
};
