/** The settings, read from the environment. Invalid values stop startup with an error message. */

import { isAddress } from "./database/postgres-address.ts";
import { readBasePath } from "./input/address.ts";
import { type DarkLimits, darkLimitMust, parseDarkLimits } from "./sky/dark-limit.ts";
import { parseDuration } from "./time/duration.ts";
import { parseInstant } from "./time/instant.ts";

/** A setting: its default, and how its value is parsed. */
interface Setting<T> {
  readonly default: T;
  /** What an empty value means; by default, unset. */
  readonly empty?: T;
  /** What a value must be; the error message continues "NAME must …". */
  readonly must: string;
  /** Parses a value; returns undefined if it is invalid. */
  readonly read: (text: string) => T | undefined;
}

const setting = <T>(byDefault: T, must: string, read: Setting<T>["read"]): Setting<T> => ({
  default: byDefault,
  must,
  read,
});

const text = <T extends string | undefined>(byDefault: T) =>
  setting<string | T>(byDefault, "be a text", (value) => value);

const minSecretKeyLength = 16;

const secretKey = setting<string | undefined>(
  undefined,
  `have at least ${minSecretKeyLength} characters; \`openssl rand -hex 20\` generates a good one`,
  (value) => (value.length >= minSecretKeyLength ? value : undefined),
);

const flag = (byDefault: boolean) =>
  setting(byDefault, "be true or false", (value) => {
    if (/^(true|t|yes|y|on|1)$/i.test(value)) return true;
    return /^(false|f|no|n|off|0)$/i.test(value) ? false : undefined;
  });

/** A whole number whose digits match a pattern. */
const whole = <T extends number | undefined>(byDefault: T, must: string, pattern: RegExp, max = Infinity) =>
  setting<number | T>(byDefault, must, (value) =>
    pattern.test(value) && Number(value) <= max ? Number(value) : undefined,
  );

const port = (byDefault: number) => whole(byDefault, "be a number from 0 to 65535", /^\d{1,5}$/, 65535);
const count = <T extends number | undefined>(byDefault: T) =>
  whole(byDefault, "be a whole number, 1 or greater", /^[1-9]\d{0,14}$/);
const days = whole(undefined, "be a number of days from 1 to 99999", /^[1-9]\d{0,4}$/);

/** @param byDefault in seconds */
const duration = (byDefault: number) => setting(byDefault, "be a duration such as 12 h or 1 d", parseDuration);

const choice = <const T extends string>(names: Readonly<Record<string, T>>, byDefault: NoInfer<T>) =>
  setting<T>(byDefault, `be one of ${Object.keys(names).join(", ")}`, (value) =>
    Object.hasOwn(names, value) ? names[value] : undefined,
  );

const url = (must: string, isValid: (value: string) => boolean) =>
  setting<string | undefined>(undefined, must, (value) => (isValid(value) ? value : undefined));
const urlOf = (protocols: readonly [string, string]) =>
  url(`be a URL that starts with ${protocols.join(" or ")}`, (value) =>
    protocols.includes(`${URL.parse(value)?.protocol}//`),
  );
const web = urlOf(["http://", "https://"]);

const listOf = (value: string) => value.split(/[\s,]+/).filter(Boolean);

const secretKeys = setting<readonly string[]>(
  [],
  `be keys of at least ${minSecretKeyLength} characters, separated by commas`,
  (value) => (listOf(value).every((key) => key.length >= minSecretKeyLength) ? listOf(value) : undefined),
);

const hosts = setting<readonly string[]>(
  ["*"],
  "be host names separated by commas, without ports; .example.org includes subdomains",
  (value) => {
    const names = listOf(value.toLowerCase());
    const isName = (name: string) => /^(?:\*|\.?[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/.test(name);
    return names.every(isName) ? names : undefined;
  },
);

const urlOrPath: Setting<string | undefined> = {
  ...web,
  // A single letter before the colon is a Windows drive.
  read: (value) => (/^[a-z][a-z\d+.-]+:/i.test(value) ? web.read(value) : value),
};

const origins = setting<readonly string[]>(
  [],
  "be origins such as https://portal.example, separated by commas, or *",
  (value) => {
    const read = listOf(value).flatMap((one) => (one === "*" ? one : (originOf(URL.parse(one)) ?? [])));
    return read.length === listOf(value).length ? read : undefined;
  },
);

const semesters = setting<readonly string[]>(
  [],
  "be the first days of a year's semesters, in order, such as 02-01,08-01",
  (value) => {
    const days = listOf(value);
    const isDay = (day: string) => /^\d{2}-\d{2}$/.test(day) && parseInstant(`2027-${day}T00:00:00Z`);
    return days.every((day, index) => isDay(day) && (days[index - 1] ?? "") < day) ? days : undefined;
  },
);

const originOf = (url: URL | null): string | undefined =>
  url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/` ? url.origin : undefined;

/** All settings. README.md explains them. */
export const settings = {
  HOST: text("127.0.0.1"),
  PORT: port(8000),
  SECRET_KEY: secretKey,
  SECRET_KEY_PREVIOUS: secretKeys,
  DEBUG: flag(false),
  TRUST_PROXY: flag(false),
  BASE_PATH: setting("", "be a path such as /downtime", readBasePath),
  CORS_ORIGINS: origins,
  ALLOWED_HOSTS: hosts,
  LOG_LEVEL: choice({ info: "info", warn: "warn", error: "error" }, "info"),
  LOG_ADDRESSES: flag(false),
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
  DATABASE_URL: url("be a URL that starts with postgres:// or postgresql://", isAddress),
  CACHE_MB: count(64),
  CONFIGDB_URL: urlOrPath,
  HORIZON_DIP: flag(false),
  DARK_LIMIT: setting<DarkLimits>({}, darkLimitMust, parseDarkLimits),
  IGNORE_ORIGINAL: flag(false),
  MAX_LIMIT: count(undefined),
  LIST_SINCE_DAYS: days,
  LOGO_URL: text(undefined),
  BACKUP_DIR: text(undefined),
  /** In seconds. */
  BACKUP_EVERY: duration(86_400),
  BACKUP_KEEP: count(7),
  SMTP_URL: urlOf(["smtp://", "smtps://"]),
  NOTIFY_FROM: text(undefined),
  NOTIFY_ALLOW_PRIVATE: flag(false),
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

/**
 * Reads the settings. An empty value counts as unset, unless `empty` gives its meaning.
 * @throws ConfigError with every invalid one
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const read = ([name, { default: byDefault, empty, must, read }]: [string, Setting<unknown>]) => {
    const value = environment[name]?.trim();
    if (!value) return [name, value === "" ? (empty ?? byDefault) : byDefault];
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
    for (const name of missing) problems.push(`${name} must be set too, as other settings of the portal are`);
  if (config.SMTP_URL && !config.NOTIFY_FROM) problems.push("NOTIFY_FROM must be set too, as SMTP_URL is");
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return config;
}

/** Adds variables to the environment of this process, for a child process. */
export const childEnvironment = (more: Readonly<Record<string, string>>) => ({ ...process.env, ...more });
