import { expect, test } from "bun:test";
import { as, draft, startService } from "../harness.ts";

test("a body that isn't UTF-8 is rejected in all formats, and nothing is stored", async () => {
  const service = await startService();
  try {
    const fields = { ...draft, reason: "Kühlung" };
    const parts = Object.entries(fields).map(
      ([name, value]) => `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const bodies: Record<string, readonly [type: string, text: string]> = {
      JSON: ["application/json", JSON.stringify(fields)],
      Form: [
        "application/x-www-form-urlencoded",
        Object.entries(fields)
          .map((pair) => pair.join("="))
          .join("&"),
      ],
      "Multipart form": ["multipart/form-data; boundary=x", `${parts.join("")}--x--\r\n`],
    };
    for (const [name, [type, text]] of Object.entries(bodies)) {
      const send = (body: Uint8Array) =>
        service.ask("/api/", { method: "POST", headers: { ...as("ada"), "content-type": type }, body } as RequestInit);
      // In ISO 8859-1 and Windows-1252.
      expect(await send(Uint8Array.from(text, (character) => character.charCodeAt(0)))).toEqual({
        status: 400,
        body: { detail: `${name} parse error - the body is not UTF-8` },
      });
      expect(await send(new TextEncoder().encode(text))).toMatchObject({ status: 201, body: { reason: "Kühlung" } });
    }
    expect((await service.ask<{ count: number }>("/api/")).body.count).toBe(3);
  } finally {
    await service.stop();
  }
});
