/** The settings, read from the environment. Invalid values stop startup with an error message. */

import { parseDuration } from "./time/duration.ts";

/** A setting's default, and how its value is parsed. */
interface Setting<T> {
  readonly default: T;
  /** What an empty value means; by default, unset. */
  readonly empty?: T;
  /** @throws InvalidSetting */
  readonly read: (text: string) => T;
}

/** The message continues "NAME must …". */
class InvalidSetting extends Error {}

const text = <T extends string | undefined>(byDefault: T): Setting<string | T> => ({
  default: byDefault,
  read: (value) => value,
});

const minSecretKeyLength = 16;

const secretKey: Setting<string | undefined> = {
  default: undefined,
  read: (value) => {
    if (value.length >= minSecretKeyLength) return value;
    throw new InvalidSetting(
      `have at least ${minSecretKeyLength} characters; \`openssl rand -hex 20\` generates a good one`,
    );
  },
};

const flag = (otherwise: boolean): Setting<boolean> => ({
  default: otherwise,
  read: (value) => {
    if (/^(true|t|yes|y|on|1)$/i.test(value)) return true;
    if (/^(false|f|no|n|off|0)$/i.test(value)) return false;
    throw new InvalidSetting("be true or false");
  },
});

const port = (otherwise: number): Setting<number> => ({
  default: otherwise,
  read: (value) => {
    if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
    throw new InvalidSetting("be a number from 0 to 65535");
  },
});

const count = <T extends number | undefined>(otherwise: T): Setting<number | T> => ({
  default: otherwise,
  read: (value) => {
    if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
    throw new InvalidSetting("be a whole number, 1 or greater");
  },
});

const duration = (otherwise: number): Setting<number> => ({
  default: otherwise,
  read: (value) => {
    const seconds = parseDuration(value);
    if (seconds !== undefined) return seconds;
    throw new InvalidSetting("be a duration such as 12 h or 1 d");
  },
});

const days: Setting<number | undefined> = {
  default: undefined,
  read: (value) => {
    if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
    throw new InvalidSetting("be a number of days from 1 to 99999");
  },
};

const choice = <const T extends string>(names: Readonly<Record<string, T>>, otherwise: T): Setting<T> => ({
  default: otherwise,
  read: (value) => {
    const found = Object.hasOwn(names, value) ? names[value] : undefined;
    if (found !== undefined) return found;
    throw new InvalidSetting(`be one of ${Object.keys(names).join(", ")}`);
  },
});

const url = (protocols: readonly string[]): Setting<string | undefined> => ({
  default: undefined,
  read: (value) => {
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    throw new InvalidSetting(`be a URL that starts with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`);
  },
});

const hosts: Setting<readonly string[]> = {
  default: ["*"],
  read: (value) => {
    const names = value
      .toLowerCase()
      .split(/[\s,]+/)
      .filter(Boolean);
    if (names.every((name) => /^(?:\*|\.?[a-z\d_-]+(?:\.[a-z\d_-]+)*|\[[\da-f:.]+\])$/.test(name))) return names;
    throw new InvalidSetting("be host names separated by commas, without ports; .example.org includes subdomains");
  },
};

const web = url(["http:", "https:"]);

const urlOrPath: Setting<string | undefined> = {
  default: undefined,
  // A single letter before the colon is a Windows drive.
  read: (value) => (/^[a-z][a-z\d+.-]+:/i.test(value) ? web.read(value) : value),
};

const origins: Setting<readonly string[]> = {
  default: [],
  read: (value) =>
    value
      .split(/[\s,]+/)
      .filter(Boolean)
      .map(readOrigin),
};

function readOrigin(value: string): string {
  if (value === "*") return value;
  const { protocol, origin, href } = URL.canParse(value) ? new URL(value) : { protocol: "", origin: "", href: "" };
  if (/^https?:$/.test(protocol) && href === `${origin}/`) return origin;
  throw new InvalidSetting("be origins such as https://portal.example, separated by commas, or *");
}

/** All settings. README.md explains them. */
export const settings = {
  HOST: text("127.0.0.1"),
  PORT: port(8000),
  SECRET_KEY: secretKey,
  DEBUG: flag(false),
  TRUST_PROXY: flag(false),
  CORS_ORIGINS: origins,
  ALLOWED_HOSTS: hosts,
  LOG_LEVEL: choice({ info: "info", warn: "warn", error: "error" }, "info"),
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
  DATABASE_URL: url(["postgres:", "postgresql:"]),
  CACHE_MB: count(64),
  CONFIGDB_URL: urlOrPath,
  HORIZON_DIP: flag(false),
  IGNORE_ORIGINAL: flag(false),
  MAX_LIMIT: count(undefined),
  LIST_SINCE_DAYS: days,
  LOGO_URL: text(undefined),
  BACKUP_DIR: text(undefined),
  /** In seconds. */
  BACKUP_EVERY: duration(86_400),
  BACKUP_KEEP: count(7),
  WRITE_ACCESS: choice({ staff: "staff", authenticated: "authenticated" }, "staff"),
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
  const read = ([name, setting]: [string, Setting<unknown>]) => {
    const value = environment[name]?.trim();
    try {
      if (value === "" && setting.empty !== undefined) return [name, setting.empty];
      return [name, value ? setting.read(value) : setting.default];
    } catch (error) {
      if (!(error instanceof InvalidSetting)) throw error;
      // Without the value, which may contain a password.
      problems.push(`${name} must ${error.message}`);
      return [name, undefined];
    }
  };
  const config = Object.fromEntries(Object.entries(settings).map(read)) as Config;
  if (environment.DATABASE_URL && (environment.DB_HOST || environment.DB_USER || environment.DB_PASS))
    problems.push("DATABASE_URL can't be combined with DB_HOST, DB_USER or DB_PASS");
  const missing = portalSettings.filter((name) => !config[name]);
  if (missing.length > 0 && (missing.length < portalSettings.length || config.OAUTH_CLIENT_SECRET))
    for (const name of missing) problems.push(`${name} must be set too, as other settings of the portal are`);
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return config;
}

/** Adds variables to the environment of this process, for a child process. */
export const childEnvironment = (more: Readonly<Record<string, string>>) => ({ ...process.env, ...more });
