/** The settings, read from the environment. Invalid values stop startup with an error message. */

import type { DatabaseSettings } from "./database/open.ts";
import { isAddress } from "./database/postgres-address.ts";
import { readBasePath } from "./input/address.ts";
import { type DarkLimits, darkLimitMust, parseDarkLimits } from "./sky/dark-limit.ts";
import { parseDuration } from "./time/duration.ts";
import { parseInstant } from "./time/instant.ts";

/** @param must the error message continues "NAME must …" @param empty what an empty value means; by default, unset */
const setting = <T>(byDefault: T, must: string, read: (value: string) => T | undefined, empty = byDefault) => ({
  byDefault,
  must,
  read,
  empty,
});
type Setting<T> = ReturnType<typeof setting<T>>;

const text = <T extends string | undefined>(byDefault: T, must = "be a text", isValid = (_: string) => true) =>
  setting<string | T>(byDefault, must, (value) => (isValid(value) ? value : undefined));

const flag = setting(false, "be true or false", (value) => {
  if (/^(true|t|yes|y|on|1)$/i.test(value)) return true;
  return /^(false|f|no|n|off|0)$/i.test(value) ? false : undefined;
});

const whole = <T extends number | undefined>(byDefault: T, must: string, pattern: RegExp, max = Infinity) =>
  setting<number | T>(byDefault, must, (value) =>
    pattern.test(value) && Number(value) <= max ? Number(value) : undefined,
  );
const port = (byDefault: number) => whole(byDefault, "be a number from 0 to 65535", /^\d{1,5}$/, 65535);
const count = <T extends number | undefined>(byDefault: T) =>
  whole(byDefault, "be a whole number, 1 or greater", /^[1-9]\d{0,14}$/);

const choice = <const T extends string>(names: Readonly<Record<string, T>>, byDefault: NoInfer<T>) =>
  setting<T>(byDefault, `be one of ${Object.keys(names).join(", ")}`, (value) =>
    Object.hasOwn(names, value) ? names[value] : undefined,
  );

const url = (...protocols: readonly string[]) =>
  text(undefined, `be a URL that starts with ${protocols.join(" or ")}`, (value) =>
    protocols.includes(`${URL.parse(value)?.protocol}//`),
  );
const web = url("http://", "https://");

/** Words separated by commas or spaces. @param read returns undefined if the word is invalid */
const list = (
  must: string,
  read: (word: string, index: number, words: readonly string[]) => string | undefined,
  byDefault: readonly string[] = [],
) =>
  setting(byDefault, must, (value) => {
    const words = value.split(/[\s,]+/).filter(Boolean);
    const found = words.flatMap((...word) => read(...word) ?? []);
    return found.length === words.length ? found : undefined;
  });

const minSecretKeyLength = 16;
const isSecretKey = (value: string) => value.length >= minSecretKeyLength;

const hosts = list(
  "be host names separated by commas, without ports; .example.org includes subdomains",
  (word) => /^(?:\*|\.?[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/.exec(word.toLowerCase())?.[0],
  ["*"],
);

const origins = list("be origins such as https://portal.example, separated by commas, or *", (word) => {
  const url = URL.parse(word);
  if (word === "*") return word;
  return url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : undefined;
});

const semesters = list("be the first days of a year's semesters, in order, such as 02-01,08-01", (day, index, days) => {
  const isDay = /^\d{2}-\d{2}$/.test(day) && parseInstant(`2027-${day}T00:00:00Z`);
  return isDay && (days[index - 1] ?? "") < day ? day : undefined;
});

export const settings = {
  HOST: text("127.0.0.1"),
  PORT: port(8000),
  SECRET_KEY: text(
    undefined,
    `have at least ${minSecretKeyLength} characters; \`openssl rand -hex 20\` generates a good one`,
    isSecretKey,
  ),
  SECRET_KEY_PREVIOUS: list(`be keys of at least ${minSecretKeyLength} characters, separated by commas`, (word) =>
    isSecretKey(word) ? word : undefined,
  ),
  DEBUG: flag,
  TRUST_PROXY: flag,
  BASE_PATH: setting("", "be a path such as /downtime", readBasePath),
  CORS_ORIGINS: origins,
  ALLOWED_HOSTS: hosts,
  LOG_LEVEL: choice({ info: "info", warn: "warn", error: "error" }, "info"),
  LOG_ADDRESSES: flag,
  DB_ENGINE: choice(
    {
      sqlite: "sqlite",
      postgres: "postgres",
      "django.db.backends.sqlite3": "sqlite",
      "django.db.backends.postgresql": "postgres",
      "django.db.backends.postgresql_psycopg2": "postgres",
    },
    "sqlite",
  ),
  DB_NAME: text("db.sqlite3"),
  DB_HOST: { ...text("127.0.0.1"), empty: "" },
  DB_USER: text("postgres"),
  DB_PASS: text(""),
  DB_PORT: port(5432),
  DB_POOL_SIZE: count(10),
  DATABASE_URL: text(undefined, "be a URL that starts with postgres:// or postgresql://", isAddress),
  CACHE_MB: count(64),
  // A URL or a path. A single letter before the colon is a Windows drive.
  CONFIGDB_URL: { ...web, read: (value) => (/^[a-z][a-z\d+.-]+:/i.test(value) ? web.read(value) : value) },
  HORIZON_DIP: flag,
  DARK_LIMIT: setting<DarkLimits>({}, darkLimitMust, parseDarkLimits),
  IGNORE_ORIGINAL: flag,
  MAX_LIMIT: count(undefined),
  LIST_SINCE_DAYS: whole(undefined, "be a number of days from 1 to 99999", /^[1-9]\d{0,4}$/),
  LOGO_URL: text(undefined),
  BACKUP_DIR: text(undefined),
  /** In seconds. */
  BACKUP_EVERY: setting(86_400, "be a duration such as 12 h or 1 d", parseDuration),
  BACKUP_KEEP: count(7),
  SMTP_URL: url("smtp://", "smtps://"),
  NOTIFY_FROM: text(undefined),
  NOTIFY_ALLOW_PRIVATE: flag,
  WRITE_ACCESS: choice({ staff: "staff", authenticated: "authenticated" }, "staff"),
  OBS_PORTAL_URL: web,
  SEMESTERS: semesters,
  OAUTH_TOKEN_URL: web,
  OAUTH_PROFILE_URL: web,
  OAUTH_CLIENT_ID: text(""),
  OAUTH_CLIENT_SECRET: text(""),
  OAUTH_SERVER_KEY: text(""),
} as const satisfies Record<string, Setting<unknown>>;

/** Required together. A public OAuth client has no secret, and the server key is only for profiles that the portal pushes. */
const portalSettings = ["OAUTH_TOKEN_URL", "OAUTH_PROFILE_URL", "OAUTH_CLIENT_ID"] as const;

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never };

/** Invalid settings; the message has a line for each. */
export class ConfigError extends Error {}

/** Reads the settings. An empty value counts as unset unless `empty` says otherwise. @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const read = ([name, { byDefault, empty, must, read }]: [string, Setting<unknown>]) => {
    const value = environment[name]?.trim();
    if (!value) return [name, value === "" ? empty : byDefault];
    const found = read(value);
    // Without the value, which may contain a password.
    if (found === undefined) problems.push(`${name} must ${must}`);
    return [name, found];
  };
  const config = Object.fromEntries(Object.entries(settings).map(read)) as Config;
  if (environment.DATABASE_URL && (environment.DB_HOST || environment.DB_USER || environment.DB_PASS))
    problems.push("DATABASE_URL can't be combined with DB_HOST, DB_USER or DB_PASS");
  const missing = portalSettings.filter((name) => !config[name]);
  if (missing.length > 0 && (missing.length < portalSettings.length || config.OAUTH_CLIENT_SECRET))
    for (const name of missing) problems.push(`${name} must be set, because other OAUTH_ settings are`);
  if (config.SMTP_URL && !config.NOTIFY_FROM) problems.push("NOTIFY_FROM must be set, because SMTP_URL is");
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return config;
}

/** Returns the database's settings. `DATABASE_URL` implies PostgreSQL. */
export function databaseSettingsOf(config: Config): DatabaseSettings {
  if (config.DB_ENGINE === "sqlite" && !config.DATABASE_URL) return { engine: "sqlite", name: config.DB_NAME };
  const { DB_HOST, DB_PORT, DB_USER, DB_PASS, DB_NAME, DB_POOL_SIZE: connections } = config;
  const [host, user, password, name] = [DB_HOST, DB_USER, DB_PASS, DB_NAME].map(encodeURIComponent);
  // A URL with a user needs a host, so the empty parameter overrides it.
  const where = host ? `${host}:${DB_PORT}/${name}` : `localhost:${DB_PORT}/${name}?host=`;
  return { engine: "postgres", url: config.DATABASE_URL ?? `postgres://${user}:${password}@${where}`, connections };
}
