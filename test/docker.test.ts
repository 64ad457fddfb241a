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

test("compose.yaml and the image use only existing settings", async () => {
  const compose = Bun.YAML.parse(await read("compose.yaml")) as {
    services: { downtime: { environment: Record<string, string>; read_only: boolean } };
  };
  const image = [...(await read("Dockerfile")).matchAll(/([A-Z_]+)=/g)].map(([, name]) => name ?? "");
  for (const name of [...Object.keys(compose.services.downtime.environment), ...image])
    expect(Object.keys(settings)).toContain(name);
  expect(compose.services.downtime.read_only).toBe(true);
});
