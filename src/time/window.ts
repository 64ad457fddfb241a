/** Spans of time, and the windows of a timeline. */

import type { Instant } from "./instant.ts";

/** How much of time the picture shows. */
export const windowKinds = ["night", "week", "month"] as const;

export type WindowKind = (typeof windowKinds)[number];

/** A stretch of time, `[from, to)`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export interface Window extends Span {
  readonly kind: WindowKind;
}
