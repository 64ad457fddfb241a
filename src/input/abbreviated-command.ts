/** A command whose long options may be cut short, as Python's argparse allows: `--dur` for `--duration-hours`. */

import { Command } from "commander";

export class AbbreviatedCommand extends Command {
  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    return super.parseOptions(this.#spellOut(args));
  }

  /** The arguments with each option in full; what follows an option that takes a value, or `--`, stays as it is. */
  #spellOut(args: readonly string[]): string[] {
    const spelt: string[] = [];
    for (let index = 0; index < args.length; index++) {
      const arg = args[index] ?? "";
      if (arg === "--") return [...spelt, ...args.slice(index)];
      const [name = "", ...value] = arg.split("=");
      const option = this.options.find(({ short, long }) => name === short || name === long) ?? this.#complete(name);
      spelt.push([option?.long?.startsWith(name) ? option.long : name, ...value].join("="));
      if (option?.required && value.length === 0 && index + 1 < args.length) spelt.push(args[++index] ?? "");
    }
    return spelt;
  }

  /** @throws CommanderError when several options begin so */
  #complete(name: string) {
    const found = /^--./.test(name) ? this.options.filter(({ long }) => long?.startsWith(name)) : [];
    if (found.length > 1)
      this.error(`error: option '${name}' may be any of ${found.map(({ long }) => long).join(", ")}`);
    return found[0];
  }
}
