/** The time ranges that the timeline can show. */

import type { Instant } from "./instant.ts";

/** How long a range is. */
export const windowKinds = ["night", "week", "month"] as const;

export type WindowKind = (typeof windowKinds)[number];

/** A half-open time range, `[from, to)`. */
export interface Span {
  readonly from: Instant;
  readonly to: Instant;
}

export interface Window extends Span {
  readonly kind: WindowKind;
}
