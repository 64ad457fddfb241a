/** What the OpenAPI document says of `/vosi/availability`. */

import { Type } from "@sinclair/typebox";
import { parameter, problem, unavailable } from "../http/openapi.ts";
import { parseInstant } from "../time/instant.ts";
import { vosiOf } from "./vosi.ts";

const code = (name: string, description: string, example: string) =>
  parameter(name, Type.String({ description, examples: [example] }));

export const vosiDetail = {
  detail: {
    tags: ["Operation"],
    operationId: "getVosiAvailability",
    summary: "Whether a telescope can be used, for the Virtual Observatory",
    description:
      "IVOA VOSI 1.1. A telescope is available unless a downtime blocks the whole of it or ConfigDB calls it inactive; downtimes that overlap or touch count as one. Without `telescope`: the service itself.",
    parameters: [
      code("telescope", "The telescope's code.", "1m0a"),
      code("site", "Its site, where several have a telescope of that code.", "sud"),
      code("enclosure", "Its enclosure, likewise.", "doma"),
    ],
    security: [{}],
    responses: {
      200: {
        description: "The availability.",
        content: {
          "text/xml": {
            schema: { type: "string" as const },
            example: vosiOf({ available: false, backAt: parseInstant("2027-01-15T09:45:00Z"), notes: ["Mirror wash"] }),
          },
        },
      },
      400: problem(
        "Several telescopes have this code.",
        "There are several telescopes 1m0a. Say which: site=nor&enclosure=doma, site=sud&enclosure=doma.",
      ),
      404: problem("There is no such telescope.", "ConfigDB knows no such telescope."),
      503: unavailable,
    },
  },
};
