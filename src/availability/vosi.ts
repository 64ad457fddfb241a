/** The availability document of the Virtual Observatory: IVOA VOSI 1.1. */

import { withoutControls } from "../input/text.ts";
import type { Instant } from "../time/instant.ts";

export interface VosiProps {
  readonly available: boolean;
  readonly upSince?: Instant | undefined;
  readonly downAt?: Instant | undefined;
  readonly backAt?: Instant | undefined;
  /** Human-readable notes. */
  readonly notes: readonly string[];
}

/** Returns the XML document. VOSI prescribes the order of its elements. */
export function vosiOf({ available, upSince, downAt, backAt, notes }: VosiProps): string {
  const elements = [
    element("available", String(available)),
    ...Object.entries({ upSince, downAt, backAt }).map(([name, at]) => (at ? element(name, at) : "")),
    ...notes.map((note) => element("note", note)),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<availability xmlns="http://www.ivoa.net/xml/VOSIAvailability/v1.0">',
    ...elements.filter(Boolean).map((line) => `  ${line}`),
    "</availability>",
    "",
  ].join("\n");
}

const element = (name: string, text: string) => `<${name}>${escaped(withoutControls(text))}</${name}>`;

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
