import { expect, test } from "bun:test";
import { forTerminal } from "../../src/input/text.ts";

test("control characters are escaped for terminals", () => {
  const shown = {
    "\u001b[2J\u001b[31mred": "\\u001b[2J\\u001b[31mred",
    "\u009b2J": "\\u009b2J",
    "a\u0007b\u0008c\u007f": "a\\u0007b\\u0008c\\u007f",
    "over\rwritten": "over\\u000dwritten",
    "\u202egpj.exe": "\\u202egpj.exe",
    "kept\ttabs\nand lines\r\n": "kept\ttabs\nand lines\r\n",
    "ẞ é 望遠鏡 🔭": "ẞ é 望遠鏡 🔭",
  };
  for (const [text, expected] of Object.entries(shown)) expect(forTerminal(text)).toBe(expected);
});
