/** The settings: the only reader of the environment. A bad value stops the start and says what to put instead. */

/** One setting: what it is where nobody sets it, and how its text is read. */
interface Setting<T> {
  readonly default: T;
  /** What an empty text means; left out: the default. */
  readonly empty?: T;
  /** @throws Expected saying what should be there */
  readonly read: (text: string) => T;
}

class Expected extends Error {}

const text = <T extends string | undefined>(otherwise: T): Setting<string | T> => ({
  default: otherwise,
  read: (value) => value,
});

const shortestSecretKey = 16;

const secretKey: Setting<string | undefined> = {
  default: undefined,
  read: (value) => {
    if (value.length >= shortestSecretKey) return value;
    throw new Expected(`at least ${shortestSecretKey} characters; \`openssl rand -hex 20\` makes a good one`);
  },
};

const flag = (otherwise: boolean): Setting<boolean> => ({
  default: otherwise,
  read: (value) => {
    if (/^(true|t|yes|y|on|1)$/i.test(value)) return true;
    if (/^(false|f|no|n|off|0)$/i.test(value)) return false;
    throw new Expected("true or false");
  },
});

const port = (otherwise: number): Setting<number> => ({
  default: otherwise,
  read: (value) => {
    if (/^\d{1,5}$/.test(value) && Number(value) <= 65535) return Number(value);
    throw new Expected("a port, 0 to 65535");
  },
});

const count = <T extends number | undefined>(otherwise: T): Setting<number | T> => ({
  default: otherwise,
  read: (value) => {
    if (/^[1-9]\d{0,14}$/.test(value)) return Number(value);
    throw new Expected("a whole number, 1 or more");
  },
});

const days: Setting<number | undefined> = {
  default: undefined,
  read: (value) => {
    if (/^[1-9]\d{0,4}$/.test(value)) return Number(value);
    throw new Expected("a number of days, 1 to 99999");
  },
};

const choice = <const T extends string>(names: Readonly<Record<string, T>>, otherwise: T): Setting<T> => ({
  default: otherwise,
  read: (value) => {
    const found = Object.hasOwn(names, value) ? names[value] : undefined;
    if (found !== undefined) return found;
    throw new Expected(`one of ${Object.keys(names).join(", ")}`);
  },
});

const url = (protocols: readonly string[]): Setting<string | undefined> => ({
  default: undefined,
  read: (value) => {
    if (URL.canParse(value) && protocols.includes(new URL(value).protocol)) return value;
    throw new Expected(`a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`);
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
    throw new Expected(
      "names of hosts with commas between them and without ports; .example.org means all below it too",
    );
  },
};

const web = url(["http:", "https:"]);

const urlOrPath: Setting<string | undefined> = {
  default: undefined,
  // One letter before the colon is a drive.
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
  throw new Expected("origins such as https://portal.example, separated by commas, or *");
}

/** Every setting. README.md says what each means. */
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
  WRITE_ACCESS: choice({ staff: "staff", authenticated: "authenticated" }, "staff"),
  OAUTH_TOKEN_URL: web,
  OAUTH_PROFILE_URL: web,
  OAUTH_CLIENT_ID: text(""),
  OAUTH_CLIENT_SECRET: text(""),
  OAUTH_SERVER_KEY: text(""),
} as const satisfies Record<string, Setting<unknown>>;

/** Needed together. A public OAuth client has no secret, and the server key is only for changes that the portal sends. */
const portalSettings = ["OAUTH_TOKEN_URL", "OAUTH_PROFILE_URL", "OAUTH_CLIENT_ID"] as const;

type Settings = typeof settings;
export type Config = { readonly [Name in keyof Settings]: Settings[Name] extends Setting<infer T> ? T : never };

/** Settings that can't be used; the message has a line for each. */
export class ConfigError extends Error {}

/**
 * Reads the settings. An empty value counts as unset, unless the setting says what it means.
 * @throws ConfigError naming every bad one
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const problems: string[] = [];
  const read = ([name, setting]: [string, Setting<unknown>]) => {
    const value = environment[name]?.trim();
    try {
      if (value === "" && setting.empty !== undefined) return [name, setting.empty];
      return [name, value ? setting.read(value) : setting.default];
    } catch (error) {
      if (!(error instanceof Expected)) throw error;
      // A value may hold a password, so it isn't repeated.
      problems.push(`${name}: expected ${error.message}`);
      return [name, undefined];
    }
  };
  const config = Object.fromEntries(Object.entries(settings).map(read)) as Config;
  if (environment.DATABASE_URL && (environment.DB_HOST || environment.DB_USER || environment.DB_PASS))
    problems.push("DATABASE_URL: expected instead of DB_HOST, DB_USER and DB_PASS, not beside them");
  const missing = portalSettings.filter((name) => !config[name]);
  if (missing.length > 0 && (missing.length < portalSettings.length || config.OAUTH_CLIENT_SECRET))
    for (const name of missing) problems.push(`${name}: expected, since other settings of the portal are there`);
  if (problems.length > 0) throw new ConfigError(problems.join("\n"));
  return config;
}
