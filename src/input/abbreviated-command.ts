/** A command that accepts unambiguous prefixes of long options, as Python's argparse does: `--dur` for `--duration-hours`. */

import { Command } from "commander";

export class AbbreviatedCommand extends Command {
  override parseOptions(args: string[]): ReturnType<Command["parseOptions"]> {
    return super.parseOptions(this.#expand(args));
  }

  /** Expands prefixes of options. Leaves option values and everything after `--` unchanged. */
  #expand(args: readonly string[]): string[] {
    const expanded: string[] = [];
    for (let index = 0; index < args.length; index++) {
      const arg = args[index] ?? "";
      if (arg === "--") return [...expanded, ...args.slice(index)];
      const [name = "", ...value] = arg.split("=");
      const option = this.options.find(({ short, long }) => name === short || name === long) ?? this.#complete(name);
      expanded.push([option?.long?.startsWith(name) ? option.long : name, ...value].join("="));
      if (option?.required && value.length === 0 && index + 1 < args.length) expanded.push(args[++index] ?? "");
    }
    return expanded;
  }

  /** @throws CommanderError if several options have this prefix */
  #complete(name: string) {
    const found = /^--./.test(name) ? this.options.filter(({ long }) => long?.startsWith(name)) : [];
    if (found.length > 1)
      this.error(`error: option '${name}' is ambiguous: ${found.map(({ long }) => long).join(", ")}`);
    return found[0];
  }
}
