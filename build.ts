#!/usr/bin/env bun
/**
 * Builds the whole program as one file in dist/: for this machine, for the platforms that are named as arguments, or with
 * `--all` for every platform; Bun fetches the others' runtime from the npm registry. `--image` also lays out dist/image, the
 * content of a container: the program and the libraries it is linked to.
 */

import { copyFile, mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import packageJson from "./package.json";

const platforms = [
  "linux-x64",
  "linux-arm64",
  "linux-x64-musl",
  "linux-arm64-musl",
  "darwin-x64",
  "darwin-arm64",
] as const;
type Platform = (typeof platforms)[number];

const root = import.meta.dir;
const dist = join(root, "dist");
const prefix = `downtime-${packageJson.version}-`;

/** @param platform undefined: this machine's, with the Bun that runs this. @returns the file's path */
async function build(platform?: Platform): Promise<string> {
  const outfile = join(dist, prefix + (platform ?? `${process.platform}-${process.arch}`));
  await Bun.build({
    // Workers are entries of their own: they are found beside the first when a thread is started.
    entrypoints: [join(root, "src/main.ts"), join(root, "src/worker.ts"), join(root, "src/backup-worker.ts")],
    // A bunfig.toml in the folder where the program is started could name code to run.
    compile: { outfile, autoloadBunfig: false, ...(platform && { target: `bun-${platform}` as const }) },
    // Identifiers stay: Elysia reads the text of handlers.
    minify: { whitespace: true, syntax: true },
    // Halves the time of a start.
    bytecode: true,
    format: "esm",
  });
  process.stdout.write(`${outfile}\n`);
  return outfile;
}

/** As `sha256sum -c` reads it, over all files of this version. */
async function writeSums(): Promise<void> {
  const names = (await readdir(dist)).filter((name) => name.startsWith(prefix)).sort();
  const lines = names.map(async (name) => {
    const hash = new Bun.CryptoHasher("sha256").update(await Bun.file(join(dist, name)).arrayBuffer());
    return `${hash.digest("hex")}  ${name}\n`;
  });
  await Bun.write(join(dist, "SHA256SUMS"), await Promise.all(lines));
}

/** The program, the libraries that it is linked to, and the folder for its data. */
async function layOutImage(program: string): Promise<void> {
  const image = join(dist, "image");
  await rm(image, { recursive: true, force: true });
  await mkdir(join(image, "data"), { recursive: true });
  const system = join(image, "root");
  const libraries = (await Bun.$`ldd ${program}`.text()).match(/\/\S+/g) ?? [];
  for (const library of libraries) {
    await mkdir(join(system, dirname(library)), { recursive: true });
    await copyFile(library, join(system, library));
  }
  await copyFile(program, join(system, "downtime"));
}

const wanted = process.argv.slice(2);
const isPlatform = (word: string): word is Platform => platforms.includes(word as Platform);
const unknown = wanted.find((word) => !isPlatform(word) && word !== "--all" && word !== "--image");
if (unknown) throw new Error(`unknown platform ${unknown}; there are ${platforms.join(", ")}, --all and --image`);
const others = wanted.includes("--all") ? platforms : wanted.filter(isPlatform);
if (others.length === 0 || wanted.includes("--image")) {
  const program = await build();
  if (wanted.includes("--image")) await layOutImage(program);
}
for (const platform of others)
  await build(platform).catch((error) => {
    process.stderr.write(`${prefix}${platform} can't be built: ${error}\n`);
    process.exitCode = 1;
  });
await writeSums();
