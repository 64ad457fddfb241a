import { describe, expect, test } from "bun:test";
import { ConfigError, readConfig } from "../src/config.ts";
import { runCommand } from "./harness.ts";

const problemsOf = (environment: Record<string, string>) => {
  try {
    readConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split("\n");
    throw error;
  }
  return [];
};

describe("the settings", () => {
  test("have defaults that work anywhere", () => {
    expect(readConfig({})).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 8000,
      DEBUG: false,
      DB_ENGINE: "sqlite",
      DB_NAME: "db.sqlite3",
      DB_PORT: 5432,
      WRITE_ACCESS: "staff",
      CONFIGDB_URL: undefined,
    });
  });

  test("that are empty count as unset", () => expect(readConfig({ PORT: "", DB_NAME: "  " })).toEqual(readConfig({})));

  test("treat an empty DB_HOST as the local socket, as OCS Downtime does", () => {
    expect(readConfig({ DB_HOST: "" }).DB_HOST).toBe("");
    expect(readConfig({ DB_HOST: " " }).DB_HOST).toBe("");
    expect(readConfig({}).DB_HOST).toBe("127.0.0.1");
  });

  test("accept Python's words for true and false", () => {
    for (const yes of ["T", "t", "true", "Yes", "y", "ON", "1"]) expect(readConfig({ DEBUG: yes }).DEBUG).toBe(true);
    for (const no of ["F", "f", "False", "no", "N", "off", "0"]) expect(readConfig({ DEBUG: no }).DEBUG).toBe(false);
  });

  test("of the portal don't require a secret, since a public client has none", () => {
    const portal = {
      OAUTH_TOKEN_URL: "https://portal.example/o/token/",
      OAUTH_PROFILE_URL: "https://portal.example/api/profile/",
      OAUTH_CLIENT_ID: "downtime",
    };
    for (const secret of [{}, { OAUTH_CLIENT_SECRET: "" }])
      expect(readConfig({ ...portal, ...secret }).OAUTH_CLIENT_SECRET).toBe("");
    expect(problemsOf({ ...portal, OAUTH_CLIENT_ID: "" })).toHaveLength(1);
    expect(problemsOf({ OAUTH_CLIENT_SECRET: "alone" })).toHaveLength(3);
  });

  test("of semesters are days of every year, in order", () => {
    expect(readConfig({ SEMESTERS: "02-01, 08-01" }).SEMESTERS).toEqual(["02-01", "08-01"]);
    for (const bad of ["08-01,02-01", "02-01,02-01", "02-29", "13-01", "2-1", "2027-02-01", "February"])
      expect(problemsOf({ SEMESTERS: bad })).toEqual([
        "SEMESTERS must be the first days of a year's semesters, in order, such as 02-01,08-01",
      ]);
  });

  test("of e-mail belong together", () => {
    const SMTP_URL = "smtps://user:secret@mail.example.org";
    expect(problemsOf({ SMTP_URL })).toEqual(["NOTIFY_FROM must be set, because SMTP_URL is"]);
    expect(problemsOf({ SMTP_URL: "mail.example.org" })).toEqual([
      "SMTP_URL must be a URL that starts with smtp:// or smtps://",
    ]);
    expect(readConfig({ SMTP_URL, NOTIFY_FROM: "Downtime <d@example.org>" }).SMTP_URL).toBe(SMTP_URL);
  });

  test("accept durations as the pages do", () => {
    expect(readConfig({}).BACKUP_EVERY).toBe(86_400);
    expect(readConfig({ BACKUP_EVERY: "1 h 30 min" }).BACKUP_EVERY).toBe(5400);
    for (const BACKUP_EVERY of ["often", "0 h", "12"])
      expect(problemsOf({ BACKUP_EVERY })).toEqual(["BACKUP_EVERY must be a duration such as 12 h or 1 d"]);
  });

  test("accept origins as browsers write them, and nothing else", () => {
    const read = (CORS_ORIGINS: string) => readConfig({ CORS_ORIGINS }).CORS_ORIGINS;
    expect(readConfig({}).CORS_ORIGINS).toEqual([]);
    expect(read("https://Portal.example:443/, http://localhost:3000 *")).toEqual([
      "https://portal.example",
      "http://localhost:3000",
      "*",
    ]);
    for (const bad of [
      "portal.example",
      "https://portal.example/app",
      "ftp://a.example",
      "null",
      "https://u@a.example",
    ])
      expect(problemsOf({ CORS_ORIGINS: bad })).toEqual([
        "CORS_ORIGINS must be origins such as https://portal.example, separated by commas, or *",
      ]);
  });

  test("accept Django's names of the engines", () => {
    for (const name of ["sqlite", "django.db.backends.sqlite3"])
      expect(readConfig({ DB_ENGINE: name }).DB_ENGINE).toBe("sqlite");
    for (const name of ["postgres", "django.db.backends.postgresql", "django.db.backends.postgresql_psycopg2"])
      expect(readConfig({ DB_ENGINE: name }).DB_ENGINE).toBe("postgres");
  });

  test("that are invalid are all listed, with what is valid and without their values", () => {
    expect(
      problemsOf({
        PORT: "80a",
        DB_PORT: "65536",
        DEBUG: "maybe",
        DB_ENGINE: "oracle",
        WRITE_ACCESS: "all",
        LIST_SINCE_DAYS: "0",
        CONFIGDB_URL: "ftp://secret",
      }),
    ).toEqual([
      "PORT must be a number from 0 to 65535",
      "DEBUG must be true or false",
      "DB_ENGINE must be one of sqlite, postgres, django.db.backends.sqlite3, django.db.backends.postgresql, django.db.backends.postgresql_psycopg2",
      "DB_PORT must be a number from 0 to 65535",
      "CONFIGDB_URL must be a URL that starts with http:// or https://",
      "LIST_SINCE_DAYS must be a number of days from 1 to 99999",
      "WRITE_ACCESS must be one of staff, authenticated",
    ]);
    expect(problemsOf({ DB_ENGINE: "constructor" })).toHaveLength(1);
  });

  test("can't combine DATABASE_URL and DB_HOST", () => {
    expect(problemsOf({ DATABASE_URL: "postgres://db/downtime", DB_HOST: "db" })).toHaveLength(1);
  });

  test("with an impossible path of the database stop startup", async () => {
    const { status, errors } = await runCommand(["migrate"], { DB_NAME: "/nowhere/at/all.sqlite3" });
    expect([status, errors.split("\n").length]).toEqual([1, 2]);
    expect(errors).toStartWith("The database file /nowhere/at/all.sqlite3 can't be opened: ");
  });

  test("that are invalid stop startup, with a line and no stack trace", async () => {
    const { status, errors } = await runCommand(["serve"], { PORT: "eighty" });
    expect([status, errors]).toEqual([1, "PORT must be a number from 0 to 65535\n"]);
  });
});

test("a short SECRET_KEY is rejected", () => {
  expect(() => readConfig({ SECRET_KEY: "123456789012345" })).toThrow("SECRET_KEY must have at least 16 characters");
  expect(readConfig({ SECRET_KEY: "1234567890123456" }).SECRET_KEY).toBe("1234567890123456");
});
