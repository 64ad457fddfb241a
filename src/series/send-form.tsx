/** @jsxImportSource @kitajs/html */
/** Sends the form: as a page, or alone to htmx. */

import { asksForPart, type Visit } from "../account/staff-page.ts";
import { EditFormPage } from "../ui/edit-form.tsx";
import { sendPage } from "../ui/page-context.ts";
import { SeriesForm, type SeriesFormProps } from "./edit-form-view.tsx";

export function sendForm({ caller, frame }: Visit, title: string, props: SeriesFormProps, status: number) {
  const form = <SeriesForm {...props} />;
  const page = (
    <EditFormPage {...frame} title={title}>
      {form}
    </EditFormPage>
  );
  return sendPage(asksForPart(caller.request) ? form : page, caller.request, status);
}
