import { expect, test } from "bun:test";
import packageJson from "../package.json";
import { settings } from "../src/config.ts";

const read = (name: string) => Bun.file(`${import.meta.dir}/../${name}`).text();

test("the image has the package's version of Bun, and runs without root", async () => {
  const dockerfile = await read("Dockerfile");
  const images = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  expect(images).toEqual([`oven/bun:${packageJson.dependencies.bun}-slim`, "scratch"]);
  expect(dockerfile).toMatch(/\nUSER [1-9]\d+:[1-9]\d+\n/);
});

test("compose.yaml passes every setting on, and the image sets nothing else", async () => {
  const compose = Bun.YAML.parse(await read("compose.yaml")) as {
    services: { downtime: { environment: Record<string, string>; read_only: boolean } };
  };
  const image = [...(await read("Dockerfile")).matchAll(/([A-Z_]+)=/g)].map(([, name]) => name ?? "");
  for (const name of image) expect(Object.keys(settings)).toContain(name);
  const { environment, read_only } = compose.services.downtime;
  // The image sets the first two; the others would name another database than the one of this file.
  const left = ["HOST", "PORT", "DB_PORT", "DATABASE_URL"];
  expect([...Object.keys(environment), ...left].sort()).toEqual(Object.keys(settings).sort());
  for (const [name, value] of Object.entries(environment))
    if (!["DB_ENGINE", "DB_HOST", "DB_NAME", "DB_USER", "DB_PASS"].includes(name)) expect(value).toBe(`\${${name}:-}`);
  expect(read_only).toBe(true);
});
