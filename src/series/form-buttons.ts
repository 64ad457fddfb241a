/** The buttons of the form that save nothing: they preview, and add or remove a location. */

import { emptyPlace } from "../facility/facility.ts";
import { locationInput, locationsIn, type SeriesFormInput, withLocations } from "./form-input.ts";

/** The input after a button of the form; undefined: the button saves. */
export function afterButton(button: string, input: SeriesFormInput): SeriesFormInput | undefined {
  if (button === "preview") return input;
  if (button === "add") return withLocations(input, [...locationsIn(input), emptyPlace]);
  const suggested = /^reason-(.*)$/s.exec(button)?.[1];
  if (suggested !== undefined) return { ...input, reason: suggested };
  const removed = /^remove-(\d+)$/.exec(button)?.[1];
  if (removed === undefined) return undefined;
  return withLocations(input, locationsIn(input).toSpliced(Number(removed), 1));
}

/** Focuses the last location after one was added or removed. */
export function focusAfter(input: SeriesFormInput, before: SeriesFormInput) {
  const count = locationsIn(input).length;
  return count === locationsIn(before).length ? {} : { focus: locationInput(count - 1, "site") };
}
